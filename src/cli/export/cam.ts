import { classIndexOf } from "../../cam/classes.ts";
import { columnTitle, type CamColumn } from "../../cam/column.ts";
import { camGraph } from "../../cam/graph/cam-graph.ts";
import { graphMethods } from "../../cam/graph/methods.ts";
import { upsamplers, type UpsamplerName, type Upsampling } from "../../cam/upsamplers.ts";
import { chosenPreprocessing, classifier, openSubject, type Subject } from "../../calibration/subject.ts";
import { isAssumed } from "../../input/resolve.ts";
import { ErfitError } from "../../core/error.ts";
import { sizeOf } from "../../core/tensor.ts";
import { columnsFrom } from "../../cam/columns.ts";
import { camCommandOptions } from "../cam/options.ts";
import { command } from "../command.ts";
import { exportFolder, graphOf, writeModel, type Origin } from "./file.ts";
import { tryOut } from "./trial.ts";
import { keysOf } from "../../core/required.ts";
import { noteOutput, noteProbability } from "../scores.ts";
import { gaussianFrom } from "../sigma.ts";
import { layerOptions, modelOptions, modelWords, openOptionsFrom } from "../options.ts";
import { camLayerFrom } from "../layer.ts";

interface ColumnArguments {
  readonly method: string;
  readonly upsampling?: UpsamplerName | undefined;
  readonly relu?: boolean | undefined;
}

/** One method, drawn one way. */
function columnFrom(
  { method, upsampling, relu }: ColumnArguments,
  gaussian: Upsampling | undefined,
): CamColumn {
  const by = upsampling === undefined ? {} : { upsampling: [upsampling] };
  const [column] = columnsFrom({ method: [method], relu, ...by }, gaussian);
  if (column === undefined) throw new Error(`${method} makes no column`);
  return column;
}

/** The class to explain; undefined for the predicted one. */
function classFrom(given: string, { network: { logits }, classNames }: Subject): number | undefined {
  if (given === "top") return undefined;
  const index = classIndexOf(given, classNames);
  const classes = sizeOf(logits.shape);
  if (index < classes) return index;
  throw new ErfitError(
    `--class ${index} does not exist: the model's scores "${logits.name}" are of ${classes} classes, 0 to ${classes - 1}`,
  );
}

/** How the map is drawn, for the file's metadata. */
function drawing({ method, upsampling, rectify }: CamColumn): Origin["facts"] {
  const how = { method, relu: rectify, upsampling: upsampling.by };
  if (upsampling.by !== "gaussian") return how;
  const { sigmaX, sigmaY, position, normalize } = upsampling;
  return { ...how, sigma_x: sigmaX, sigma_y: sigmaY, position, normalize_kernel: normalize };
}

/** What turns a photograph into the graph's input, where the model says so. */
function preprocessing(subject: Subject): Origin["facts"] {
  const chosen = chosenPreprocessing(subject, undefined, {});
  return isAssumed(chosen) ? {} : { preprocessing: JSON.stringify(chosen) };
}

const {
  calibration,
  "any-calibration": anyCalibration,
  position,
  "normalize-kernel": normalizeKernel,
  relu,
  normalize,
  score,
  output,
  "score-from": scoreFrom,
} = camCommandOptions;

export const exportCamCommand = command({
  usage: "cam <model>",
  describe: "one ONNX file from image to logits, class index, grid and class activation map",
  positionals: { model: { type: "string", demandOption: true, describe: modelWords } },
  options: {
    calibration,
    "any-calibration": anyCalibration,
    method: {
      type: "string",
      alias: "m",
      default: "extended",
      describe: `one of ${graphMethods.join(", ")}`,
    },
    class: {
      type: "string",
      default: "top",
      describe: "class to explain: an index, a label, or top, each image's predicted one",
    },
    upsampling: {
      choices: keysOf(upsamplers),
      alias: "u",
      describe: "how the grid becomes pixels [Gaussian for Extended-CAM with a calibration, else bilinear]",
    },
    position,
    "normalize-kernel": normalizeKernel,
    relu,
    normalize,
    score,
    output,
    "score-from": scoreFrom,
    out: { type: "string", default: "outputs/cam.onnx", describe: "the file" },
    ...layerOptions,
    ...modelOptions,
  },
  examples: [
    ["erfit export cam net.onnx -c calibration.json", "image in; logits, class, grid and Extended-CAM out"],
    ["erfit export cam net.onnx --method grad-cam --class 281", "Grad-CAM of class 281"],
  ],
  async run(given, voice) {
    await exportFolder(given.out);
    const subject = classifier(await openSubject(given.model, openOptionsFrom(given)), given.scoreFrom);
    const { network } = subject;
    const graph = graphOf(subject);
    network.remarks.forEach(voice.note);
    noteOutput(subject, voice);
    if (given.score === "probability") noteProbability(subject, voice);
    const layer = camLayerFrom(given, subject, voice);
    const column = columnFrom(given, await gaussianFrom(given, subject, layer));
    const classIndex = classFrom(given.class, subject);
    const { score, normalize, out } = given;
    const request = {
      layer,
      logits: network.logits.name,
      classIndex,
      score,
      probability: network.probability,
      column,
      normalization: normalize,
      size: [network.input.height, network.input.width],
    } as const;
    const written = camGraph(graph, request);
    await tryOut(network, request);
    const explained = classIndex ?? "top";
    const what = `${columnTitle(column)}: layer "${layer.name}", class ${explained}, ${score}`;
    const facts = {
      export: "cam",
      layer: layer.name,
      class: explained,
      score,
      output: network.output.name,
      ...(score === "probability" ? { score_from: network.probability } : {}),
      normalize,
      ...drawing(column),
      ...preprocessing(subject),
    };
    const { signature, bytes } = await writeModel(out, written, subject, { what, facts });
    voice.result(`${what}\n${signature}\n-> ${out}`, { ...facts, signature, bytes, out });
  },
});
