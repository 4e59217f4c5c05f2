import { dirname } from "node:path";
import { openSubject, type Subject } from "../calibration/subject.ts";
import type { Objective } from "../autodiff/objective.ts";
import { cellAt, centralCell } from "../engine/feature-grid.ts";
import { gridOf } from "../engine/tensor-grid.ts";
import { findTensor } from "../engine/layers.ts";
import type { TensorInfo } from "../engine/network.ts";
import { ErfitError } from "../math/error.ts";
import { readNpy, writeNpy } from "../math/npy.ts";
import { float32, sameShape, sizeOf, type Shape, type Tensor } from "../math/tensor.ts";
import { command } from "./command.ts";
import { readNamed, writableFolder, writeWhole } from "./files.ts";
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
  readonly grid?: string | undefined;
}

function elementIndex(given: number, { name, shape }: TensorInfo): number {
  const elements = sizeOf(shape);
  const index = wholeNumber("index", given, 0);
  if (index < elements) return index;
  throw new ErfitError(
    `--index ${index} is outside "${name}" [${shape.join(", ")}]: ${elements} elements, counted from 0`,
  );
}

/** What is differentiated: exactly one of cell, token, seed and index; the central cell where none is given. */
function objectiveFrom(given: Seeds, target: TensorInfo, { network: { input } }: Subject): Objective {
  const named = (["cell", "token", "seed", "index"] as const).filter((name) => given[name] !== undefined);
  if (named.length > 1)
    throw new ErfitError(`--${named.join(" and --")} exclude each other: give one of them`);
  const shown = `"${target.name}" [${target.shape.join(", ")}]`;
  const grid = gridOf(target, input, gridFrom(given));
  if (given.seed !== undefined) return { kind: "cotangent", name: "erfit_cotangent" };
  if (given.index !== undefined) return { kind: "element", index: elementIndex(given.index, target) };
  if (given.token !== undefined) {
    const tokens = target.shape[1] ?? 0;
    const token = wholeNumber("token", given.token, 0);
    if (target.shape.length !== 3 || token >= tokens) {
      throw new ErfitError(
        `--token ${token}: ${shown} has no such token; expected [1, tokens, C] with more than ${token} tokens`,
      );
    }
    return { kind: "channel-mean", cell: [0, token, null] };
  }
  if (target.shape.length !== 4 && grid === null) {
    throw new ErfitError(`${shown} is not a feature map`, {
      remedy: "name the scalar by --index, --token or --seed",
    });
  }
  const map = grid ?? {
    layout: "NCHW" as const,
    height: target.shape[2] ?? 1,
    width: target.shape[3] ?? 1,
    channels: 0,
    prefixTokens: 0,
  };
  const [row = 0, column = 0] =
    given.cell === undefined
      ? centralCell(map, input)
      : numbers("cell", given.cell, 2).map((index) => wholeNumber("cell", index, 0));
  if (row >= map.height || column >= map.width) {
    throw new ErfitError(
      `--cell ${row},${column} is outside ${shown}: ${map.height} rows and ${map.width} columns, counted from 0`,
    );
  }
  return { kind: "channel-mean", cell: cellAt(map, row, column) };
}

export const gradientCommand = command({
  usage: "gradient <model> <input>",
  describe: "the raw vector-Jacobian product, for experts and tests",
  positionals: {
    model: { type: "string", demandOption: true, describe: modelWords },
    input: { type: "string", demandOption: true, describe: "ready input tensor (.npy)" },
  },
  options: {
    target: { type: "string", demandOption: true, describe: "tensor (or module) that is differentiated" },
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
    const subject = await openSubject(given.model, openOptionsFrom(given));
    const { network } = subject;
    network.remarks.forEach(voice.note);
    const target = findTensor(network, given.target);
    const wrt =
      given.wrt === undefined || given.wrt === network.input.name
        ? undefined
        : findTensor(network, given.wrt);
    const objective = objectiveFrom(given, target, subject);
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
