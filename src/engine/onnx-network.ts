import { workKept } from "../autodiff/cone/work.ts";
import { gradientGraph } from "../autodiff/gradient.ts";
import { receptiveField } from "../autodiff/receptive-field/receptive-field.ts";
import { axisMeanings } from "../graph/axes/axes.ts";
import { dependents, type Graph, type Value } from "../graph/graph.ts";
import { nonFiniteConstants } from "../onnx/non-finite.ts";
import { ErfitError } from "../math/error.ts";
import { listed } from "../math/listed.ts";
import { sameShape, type Tensor } from "../math/tensor.ts";
import { exportModel } from "../onnx/export.ts";
import type { ReadExternal } from "../onnx/file/external-data.ts";
import type { WeightsFile } from "../onnx/file/stored-bytes.ts";
import { importModel } from "../onnx/import.ts";
import { imageInput } from "./image-input.ts";
import type { DifferentiatedNetwork, DifferentiationRequest, Feeds, Network, TensorInfo } from "./network.ts";
import { createSession, runOnce, runtimeName } from "./onnxruntime.ts";
import { divided } from "./workers/division.ts";
import { openPool } from "./workers/pool.ts";

export interface OnnxOptions {
  /** Name for messages. */
  readonly file: string;
  readonly readExternal: ReadExternal;
  /** The file itself, from which weights are read when they are needed. */
  readonly ownFile?: WeightsFile;
  readonly inputShape?: readonly number[];
  readonly inputName?: string;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
}

function refuseNonFinite({ constants }: Graph, file: string): void {
  const names = nonFiniteConstants(constants);
  if (names.length === 0) return;
  throw new ErfitError(`${file}: weights on the way to the target hold NaN or infinity: ${listed(names)}`, {
    remedy: "export the model again from a checkpoint that is sound",
  });
}

type SpatialAxes = readonly [rows: number, columns: number];

/** Tensors computed from the image, in topological order. */
function tensorsOf(graph: Graph, input: Value, spatial: SpatialAxes): readonly TensorInfo[] {
  const reached = dependents(graph, [input.name]);
  const meanings = axisMeanings(graph, input, spatial);
  return graph.nodes.flatMap((node) =>
    node.outputs
      .filter(({ name, dtype }) => reached.has(name) && dtype === "float32")
      .map(({ name, shape }) => ({
        name,
        shape,
        module: node.source?.module,
        operator: node.op === "Opaque" ? node.attributes.opType : node.op,
        axes: meanings.get(name),
      })),
  );
}

/** Opens an ONNX model for running and differentiating in ONNX Runtime. */
export async function openOnnx(bytes: Uint8Array, options: OnnxOptions): Promise<Network> {
  const { file, readExternal, ownFile, inputShape, inputName, threads } = options;
  const model = await importModel(bytes, {
    file,
    readExternal,
    run: (part, feeds, purpose) => runOnce(part, feeds, `a run to ${purpose}`),
    ...(ownFile === undefined ? {} : { ownFile }),
    ...(inputShape === undefined ? {} : { inputShape }),
    ...(inputName === undefined ? {} : { inputName }),
  }).catch((thrown: unknown) => {
    // Nothing of erfit's own is in the graph yet: what does not run is the user's model.
    if (thrown instanceof ErfitError && thrown.kind === "failure")
      throw new ErfitError(`${file}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  });
  const { graph } = model;
  const input = imageInput(model.input, file);
  const spatial: SpatialAxes = input.layout === "NCHW" ? [2, 3] : [1, 2];
  const tensors = tensorsOf(graph, model.input, spatial);
  const [firstOutput] = graph.outputs;
  const output = tensors.find(({ name }) => name === firstOutput?.name);
  if (output === undefined)
    throw new ErfitError(`${file}: the model's output does not depend on its image input "${input.name}"`);

  const values = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value) => [value.name, value] as const)),
  );
  values.set(model.input.name, model.input);
  const valueNamed = (name: string): Value => {
    const value = values.get(name);
    if (value === undefined) throw new ErfitError(`${file}: no tensor named "${name}"`);
    return value;
  };

  async function differentiate(request: DifferentiationRequest): Promise<DifferentiatedNetwork> {
    const {
      target,
      objective,
      withRespectTo = input.name,
      alongside = [],
      images = 1,
      cone = true,
    } = request;
    const { graph: program, gradient } = gradientGraph(graph, {
      target: valueNamed(target),
      objective,
      withRespectTo: valueNamed(withRespectTo),
      alongside: alongside.map(valueNamed),
      cone,
    });
    refuseNonFinite(program, file);
    const purpose = `the gradient of "${target}" in ${file}`;
    // One image has all threads inside each operator, and the caller waits for it anyway.
    const division = divided(program, threads, images);
    const pooled = images > 1 && division.sessions * division.threadsEach > 1;
    const session = pooled
      ? await openPool(program, purpose, division)
      : await createSession(exportModel(program), purpose, { threads, optimisation: "all" });
    const needsImage = program.inputs.some(({ name }) => name === input.name);
    const fed = (feeds: Feeds): Record<string, Tensor> => {
      if (!sameShape(feeds.image.shape, input.shape)) {
        throw new ErfitError(
          `the image tensor has shape [${feeds.image.shape.join(", ")}], but ${file} takes [${input.shape.join(", ")}] at "${input.name}"`,
        );
      }
      return {
        ...(needsImage ? { [input.name]: feeds.image } : {}),
        ...(objective.kind === "cotangent" && feeds.cotangent !== undefined
          ? { [objective.name]: feeds.cotangent }
          : {}),
      };
    };
    return {
      simultaneous: pooled ? division.sessions : 1,
      async run(feeds) {
        const outputs = await session.run(fed(feeds));
        const tensor = (name: string): Tensor => {
          const value = outputs[name];
          if (value === undefined)
            throw new ErfitError(`ONNX Runtime returned no "${name}"`, { kind: "failure" });
          return value;
        };
        const result = tensor(gradient.name);
        if (result.dtype !== "float32")
          throw new ErfitError(`the gradient is ${result.dtype}, not float32`, { kind: "failure" });
        return { gradient: result, alongside: alongside.map(tensor) };
      },
      release: () => session.release(),
    };
  }

  return {
    engine: runtimeName,
    input,
    output,
    tensors,
    offPath: model.offPath,
    remarks: model.widened.map((type) => `${file}: ${type} was turned into float32`),
    metadata: model.metadata,
    receptiveField: (tensor, cell) => receptiveField(graph, model.input, valueNamed(tensor), cell, spatial),
    workKept: (tensor, cell) => workKept(graph, valueNamed(tensor), cell),
    differentiate,
  };
}
