import * as tf from "@tensorflow/tfjs-core";
import { ErfitError, optionText } from "../../core/error.ts";
import { float32, sizeOf, type Shape, type Tensor } from "../../core/tensor.ts";
import { imageInput } from "../fed-tensor.ts";
import { attributedToFile } from "../model-file.ts";
import type { Network, NetworkOutput, TensorInfo } from "../network.ts";
import { readFrom } from "../outputs.ts";
import type { BackendName } from "./backend-names.ts";
import { openBackend } from "./backends.ts";
import { forwardError } from "./errors.ts";
import { endingOf, endsOf, faultsOf, lossOf } from "./outputs.ts";
import { differentiate, forward } from "./runs.ts";
import { registerCompositions } from "./gradients/register.ts";
import { readTfjs, type TfjsFile } from "./model/files.ts";
import { imageTensor, checkedOnce, type TfjsModel } from "./tfjs-model.ts";
import { graphProgram } from "./model/graph-program.ts";
import { layersProgram } from "./model/layers-program.ts";
import { needed, type DeclaredInput, type Program, type Survey } from "./model/program.ts";
import { scoped } from "./model/program.ts";
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
      `${file}: ${optionText("inputShape", given.join(","))} does not fit input "${name}" ${shown(declared)}`,
    );
  }
  const known = declared.flatMap((extent) => (extent === null ? [] : [extent]));
  if (known.length === declared.length) return known;
  throw new ErfitError(`${file}: input "${name}" has the open shape ${shown(declared)}`, {
    remedy: `give ${optionText("inputShape", "1,height,width,3")}`,
  });
}

const programOf = (model: TfjsFile, file: string, inputName: string | undefined): Promise<Program> =>
  model.nodes === null
    ? layersProgram(model, file, inputName)
    : graphProgram({ ...model, nodes: model.nodes }, file, inputName);

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

/** What can be computed; faults of what no output needs of the image are not the model's. */
function surveyOf(program: Program, backend: BackendName, zeros: () => tf.Tensor, file: string): Survey {
  const { input, outputs, steps } = program;
  try {
    return scoped(() => program.survey(new Map([[input.name, zeros()]]), backend));
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    const wanted = outputs.filter((output) => steps.some(({ name }) => name === output));
    throw scoped(() =>
      forwardError(program, { name: input.name, value: zeros() }, wanted, backend, file, thrown),
    );
  }
}

/** Opens a TF.js model, of layers or of graph nodes, for running and differentiating. */
export const openTfjs = (bytes: Uint8Array, options: TfjsOptions): Promise<Network> =>
  attributedToFile(options.file, () => opened(bytes, options));

async function opened(bytes: Uint8Array, options: TfjsOptions): Promise<Network> {
  const { file, readWeights, inputName, threads } = options;
  const model = await readTfjs(bytes, file, readWeights);
  const backend = await openBackend(options.backend, threads);
  registerCompositions();
  const program = await programOf(model, file, inputName);
  const { name } = program.input;
  const input = imageInput({ name, shape: inputShape(program.input, options.inputShape, file) }, file);
  checkSizes([input.shape], mostInput, `${file}: the image input "${name}"`);
  const feed = (image: Tensor<"float32">): tf.Tensor => imageTensor(program.input, image, file);
  const zeros = () => feed(float32(input.shape, new Float32Array(sizeOf(input.shape))));
  const survey = surveyOf(program, backend.name, zeros, file);
  const { shapes, floats, faults } = survey;
  checkSizes(shapes.values(), mostElements, `${file}: what the model computes`);
  const computed = program.steps.flatMap(({ name: own, module, operator }): NetworkOutput[] => {
    const shape = shapes.get(own);
    const dtype = floats.has(own) ? "float32" : "int32"; // TF.js has no others, but for bool
    return shape === undefined ? [] : [{ name: own, shape, dtype, module, operator }];
  });
  const tensors: readonly TensorInfo[] = computed.filter(({ dtype }) => dtype === "float32");
  const ends = endsOf(program, survey, file);
  const outputs = ends.names.flatMap((own) => computed.filter((tensor) => tensor.name === own));
  const [first] = outputs;
  if (first === undefined) {
    const [fault = `the model's output does not depend on its image input "${name}"`] = faults.values();
    throw new ErfitError(`${file}: ${fault}`);
  }
  const steps = new Map(program.steps.map((step) => [step.name, step]));
  const ending = (tensor: string) => endingOf(steps, tensor, (own) => own === name || floats.has(own));

  const uncomputable = faultsOf(program, survey);
  const shapeOf = (tensor: string): Shape => {
    if (tensor === name) return input.shape;
    const shape = shapes.get(tensor);
    const reason = uncomputable.get(tensor);
    if (reason !== undefined) throw new ErfitError(`${file}: "${tensor}" cannot be computed: ${reason}`);
    if (shape === undefined || !floats.has(tensor))
      throw new ErfitError(`${file}: no tensor named "${tensor}"`);
    return shape;
  };
  const extentsOf = (tensor: string): Shape => shapes.get(tensor) ?? shapeOf(tensor);
  const isBroken = checkedOnce();
  const ready: TfjsModel = { file, program, backend: backend.name, isBroken, shapeOf, feed };
  const remarks = [
    backend.remark,
    program.input.integer
      ? `${file}: input "${name}" takes whole numbers: pixels from 0 to 255, as the preset raw gives them; the gradient is taken after they are turned into float32`
      : undefined,
    lossOf(program, survey, file),
    ends.remark,
  ];
  return {
    engine: backend.engine,
    input,
    outputs,
    ...readFrom({ tensors, ending }, first),
    graph: null,
    tensors,
    offPath: program.offPath,
    uncomputable,
    remarks: remarks.filter((remark) => remark !== undefined),
    metadata: {},
    ending,
    sourcesOf: (tensor) => needed(steps, new Set(), [tensor]),
    workKept: () => null,
    hasGradient: (tensor) => !uncomputable.has(tensor),
    receptiveField: (tensor, cell) => windowedField(program.steps, extentsOf, name, tensor, cell),
    differentiate: (request) => attributedToFile(file, () => differentiate(ready, request)),
    forward: (request) => attributedToFile(file, () => forward(ready, request)),
  };
}
