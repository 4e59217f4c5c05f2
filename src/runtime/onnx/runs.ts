import { ErfitError } from "../../core/error.ts";
import { sameShape, type Tensor } from "../../core/tensor.ts";
import { type Graph, pruned } from "../../graph/graph.ts";
import { exportModel } from "../../onnx/export.ts";
import { requireShape } from "../fed-tensor.ts";
import type {
  ForwardNetwork,
  ForwardRequest,
  DifferentiatedNetwork,
  DifferentiationRequest,
} from "../network.ts";
import { refuseNonFinite, type OnnxModel, runsWorthThreads, startingAt } from "./model.ts";
import { createSession } from "../onnxruntime.ts";
import { columnProducts } from "../rewrites/column-products.ts";
import { fastGradient } from "../rewrites/fast-gradient.ts";
import { divided, openPool } from "../workers/pool.ts";

/** A graph made ready to run, image after image. */
interface OnnxProgram {
  /** Runs that are computed at the same time; more wait for their turn. */
  readonly simultaneous: number;
  /** Takes the graph's inputs by name, and more; @returns its outputs, in their order */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<readonly Tensor[]>;
  release(): Promise<void>;
}

interface ProgramOptions {
  /** What the program computes, for messages. */
  readonly purpose: string;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
  /** Programs that run side by side, this one among them. */
  readonly programs?: number;
  /** Runs that are to come. */
  readonly images: number;
}

/** Loads a graph into ONNX Runtime: into one session for one image, into one for each thread for several. */
async function openProgram(
  graph: Graph,
  { purpose, threads, programs = 1, images }: ProgramOptions,
): Promise<OnnxProgram> {
  // One image has all threads inside each operator, and the caller waits for it anyway.
  const division = divided(graph, threads, images, programs);
  // Beside others even one session needs a thread of its own, or they would wait for each other.
  const pooled =
    images > 1 && (division.sessions * division.threadsEach > 1 || (programs > 1 && threads !== 1));
  const session = pooled
    ? await openPool(graph, purpose, division)
    : await createSession(exportModel(graph), purpose, { threads, optimization: "all" });

  /** What the graph reads of the feeds: a gradient need not depend on the image. */
  const read = (feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(
      graph.inputs.map(({ name, shape }) => {
        const tensor = feeds[name];
        if (tensor !== undefined && sameShape(tensor.shape, shape)) return [name, tensor];
        throw new ErfitError(
          `${purpose} reads "${name}" of shape [${shape.join(", ")}], found ${tensor === undefined ? "none" : `[${tensor.shape.join(", ")}]`}`,
        );
      }),
    );
  return {
    simultaneous: pooled ? division.sessions : 1,
    async run(feeds) {
      const results = await session.run(read(feeds));
      return graph.outputs.map(({ name }) => {
        const tensor = results[name];
        if (tensor === undefined)
          throw new ErfitError(`ONNX Runtime returned no "${name}"`, { kind: "failure" });
        return tensor;
      });
    },
    release: () => session.release(),
  };
}

/** Makes ready the part of a network that computes the requested tensors. */
export async function forward(model: OnnxModel, request: ForwardRequest): Promise<ForwardNetwork> {
  const { file, threads } = model;
  const image = model.image.name;
  const { outputs, from = image, images = 1 } = request;
  const [fed, wanted] = [model.valueNamed(from), outputs.map(model.valueNamed)];
  const pruning = pruned(startingAt(model, fed, wanted), wanted);
  const graph = columnProducts(pruning) ?? pruning;
  refuseNonFinite(graph, file);
  const purpose = `the run to ${outputs.map((name) => `"${name}"`).join(", ")} in ${file}`;
  const program = await openProgram(graph, {
    purpose,
    threads,
    images: runsWorthThreads(graph, fed, image, images),
  });
  return {
    simultaneous: program.simultaneous,
    async run(input) {
      requireShape(input, fed, { image, file });
      return program.run({ [fed.name]: input });
    },
    release: () => program.release(),
  };
}

/** Makes a gradient ready, as one program with the tensors that are requested alongside. */
export async function differentiate(
  model: OnnxModel,
  request: DifferentiationRequest,
): Promise<DifferentiatedNetwork> {
  const { file, threads } = model;
  const image = model.image.name;
  const { objective, from = image, withRespectTo = from, images = 1, programs = 1, cone = true } = request;
  const fed = model.valueNamed(from);
  const target = model.valueNamed(request.target);
  const source = model.valueNamed(withRespectTo);
  const alongside = (request.alongside ?? []).map(model.valueNamed);
  const { graph } = fastGradient(startingAt(model, fed, [target, source, ...alongside]), {
    target,
    objective,
    withRespectTo: source,
    alongside,
    cone,
  });
  refuseNonFinite(graph, file);
  const purpose = `the gradient of "${target.name}" in ${file}`;
  const program = await openProgram(graph, {
    purpose,
    threads,
    programs,
    images: runsWorthThreads(graph, fed, image, images),
  });
  return {
    simultaneous: program.simultaneous,
    async run(feeds) {
      requireShape(feeds.image, fed, { image, file });
      const [gradient, ...others] = await program.run({
        [fed.name]: feeds.image,
        ...(objective.kind === "cotangent" && feeds.cotangent !== undefined
          ? { [objective.name]: feeds.cotangent }
          : {}),
      });
      if (gradient?.dtype !== "float32")
        throw new ErfitError(`${purpose} is ${gradient?.dtype ?? "absent"}, not float32`, {
          kind: "failure",
        });
      return { gradient, alongside: others };
    },
    release: () => program.release(),
  };
}
