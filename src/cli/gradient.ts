import { dirname } from "node:path";
import { isFeatureMap, objectiveOf, type ObjectiveChoice } from "../api/objective.ts";
import { loadModel } from "../calibration/loaded-model.ts";
import { findTensor } from "../runtime/layers.ts";
import { requireGradient } from "../runtime/outputs.ts";
import { ErfitError } from "../core/error.ts";
import { readNpy, writeNpy } from "../core/npy.ts";
import { float32, sameShape, sizeOf, type Shape, type Tensor } from "../core/tensor.ts";
import { command } from "./command.ts";
import { readNamed, writableFolder, writeWhole } from "../io/files.ts";
import {
  cellOptions,
  gridFrom,
  gridOptions,
  modelOptions,
  modelWords,
  numbers,
  openOptionsFrom,
  wholeNumber,
} from "./options.ts";
import { noteOutput, outputOption } from "./scores.ts";

/** A .npy file of the wanted shape, as float32. */
async function readTensor(path: string, shape: Shape, what: string): Promise<Tensor<"float32">> {
  const bytes = await readNamed(path, `${what} as a .npy file`);
  const { dtype, shape: found, data } = readNpy(bytes, path);
  if (dtype !== "float32" && dtype !== "float64")
    throw new ErfitError(`${path}: ${what} must be float32 or float64, found ${dtype}`);
  if (!sameShape(found, shape) && !sameShape([1, ...found], shape)) {
    throw new ErfitError(
      `${path}: ${what} must have shape [${shape.join(", ")}], found [${found.join(", ")}]`,
    );
  }
  if (!data.every(Number.isFinite)) throw new ErfitError(`${path}: ${what} holds NaN or infinity`);
  return float32(shape, data instanceof Float32Array ? data : Float32Array.from(data));
}

interface Seeds {
  readonly cell?: string | undefined;
  readonly token?: number | undefined;
  readonly seed?: string | undefined;
  readonly index?: number | undefined;
}

/** What is differentiated: exactly one of cell, token, seed and index; the central cell where none is given. */
function choiceFrom({ cell, token, seed, index }: Seeds): ObjectiveChoice {
  const named = Object.entries({ cell, token, seed, index }).filter(([, value]) => value !== undefined);
  if (named.length > 1)
    throw new ErfitError(
      `${named.map(([name]) => `--${name}`).join(" and ")} exclude each other: give one of them`,
    );
  if (seed !== undefined) return { kind: "cotangent" };
  if (index !== undefined) return { kind: "element", index: wholeNumber("index", index, 0) };
  if (token !== undefined) return { kind: "token", token: wholeNumber("token", token, 0) };
  if (cell === undefined) return { kind: "cell" };
  const [row = 0, column = 0] = numbers("cell", cell, 2).map((one) => wholeNumber("cell", one, 0));
  return { kind: "cell", cell: [row, column] };
}

export const gradientCommand = command({
  usage: "gradient <model> <input>",
  describe: "the raw vector-Jacobian product, for experts and tests",
  positionals: {
    model: { type: "string", demandOption: true, describe: modelWords },
    input: { type: "string", demandOption: true, describe: "ready input tensor (.npy)" },
  },
  options: {
    target: {
      type: "string",
      describe: "tensor (or module) that is differentiated [the classes' scores]",
    },
    ...outputOption,
    ...cellOptions,
    ...gridOptions,
    seed: { type: "string", describe: ".npy of the target's shape: weights of its elements" },
    index: { type: "number", describe: "element of the flattened target" },
    wrt: { type: "string", describe: "tensor to differentiate with respect to [the image]" },
    out: {
      type: "string",
      default: "outputs/gradient.npy",
      describe: "where the gradient goes (.npy, float32)",
    },
    ...modelOptions,
  },
  examples: [
    ["erfit gradient net.onnx x.npy --target logits --index 3 --wrt layer4", "d logit 3 / d feature map"],
  ],
  async run(given, voice) {
    const subject = await loadModel(given.model, openOptionsFrom(given));
    const { network } = subject;
    network.remarks.forEach(voice.note);
    if (given.target === undefined) {
      requireGradient(network, subject.file);
      noteOutput(subject, voice);
    }
    const target = given.target === undefined ? network.logits : findTensor(network, given.target);
    const wrt =
      given.wrt === undefined || given.wrt === network.input.name
        ? undefined
        : findTensor(network, given.wrt);
    const place = {
      target,
      input: network.input,
      grid: gridFrom(given),
      option: (name: string) => `--${name}`,
    };
    const chosen = choiceFrom(given);
    const ofScores = given.target === undefined && !isFeatureMap(place);
    const objective = objectiveOf(
      ofScores && chosen.kind === "cell" && chosen.cell === undefined ? { kind: "top" } : chosen,
      place,
    );
    await writableFolder(dirname(given.out));
    const image = await readTensor(given.input, network.input.shape, "the input");
    const cotangent =
      given.seed === undefined ? undefined : await readTensor(given.seed, target.shape, "the seed");
    const program = await network.differentiate({
      target: target.name,
      objective,
      ...(wrt === undefined ? {} : { withRespectTo: wrt.name }),
    });
    const { gradient } = await program.run({ image, ...(cotangent === undefined ? {} : { cotangent }) });
    await program.release();
    const finite = gradient.data.every(Number.isFinite);
    if (!finite) voice.note("warning: the gradient holds NaN or infinity");
    await writeWhole(given.out, writeNpy(gradient));
    const norm = Math.sqrt(gradient.data.reduce((sum, value) => sum + value * value, 0));
    const name = wrt?.name ?? network.input.name;
    voice.result(
      `d ${target.name} / d ${name}: shape [${gradient.shape.join(", ")}], norm ${norm.toPrecision(6)} -> ${given.out}`,
      {
        target: target.name,
        withRespectTo: name,
        shape: gradient.shape,
        elements: sizeOf(gradient.shape),
        norm,
        finite,
        out: given.out,
      },
    );
  },
});
