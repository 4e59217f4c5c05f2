import { bundled } from "../tasks/demo.ts";

/** What comes with erfit to try it on: paths of a trained VGG-16 of few classes, and of a folder of photographs. */
export const sample = {
  model: bundled("models/vgg16-sample.onnx"),
  photographs: bundled("photos"),
} as const;
