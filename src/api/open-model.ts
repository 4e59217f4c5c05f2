import { z } from "zod";
import { openSubject } from "../calibration/subject.ts";
import { backendNames, type BackendName } from "../runtime/tfjs/backend-names.ts";
import { channelOrders, interpolations, scales } from "../input/preprocessing.ts";
import { presets, type PresetName } from "../input/resolve.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { checked, type OptionChecks } from "./check.ts";
import { ModelHandle, type Model, type PreprocessingChoice } from "./model.ts";

/** How a model is opened, and how photographs become its input. */
export interface OpenModelOptions {
  /** Threads to compute with; 0, the default: as many as there are cores, 16 at most. */
  readonly threads?: number | undefined;
  /** Shape of the image input where the file leaves it open: `[1, 3, 224, 224]`. */
  readonly inputShape?: readonly number[] | undefined;
  /** Which input is the image, where there are several. */
  readonly inputName?: string | undefined;
  /**
   * Which output holds the classes' scores: its name, or that of a tensor before it. By default the output that looks most
   * like class scores: one number a class, and no other such output is computed from it.
   */
  readonly output?: string | undefined;
  /** Where a TF.js model computes; the fastest that starts by default. */
  readonly backend?: BackendName | undefined;
  /**
   * A preset's name, or single choices over a preset or over what is known of the model. By default the sidecar
   * (`net.json` beside `net.onnx`), else timm's metadata in the file, else timm's evaluation transform.
   */
  readonly preprocessing?: PresetName | PreprocessingChoice | undefined;
}

const preset = z.enum(keysOf(presets));
const size = z.tuple([z.int().min(1), z.int().min(1)], "expected [height, width], whole numbers above 0");
const perChannel = z.array(z.number()).length(3, "expected 3 numbers, one a channel");

const choiceChecks: OptionChecks<PreprocessingChoice> = {
  preset: preset.optional(),
  resize: z.union([z.int().min(1), size, z.literal("none")]).optional(),
  crop: size.optional(),
  interpolation: z.enum(interpolations).optional(),
  channelOrder: z.enum(channelOrders).optional(),
  scale: z.enum(scales).optional(),
  mean: perChannel.optional(),
  std: perChannel.optional(),
  autoOrient: z.boolean().optional(),
};

const checks: OptionChecks<OpenModelOptions> = {
  threads: z.int().min(0).optional(),
  inputShape: z.array(z.int().min(1)).optional(),
  inputName: z.string().optional(),
  output: z.string().optional(),
  backend: z.enum(backendNames).optional(),
  preprocessing: z.union([preset, z.strictObject(choiceChecks)]).optional(),
};

/**
 * Opens a trained network: an ONNX file, or the folder or `model.json` of a TF.js model. Preprocessing and class names are
 * read from what lies beside it. Nothing is computed yet; each piece of work opens, and closes, what it needs.
 *
 * @param path the model's file; relative to the working directory
 * @throws ErfitError where the file is missing, damaged, or holds no network with one image input
 * @example
 * ```ts
 * import { openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const layer = model.layers.find(({ name }) => name === "block5_conv3");
 * console.log(layer?.grid.height, layer?.grid.width, layer?.stride, layer?.receptiveField?.width);
 * await model.close();
 * ```
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<Model> {
  if (typeof path !== "string")
    throw new ErfitError("openModel: the first argument must be the model's path");
  const {
    threads = 0,
    inputShape,
    inputName,
    output,
    backend,
    preprocessing = {},
  } = checked("openModel", checks, options);
  const subject = await openSubject(path, {
    threads,
    ...(inputShape === undefined ? {} : { inputShape }),
    ...(inputName === undefined ? {} : { inputName }),
    ...(output === undefined ? {} : { output }),
    ...(backend === undefined ? {} : { backend }),
  });
  return new ModelHandle(
    subject,
    typeof preprocessing === "string" ? { preset: preprocessing } : preprocessing,
  );
}
