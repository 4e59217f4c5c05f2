import type { Entry, Export } from "./entry.ts";

const classifiers = [
  "alexnet",
  "convnext_tiny",
  "densenet121",
  "efficientnet_b0",
  "googlenet",
  "inception_v3",
  "maxvit_t",
  "mobilenet_v2",
  "mobilenet_v3_large",
  "regnet_y_400mf",
  "resnet50",
  "shufflenet_v2_x1_0",
  "squeezenet1_1",
  "swin_t",
  "vgg16",
  "vit_b_16",
];

const also: Readonly<Record<string, readonly Export[]>> = {
  convnext_tiny: [
    { exporter: "dynamo", opset: 18 },
    { exporter: "legacy", opset: 17 },
  ],
  mobilenet_v3_large: [{ exporter: "legacy", opset: 11 }],
  resnet50: [{ exporter: "legacy", opset: 11 }],
};

/** Of the scores of what is detected, one axis. */
const theBest = { axis: 0 };

const sideOf = (name: string): number => (name === "inception_v3" ? 299 : 224);

export const torchvision: readonly Entry[] = [
  ...classifiers.map((name) => ({
    source: "tv",
    name,
    input: [3, sideOf(name), sideOf(name)],
    also: also[name] ?? [],
  })),
  { source: "tv", name: "r3d_18", input: [3, 8, 64, 64] },
  { source: "tv-segmentation", name: "deeplabv3_mobilenet_v3_large", input: [3, 128, 128] },
  { source: "tv-segmentation", name: "fcn_resnet50", input: [3, 96, 96] },
  { source: "tv-segmentation", name: "lraspp_mobilenet_v3_large", input: [3, 160, 160] },
  {
    source: "tv-detection",
    name: "ssdlite320_mobilenet_v3_large",
    options: { score_thresh: 0, topk_candidates: 20, detections_per_img: 10 },
    input: [3, 320, 320],
    scalar: theBest,
  },
  {
    source: "tv-detection",
    name: "fasterrcnn_mobilenet_v3_large_320_fpn",
    options: { box_score_thresh: 0, rpn_post_nms_top_n_test: 20, box_detections_per_img: 10 },
    input: [3, 160, 160],
    scalar: theBest,
  },
];
