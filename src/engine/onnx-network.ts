import { availableParallelism } from "node:os";
import { gradientGraph } from "../autodiff/gradient.ts";
import { receptiveField } from "../autodiff/receptive-field/receptive-field.ts";
import { dependents, type Graph, type Value } from "../graph/graph.ts";
import { ErfitError } from "../math/error.ts";
import { sameShape, type Tensor } from "../math/tensor.ts";
import { exportModel } from "../onnx/export.ts";
import { importModel } from "../onnx/import.ts";
import { imageInput } from "./image-input.ts";
import type { DifferentiatedNetwork, DifferentiationRequest, Feeds, Network, TensorInfo } from "./network.ts";
import { createSession, runOnce, runtimeName } from "./onnxruntime.ts";
import { openPool } from "./workers/pool.ts";

export interface OnnxOptions {
  /** Name for messages. */
  readonly file: string;
  readonly readExternal: (location: string) => Promise<Uint8Array>;
  readonly inputShape?: readonly number[];
  readonly inputName?: string;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
}

/** A worker has activations of its own, some 100 MB each: more than these only when asked for. */
const defaultWorkers = (): number => Math.min(16, availableParallelism());

/** Tensors computed from the image, in topological order. */
function tensorsOf(graph: Graph, input: Value): readonly TensorInfo[] {
  const reached = dependents(graph, [input.name]);
  return graph.nodes.flatMap((node) =>
    node.outputs
      .filter(({ name, dtype }) => reached.has(name) && dtype === "float32")
      .map(({ name, shape }) => ({
        name,
        shape,
        module: node.source?.module,
        operator: node.op === "Opaque" ? node.attributes.opType : node.op,
      })),
  );
}

/** Opens an ONNX model for running and differentiating in ONNX Runtime. */
export async function openOnnx(bytes: Uint8Array, options: OnnxOptions): Promise<Network> {
  const { file, readExternal, inputShape, inputName, threads } = options;
  const model = await importModel(bytes, {
    file,
    readExternal,
    run: (part, feeds, purpose) => runOnce(part, feeds, `a run to ${purpose}`),
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
  const tensors = tensorsOf(graph, model.input);
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
    const { target, objective, withRespectTo = input.name, alongside = [], images = 1 } = request;
    const { graph: program, gradient } = gradientGraph(graph, {
      target: valueNamed(target),
      objective,
      withRespectTo: valueNamed(withRespectTo),
      alongside: alongside.map(valueNamed),
    });
    const purpose = `the gradient of "${target}" in ${file}`;
    const simultaneous = Math.min(images, threads === 0 ? defaultWorkers() : threads);
    const session =
      simultaneous > 1
        ? await openPool(program, purpose, simultaneous)
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
      simultaneous,
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
    nonFiniteWeights: model.nonFinite,
    receptiveField: (tensor, cell) =>
      receptiveField(graph, model.input, valueNamed(tensor), cell, input.layout === "NCHW" ? [2, 3] : [1, 2]),
    differentiate,
  };
}
