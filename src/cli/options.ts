import type { Options } from "yargs";
import type { CellChoice } from "../calibration/subject.ts";
import type { StatedGrid } from "../runtime/feature-grid.ts";
import { backendNames, type BackendName } from "../runtime/tfjs/backend-names.ts";
import { channelOrders, interpolations, scales } from "../input/preprocessing.ts";
import { presets, type PreprocessingOverrides } from "../input/resolve.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { defaultProtocol, protocolNames } from "../erf/protocols.ts";

type Group = Readonly<Record<string, Options>>;

export const outputOptions = {
  json: {
    type: "boolean",
    default: false,
    describe: "print one JSON document on stdout; words go to stderr",
  },
  quiet: { type: "boolean", default: false, alias: "q", describe: "no progress and no remarks" },
} as const satisfies Group;

/** What every command takes as its model. */
export const modelWords = "ONNX file, or the folder or model.json of a TF.js model";

/** Positionals of the commands that run a model on images. */
export const modelAndImages = {
  model: { type: "string", demandOption: true, describe: modelWords },
  images: {
    type: "string",
    array: true,
    demandOption: true,
    describe: "folders, globs, list files (.txt), photographs, tensors (.npy)",
  },
} as const satisfies Group;

export const modelOptions = {
  "input-shape": {
    type: "string",
    describe: "shape of the image input where the file leaves it open: 1,3,224,224",
  },
  "input-name": { type: "string", describe: "which input is the image, where there are several" },
  threads: {
    type: "number",
    default: 0,
    describe: "threads to compute with; 0: as many as cores, at most 16",
  },
  backend: {
    choices: backendNames,
    describe: "where a TF.js model computes [the first of these that starts]",
  },
} as const satisfies Group;

const gridOption = {
  type: "string",
  describe: "how tokens lie, where it is not to be seen: rows,columns; tokens left over stand in front",
} as const satisfies Options;

export const gridOptions = { grid: gridOption } as const satisfies Group;

export const layerOptions = {
  layer: {
    type: "string",
    alias: "l",
    describe: "feature map, by tensor or module name [the sidecar's, else the last]",
  },
  grid: gridOption,
} as const satisfies Group;

export const cellOptions = {
  cell: { type: "string", describe: "row,column of the feature map, from 0 [the central cell]" },
  token: { type: "number", describe: "token of the feature map, prefix tokens counted" },
} as const satisfies Group;

export const imageOptions = {
  crops: {
    type: "number",
    default: 1,
    describe: "views of each photograph: the evaluation crop and further regions",
  },
  limit: { type: "number", describe: "use only the first N images" },
  shuffle: { type: "number", describe: "take the images in a random order, the same for the same seed" },
} as const satisfies Group;

export const protocolOptions = {
  protocol: { choices: protocolNames, default: defaultProtocol, describe: "how gradients become a map" },
} as const satisfies Group;

export const preprocessingOptions = {
  preprocessing: { choices: keysOf(presets), describe: "preset instead of the sidecar's preprocessing" },
  resize: { type: "string", describe: "shorter side in pixels, or height,width, or none" },
  crop: { type: "string", describe: "size of the center crop: one number, or height,width" },
  interpolation: { choices: interpolations, describe: "resampling filter" },
  "channel-order": { choices: channelOrders, describe: "order of the colors in the tensor" },
  scale: { choices: scales, describe: "range of the pixels before mean and std" },
  mean: { type: "string", describe: "three numbers, one a channel" },
  std: { type: "string", describe: "three numbers, one a channel" },
  "auto-orient": { type: "boolean", describe: "turn photographs as their EXIF data say" },
} as const satisfies Group;

/** Numbers in an option such as `--mean 0.5,0.5,0.5`. @throws ErfitError that names the option */
export function numbers(option: string, text: string, count?: number): readonly number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  if (values.some(Number.isNaN) || (count !== undefined && values.length !== count)) {
    throw new ErfitError(
      `--${option} ${text}: expected ${count === undefined ? "" : `${count} `}numbers separated by commas`,
    );
  }
  return values;
}

/** A whole number of at least `least`. */
export function wholeNumber(option: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) {
    const found = Number.isNaN(value) ? "something that is not a number" : String(value);
    throw new ErfitError(`--${option}: expected a whole number, ${least} or more; found ${found}`);
  }
  return value;
}

/** A share between 0 and 1: `1%` or `0.01`. @throws ErfitError that names the option */
export function shareFrom(option: string, text: string): number {
  const [, number = "", percent = ""] = /^\s*([\d.]+)\s*(%?)\s*$/.exec(text) ?? [];
  const share = Number(number) / (percent === "" ? 1 : 100);
  if (number !== "" && share > 0 && share < 1) return share;
  throw new ErfitError(`--${option} ${text}: expected a share such as 1% or 0.01`);
}

function sizeOf(option: string, text: string): readonly [number, number] {
  const [height, width = height] = numbers(option, text).map((value) => wholeNumber(option, value, 1));
  if (height === undefined || width === undefined)
    throw new ErfitError(`--${option} ${text}: expected height,width`);
  return [height, width];
}

export interface ModelArguments {
  readonly output?: string | undefined;
  readonly inputShape?: string | undefined;
  readonly inputName?: string | undefined;
  readonly threads: number;
  readonly backend?: BackendName | undefined;
}

export const openOptionsFrom = ({ output, inputShape, inputName, threads, backend }: ModelArguments) => ({
  threads: wholeNumber("threads", threads, 0),
  ...(inputShape === undefined
    ? {}
    : {
        inputShape: numbers("input-shape", inputShape).map((extent) => wholeNumber("input-shape", extent, 1)),
      }),
  ...(inputName === undefined ? {} : { inputName }),
  ...(output === undefined ? {} : { output }),
  ...(backend === undefined ? {} : { backend }),
});

export function gridFrom({ grid }: { readonly grid?: string | undefined }): StatedGrid | undefined {
  if (grid === undefined) return undefined;
  const [rows = 1, columns = 1] = numbers("grid", grid, 2).map((extent) => wholeNumber("grid", extent, 1));
  return [rows, columns];
}

export function cellFrom({
  cell,
  token,
}: {
  readonly cell?: string | undefined;
  readonly token?: number | undefined;
}): CellChoice {
  if (cell !== undefined && token !== undefined)
    throw new ErfitError("--cell and --token name the same thing: give one of them");
  if (token !== undefined) return { kind: "token", token: wholeNumber("token", token, 0) };
  if (cell === undefined) return { kind: "central" };
  const [row = 0, column = 0] = numbers("cell", cell, 2).map((index) => wholeNumber("cell", index, 0));
  return { kind: "cell", row, column };
}

export interface PreprocessingArguments extends Pick<
  PreprocessingOverrides,
  "interpolation" | "channelOrder" | "scale" | "autoOrient"
> {
  readonly resize?: string | undefined;
  readonly crop?: string | undefined;
  readonly mean?: string | undefined;
  readonly std?: string | undefined;
}

export function overridesFrom(given: PreprocessingArguments): PreprocessingOverrides {
  const { resize, crop, mean, std, interpolation, channelOrder, scale, autoOrient } = given;
  const resizeRule = (text: string) => {
    if (text === "none") return "none";
    return text.includes(",")
      ? sizeOf("resize", text)
      : wholeNumber("resize", numbers("resize", text, 1)[0] ?? NaN, 1);
  };
  return {
    interpolation,
    channelOrder,
    scale,
    autoOrient,
    resize: resize === undefined ? undefined : resizeRule(resize),
    crop: crop === undefined ? undefined : sizeOf("crop", crop),
    mean: mean === undefined ? undefined : numbers("mean", mean, 3),
    std: std === undefined ? undefined : numbers("std", std, 3),
  };
}
