import type { Entry } from "./entry.ts";

const input = [3, 160, 160];

/** Of a detector's output [1, 4 box sides + 80 classes, anchors], and of a segmenter's: a class's score. */
const classScore = { channel: 4 + 17 };

export const ultralytics: readonly Entry[] = [
  ...["yolov8n-cls", "yolo11n-cls", "yolo26n-cls"].map((name) => ({ source: "ultralytics", name, input })),
  ...["yolov5n", "yolov8n", "yolov10n", "yolo11n", "yolo12n", "yolo26n", "yolov8n-seg", "yolo11n-seg"].map(
    (name) => ({ source: "ultralytics", name, input, scalar: classScore }),
  ),
  // A side of a box goes through the softmax of the distribution focal loss, a mask's prototype through the decoder.
  { source: "ultralytics", name: "yolov8n", variant: "box", input, scalar: { channel: 0 } },
  { source: "ultralytics", name: "yolo11n-pose", input, scalar: { channel: 4 + 1 + 6 } },
  { source: "ultralytics", name: "yolov8n-seg", variant: "prototypes", input, output: 1 },
  { source: "ultralytics", name: "yolo26n-seg", variant: "prototypes", input, output: 1 },
];
