import * as tf from "@tensorflow/tfjs-core";
import { ErfitError } from "../../math/error.ts";
import { float32, sizeOf, type Shape } from "../../math/tensor.ts";
import { imageInput } from "../image-input.ts";
import { blamingFile } from "../misfit.ts";
import type { Network, NetworkOutput, TensorInfo } from "../network.ts";
import { readFrom } from "../outputs.ts";
import type { BackendName } from "./backends/names.ts";
import { openBackend } from "./backends/open.ts";
import { forwardError } from "./blame.ts";
import { endingOf } from "./ending.ts";
import { differentiate } from "./differentiate.ts";
import { forward } from "./forward.ts";
import { registerCompositions } from "./gradients/register.ts";
import { readTfjs, type TfjsFile } from "./model/files.ts";
import type { TfjsModel } from "./tfjs-model.ts";
import { graphProgram } from "./model/graph-program.ts";
import { layersProgram } from "./model/layers-program.ts";
import { needed, towards, type DeclaredInput, type Program } from "./model/program.ts";
import { toTfjs } from "./pull-back.ts";
import { scoped } from "./scoped.ts";
import { windowedField } from "./window.ts";

export interface TfjsOptions {
  /** Path, for messages. */
  readonly file: string;
  /** Reads a file of weights beside the model. */
  readonly readWeights: (location: string) => Promise<Uint8Array>;
  readonly inputShape?: readonly number[];
  readonly inputName?: string;
  readonly threads: number;
  /** The fastest that starts, where none is asked for. */
  readonly backend?: BackendName;
}

/** One image in the shape that the file leaves open or states. */
function inputShape(
  { name, shape }: DeclaredInput,
  given: readonly number[] | undefined,
  file: string,
): Shape {
  const [, ...extents] = shape ?? [null, null, null, null];
  const declared = [1, ...extents];
  const shown = (open: readonly (number | null)[]) => `[${open.map((extent) => extent ?? "?").join(", ")}]`;
  if (given !== undefined) {
    const fits =
      given.length === declared.length &&
      declared.every((extent, k) => extent === null || extent === given[k]);
    if (fits) return given;
    throw new ErfitError(
      `${file}: --input-shape ${given.join(",")} does not fit input "${name}" ${shown(declared)}`,
    );
  }
  const known = declared.flatMap((extent) => (extent === null ? [] : [extent]));
  if (known.length === declared.length) return known;
  throw new ErfitError(`${file}: input "${name}" has the open shape ${shown(declared)}`, {
    remedy: "give --input-shape 1,height,width,3",
  });
}

const programOf = (model: TfjsFile, file: string, inputName: string | undefined): Promise<Program> =>
  model.nodes === null
    ? layersProgram(model, file, inputName)
    : graphProgram({ ...model, nodes: model.nodes }, file, inputName);

/** Names of weights that hold NaN or infinity. */
function nonFinite({ weightSpecs, weightData }: TfjsFile): readonly string[] {
  return scoped(() =>
    Object.entries(tf.io.decodeWeights(weightData, weightSpecs)).flatMap(([name, weight]) =>
      weight.dtype === "float32" && !weight.dataSync().every(Number.isFinite) ? [name] : [],
    ),
  );
}

/** More elements than this in an image (256 MiB of float32), or in all tensors of a model for one, are no network's. */
const mostInput = 2 ** 26;
const mostElements = 2 ** 31;

/** @throws ErfitError where a size is none, or asks for more memory than any network does */
function checkSizes(shapes: Iterable<Shape>, most: number, what: string): void {
  let total = 0;
  for (const shape of shapes) {
    if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
      throw new ErfitError(`${what} has the impossible shape [${shape.join(", ")}]`);
    total += sizeOf(shape);
  }
  if (total > most) throw new ErfitError(`${what} would take ${total} numbers; erfit takes ${most}`);
}

/** What is known of a tensor before it is computed. */
interface Type {
  readonly dtype: "float32" | "int32";
  readonly shape: Shape;
}

/** Types of the tensors: shapes that the file states, else those of one run. TF.js has float32 beside integers alone. */
function typesOf({ input, steps, shapes, ...program }: Program, shape: Shape): ReadonlyMap<string, Type> {
  if (shapes !== undefined)
    return new Map([...shapes].map(([name, stated]) => [name, { dtype: "float32", shape: stated }]));
  return scoped(() => {
    const names = steps.map(({ name }) => name);
    const given = new Map([[input.name, tf.zeros([...shape])]]);
    program.requireSizes?.(given, steps);
    const values = program.evaluate(given, names);
    return new Map(
      values.map((value, k): [string, Type] => [
        names[k] ?? "",
        { dtype: value.dtype === "float32" ? "float32" : "int32", shape: [...value.shape] },
      ]),
    );
  });
}

/** The program and its types; without those of several outputs that cannot be computed (boxes picked one by one). */
function typed(
  program: Program,
  shape: Shape,
): { readonly program: Program; readonly types: ReadonlyMap<string, Type> } {
  try {
    return { program, types: typesOf(program, shape) };
  } catch (thrown) {
    const computable = program.outputs.filter((output) => {
      try {
        return typesOf(towards(program, [output]), shape).size > 0;
      } catch {
        return false;
      }
    });
    if (program.outputs.length < 2 || computable.length === 0) throw thrown;
    const part = towards(program, computable);
    return { program: part, types: typesOf(part, shape) };
  }
}

/** Opens a TF.js model, of layers or of graph nodes, for running and differentiating. */
export const openTfjs = (bytes: Uint8Array, options: TfjsOptions): Promise<Network> =>
  blamingFile(options.file, () => opened(bytes, options));

async function opened(bytes: Uint8Array, options: TfjsOptions): Promise<Network> {
  const { file, readWeights, inputName, threads } = options;
  const model = await readTfjs(bytes, file, readWeights);
  const backend = await openBackend(options.backend, threads);
  const broken = nonFinite(model);
  registerCompositions();
  const whole = await programOf(model, file, inputName);
  const { name } = whole.input;
  const input = imageInput({ name, shape: inputShape(whole.input, options.inputShape, file) }, file);
  checkSizes([input.shape], mostInput, `${file}: the image input "${name}"`);
  checkSizes(whole.shapes?.values() ?? [], mostElements, `${file}: what the model computes`);

  const blank = () => toTfjs(float32(input.shape, new Float32Array(sizeOf(input.shape))));
  let ready: ReturnType<typeof typed>;
  try {
    ready = typed(whole, input.shape);
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    throw scoped(() =>
      forwardError(whole, { name, value: blank() }, whole.outputs.slice(0, 1), backend.name, file, thrown),
    );
  }
  const { program, types } = ready;
  const all = program.steps.flatMap(({ name: own, module, operator }): NetworkOutput[] => {
    const type = types.get(own);
    return type === undefined ? [] : [{ name: own, ...type, module, operator }];
  });
  const tensors: readonly TensorInfo[] = all.filter(({ dtype }) => dtype === "float32");
  const outputs = program.outputs.flatMap((own) => all.filter((tensor) => tensor.name === own));
  const [first] = outputs;
  if (first === undefined)
    throw new ErfitError(`${file}: the model's output does not depend on its image input "${name}"`);
  const steps = new Map(program.steps.map((step) => [step.name, step]));
  const ending = (tensor: string) =>
    endingOf(steps, tensor, (own) => own === name || types.get(own)?.dtype === "float32");

  const shapeOf = (tensor: string): Shape => {
    const type = types.get(tensor);
    const shape = tensor === name ? input.shape : type?.dtype === "float32" ? type.shape : undefined;
    if (shape === undefined) throw new ErfitError(`${file}: no tensor named "${tensor}"`);
    return shape;
  };
  const runnable: TfjsModel = { file, program, backend: backend.name, nonFinite: broken, shapeOf };
  return {
    engine: backend.engine,
    input,
    outputs,
    ...readFrom({ tensors, ending }, first),
    graph: null,
    tensors,
    offPath: program.offPath,
    remarks: backend.remark === undefined ? [] : [backend.remark],
    metadata: {},
    ending,
    sourcesOf: (tensor) => needed(steps, new Set(), [tensor]),
    workKept: () => null,
    receptiveField: (tensor, cell) => windowedField(program.steps, shapeOf, name, tensor, cell),
    differentiate: (request) => blamingFile(file, () => differentiate(runnable, request)),
    forward: (request) => blamingFile(file, () => forward(runnable, request)),
  };
}
