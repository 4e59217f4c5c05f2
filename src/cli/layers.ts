import { layersOptions, listedLayers, type ListedLayer } from "../tasks/layers.ts";
import { modelOptions, openModelWith } from "../tasks/options/model.ts";
import { command, modelPositional } from "./command.ts";
import { short, table } from "./text.ts";

/** Two numbers, or one where they are the same. */
const both = (first: number, second: number, between: string): string =>
  first === second ? short(first) : `${short(first)}${between}${short(second)}`;

const row = ({
  name,
  shape,
  stride,
  receptiveField: field,
  workKept,
  module,
  default: marked,
}: ListedLayer) => [
  `${marked ? "*" : " "} ${name}`,
  shape.join("x"),
  both(...stride, ", "),
  field === null ? "?" : both(field.width, field.height, " x "),
  field === null ? "?" : `${short(field.centerX)}, ${short(field.centerY)}`,
  workKept === null ? "?" : `${Math.round(100 * (1 - workKept))} %`,
  module ?? "",
];

export const layersCommand = command({
  usage: "layers <model>",
  describe: "list the feature maps of a model: shape, stride, theoretical receptive field",
  positionals: modelPositional,
  options: { ...layersOptions, ...modelOptions },
  examples: [["erfit layers models/vgg16-sample.onnx", "the default layer is marked with *"]],
  async run({ model: path, ...options }, reporter) {
    const { model } = await openModelWith(path, options);
    const layers = listedLayers(options, model, reporter);
    const { input, output, outputs } = model.network;
    const heading = ["  layer", "shape", "stride", "receptive field", "its center x, y", "saved", "module"];
    reporter.result(
      [
        `${model.file}: input "${input.name}" [${input.shape.join(", ")}], output "${output.name}" [${output.shape.join(", ")}]`,
        table([heading, ...layers.map(row)], [2, 3, 5]),
        "Receptive field: theoretical, of the central cell, in pixels, padding counted. Saved: share of the multiply-adds that a probe of that cell leaves out. * default target.",
      ].join("\n"),
      {
        model: { file: model.file, sha256: model.sha256 },
        input,
        output: { name: output.name, shape: output.shape },
        outputs: outputs.map(({ name, shape }) => ({ name, shape })),
        layers,
      },
    );
  },
});
