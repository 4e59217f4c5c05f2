import { layersOptions, listedLayers, type ListedLayer } from "../tasks/layers.ts";
import { modelOptions, openModelWith } from "../tasks/options/model.ts";
import { command, modelPositional } from "./command.ts";
import { prose, short, table } from "./text.ts";

/** Two numbers, or one where they are the same. */
const both = (first: number, second: number, between: string): string =>
  first === second ? short(first) : `${short(first)}${between}${short(second)}`;

const row = ({ label, shape, stride, receptiveField: field, workKept, default: marked }: ListedLayer) => [
  `${marked ? "*" : " "} ${label}`,
  shape.join("x"),
  both(...stride, ", "),
  field === null ? "?" : both(field.width, field.height, " x "),
  field === null ? "?" : `${short(field.centerX)}, ${short(field.centerY)}`,
  workKept === null ? "?" : `${Math.round(100 * (1 - workKept))} %`,
];

/** The tensor behind a label, and the module of a tensor that its module does not name; nothing where the label tells all. */
const behind = ({ label, name, module }: ListedLayer): string =>
  label !== name ? name : module === null ? "" : `in ${module}`;

/** The feature map that a stage ends in: the module, with its tensor. */
const endOf = ({ name, module }: ListedLayer): string => (module === null ? name : `${module} (${name})`);

const geometry = ["shape", "stride", "receptive field", "its center x, y", "saved"];
const numbers = [2, 3, 5];

const stagesTable = (stages: readonly ListedLayer[]): readonly string[] =>
  stages.length === 0
    ? []
    : [
        table(
          [["  stage", ...geometry, "ends in"], ...stages.map((one) => [...row(one), endOf(one)])],
          numbers,
        ),
        "",
      ];

const layersTable = (layers: readonly ListedLayer[]): string =>
  table([["  layer", ...geometry, "tensor"], ...layers.map((one) => [...row(one), behind(one)])], numbers);

const legend =
  "Receptive field: theoretical, of the central cell, in pixels, padding counted. Saved: share of the multiply-adds that a probe of that cell leaves out. * the default layer. --layer takes a stage, a layer or a tensor; erfit calibrate also takes several (a,b), a glob ('layer*'), stages, all.";

export const layersCommand = command({
  usage: "layers <model>",
  describe: "list the feature maps and stages of a model: shape, stride, theoretical receptive field",
  positionals: modelPositional,
  options: { ...layersOptions, ...modelOptions },
  examples: [
    ["erfit layers models/vgg16-sample.onnx", "the default layer is marked with *"],
    ["erfit layers resnet50.onnx --layer stages", "layer1 to layer4 alone"],
    ["erfit layers vit.onnx --layer 'blocks.*'", "a * stands for one part of a name"],
  ],
  async run({ model: path, ...options }, reporter) {
    const { model } = await openModelWith(path, options);
    const { stages, layers } = listedLayers(options, model, reporter);
    const { input, output, outputs } = model.network;
    reporter.answer(
      [
        `${model.file}: input "${input.name}" [${input.shape.join(", ")}], output "${output.name}" [${output.shape.join(", ")}]`,
        ...stagesTable(stages),
        layersTable(layers),
        prose(legend),
      ].join("\n"),
      {
        model: { file: model.file, sha256: model.sha256 },
        input,
        output: { name: output.name, shape: output.shape },
        outputs: outputs.map(({ name, shape }) => ({ name, shape })),
        stages,
        layers,
      },
    );
  },
});
