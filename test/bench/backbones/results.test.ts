import { describe, expect, it } from "vitest";
import { page } from "../../../bench/backbones/results.ts";
import { pairOf, recordOf } from "./record.ts";

describe("the page of results", () => {
  const records = [
    recordOf("resnet50", [pairOf(150, 200), pairOf(140, 200)]),
    recordOf("vgg16", [pairOf(50, 200), pairOf(60, 200)]),
  ];
  const text = page(records, ["--photographs", "/somewhere/else/photos"]);

  it("says when, where and how, and one line a model in the bench's order", () => {
    expect(text).toMatchInlineSnapshot(`
      "# Backbones: erfit and OpenERF

      - Date: 2026-11-01
      - Command: \`npm run bench -- --photographs photos\`
      - Machine: 2 cores; the peers held to 2 cores, 2 threads each
      - ONNX Runtime's MatMul here: 100 GFLOP/s with one thread, 200 with 2
      - erfit: commit 1234567
      - Versions: Node 20
      - Photographs: 8, then 40 more, of \`photos\` in turn
      - Medians of 2 pairs; a ratio is the median of the pairs' ratios, with the least and the most. [How](../README.md)

      | model | target | erfit, ms an image | OpenERF, ms an image | ratio | bar | erfit, peak MiB | OpenERF, peak MiB | ratio | bar | resident, ratio | erfit, s to 8 images | OpenERF, s to 8 images | ratio | bar | work in the cone | GFLOP/s | of MatMul's | maps' correlation |
      | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | VGG-16 | conv5_3 after its ReLU | 55.0 | 200.0 | 0.28 (0.25-0.30) | ✓ 0.32 | 300 | 1000 | 0.30 (0.30-0.30) | ✓ 0.50 | 0.30 | 1.44 | 6.60 | 0.22 (0.21-0.22) | ✓ 0.40 | 75 % | 218 | 109 % | 0.99999 |
      | ResNet-50 | layer4 | 145.0 | 200.0 | 0.72 (0.70-0.75) | ✗ 0.60 | 300 | 1000 | 0.30 (0.30-0.30) | ✓ 0.60 | 0.30 | 2.16 | 6.60 | 0.33 (0.32-0.33) | ✓ 0.40 | 75 % | 83 | 41 % | 0.99999 |
      "
    `);
  });

  it("names no folder of the machine", () => {
    expect(text).not.toContain("/somewhere");
  });

  it("marks a bar that is missed", () => {
    expect(text).toMatch(/ResNet-50 .* ✗ 0\.60/);
    expect(text).toMatch(/VGG-16 .* ✓ 0\.32/);
  });
});
