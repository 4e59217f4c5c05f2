import { loadModel } from "../calibration/loaded-model.ts";
import { cellAt } from "../runtime/feature-grid.ts";
import { geometryOf } from "../runtime/geometry.ts";
import { layersOf } from "../runtime/layers.ts";
import { command } from "./command.ts";
import { layerFrom } from "./layer.ts";
import { gridFrom, gridOptions, modelOptions, modelWords, openOptionsFrom } from "./options.ts";
import { noteLayerForCam, noteOutput, outputOption } from "./scores.ts";
import { short, table } from "./text.ts";

export const layersCommand = command({
  usage: "layers <model>",
  describe: "list the feature maps of a model: shape, stride, theoretical receptive field",
  positionals: { model: { type: "string", demandOption: true, describe: modelWords } },
  options: { ...gridOptions, ...outputOption, ...modelOptions },
  examples: [["erfit layers models/vgg16-sample.onnx", "the default layer is marked with *"]],
  async run(given, voice) {
    const subject = await loadModel(given.model, openOptionsFrom(given));
    const { network } = subject;
    network.remarks.forEach(voice.note);
    const stated = gridFrom(given);
    noteOutput(subject, voice);
    const target = layerFrom({ grid: given.grid }, subject, voice);
    noteLayerForCam(subject, target, stated, voice);
    const layers = layersOf(network, stated).map((layer) => {
      const { cell, stride, receptiveField } = geometryOf(network, layer);
      return {
        name: layer.name,
        shape: layer.shape,
        layout: layer.grid.layout,
        grid: [layer.grid.height, layer.grid.width],
        cell,
        stride,
        receptiveField,
        workKept: network.workKept(layer.name, cellAt(layer.grid, ...cell)),
        module: layer.module ?? null,
        default: layer.name === target.name,
      };
    });
    const rows = layers.map(
      ({ name, shape, stride, receptiveField: field, workKept, module, default: marked }) => [
        `${marked ? "*" : " "} ${name}`,
        shape.join("x"),
        stride[0] === stride[1] ? short(stride[0]) : stride.map((s) => short(s)).join(", "),
        field === null
          ? "?"
          : field.width === field.height
            ? short(field.width)
            : `${short(field.width)} x ${short(field.height)}`,
        field === null ? "?" : `${short(field.centerX)}, ${short(field.centerY)}`,
        workKept === null ? "?" : `${Math.round(100 * (1 - workKept))} %`,
        module ?? "",
      ],
    );
    const heading = ["  layer", "shape", "stride", "receptive field", "its center x, y", "saved", "module"];
    voice.result(
      [
        `${subject.file}: input "${network.input.name}" [${network.input.shape.join(", ")}], output "${network.output.name}" [${network.output.shape.join(", ")}]`,
        table([heading, ...rows], [2, 3, 5]),
        "Receptive field: theoretical, of the central cell, in pixels, padding counted. Saved: share of the multiply-adds that a probe of that cell leaves out. * default target.",
      ].join("\n"),
      {
        model: { file: subject.file, sha256: subject.sha256 },
        input: network.input,
        output: { name: network.output.name, shape: network.output.shape },
        outputs: network.outputs.map(({ name, shape }) => ({ name, shape })),
        layers,
      },
    );
  },
});
