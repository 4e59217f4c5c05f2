import { dirname } from "node:path";
import { writeNpy } from "../core/npy.ts";
import { sizeOf } from "../core/tensor.ts";
import { writableFolder, writeWhole } from "../io/files.ts";
import { differentiated, gradientOptions } from "../tasks/gradient/gradient.ts";
import { openModelWith, openOptions } from "../tasks/options/model.ts";
import { command, modelPositional } from "./command.ts";
import { outOption, outputs, resultFolder } from "./files-options.ts";

export const gradientCommand = command({
  usage: "gradient <model> <input>",
  describe: "the gradient of any scalar by any tensor, for experts and tests",
  positionals: {
    ...modelPositional,
    input: { type: "string", demandOption: true, describe: "photograph, or ready input tensor (.npy)" },
  },
  options: {
    ...gradientOptions,
    ...outOption("outputs/<model>.<target>.gradient.npy", "file for the gradient (.npy, float32)"),
    ...openOptions,
  },
  examples: [
    ["erfit gradient net.onnx x.npy --target logits --index 3 --wrt layer4", "d logit 3 / d feature map"],
  ],
  async run({ model, input, out: given, ...options }, reporter) {
    const opened = await openModelWith(model, options);
    await writableFolder(given === undefined ? outputs : dirname(given));
    const { gradient, target, withRespectTo } = await differentiated(options, opened, input, reporter);
    const { shape, data } = gradient;
    const out = resultFolder(given, opened.model.file, `${target}.gradient.npy`);
    const finite = data.every(Number.isFinite);
    if (!finite) reporter.info("warning: the gradient holds NaN or infinity");
    await writeWhole(out, writeNpy(gradient));
    const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
    reporter.result(
      `d ${target} / d ${withRespectTo}: shape [${shape.join(", ")}], norm ${norm.toPrecision(6)} -> ${out}`,
      { target, withRespectTo, shape, elements: sizeOf(shape), norm, finite, out },
    );
  },
});
