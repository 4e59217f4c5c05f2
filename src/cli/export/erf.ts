import { chosenCell, loadModel } from "../../calibration/loaded-model.ts";
import { command } from "../command.ts";
import { erfGraph } from "./erf-graph.ts";
import { exportFolder, graphOf, writeModel } from "./file.ts";
import {
  cellFrom,
  cellOptions,
  layerOptions,
  modelOptions,
  modelWords,
  openOptionsFrom,
  protocolOptions,
} from "../options.ts";
import { layerFrom } from "../layer.ts";
import { noteOutput, outputOption } from "../scores.ts";

export const exportErfCommand = command({
  usage: "erf <model>",
  describe: "one ONNX file from image to its share of the effective receptive field",
  positionals: { model: { type: "string", demandOption: true, describe: modelWords } },
  options: {
    raw: { type: "boolean", default: false, describe: "return the gradient itself, in the image's shape" },
    out: { type: "string", default: "outputs/erf.onnx", describe: "the file" },
    ...layerOptions,
    ...outputOption,
    ...cellOptions,
    ...protocolOptions,
    ...modelOptions,
  },
  examples: [["erfit export erf net.onnx --layer layer4", "image in, map of the central cell out"]],
  async run(given, voice) {
    await exportFolder(given.out);
    const subject = await loadModel(given.model, openOptionsFrom(given));
    const network = graphOf(subject);
    subject.network.remarks.forEach(voice.note);
    if (given.layer === undefined) noteOutput(subject, voice);
    const layer = layerFrom(given, subject, voice);
    const { cell } = chosenCell(subject, layer, cellFrom(given));
    const { protocol, raw, out } = given;
    const graph = erfGraph(network, { input: subject.network.input, layer, cell, protocol, raw });
    const what = `Gradient of cell ${cell.join(",")} of layer "${layer.name}" by the image, protocol ${protocol}`;
    const facts = { export: "erf", layer: layer.name, cell: cell.join(","), protocol, raw };
    const { signature, bytes } = await writeModel(out, graph, subject, { what, facts });
    voice.result(`${what}\n${signature}\n-> ${out}`, { ...facts, cell, signature, bytes, out });
  },
});
