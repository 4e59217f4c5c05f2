import { describe, expect, it } from "vitest";
import { leftOutAfter } from "../../src/runtime/left-out.ts";
import { defaultLayer } from "../../src/runtime/layers.ts";
import { openModel } from "../../src/runtime/open.ts";
import { int64 } from "../../src/core/tensor.ts";
import { tensor, fakeNetwork } from "./fake-network.ts";
import { smallClassifier } from "./small-classifier.ts";
import { onDisk } from "./small-onnx.ts";
import { info, ints, model, node, noise, type SmallModel } from "../onnx/small-model.ts";

const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** A convolution, `nodes` after it, and a convolution of what they make of it. */
async function remarkOn(
  nodes: SmallModel["nodes"],
  initializers: SmallModel["initializers"] = {},
  last = node("Relu", ["z"], ["y"]),
): Promise<readonly [layer: string, remark: string | null]> {
  const bytes = model({
    inputs: [info("image", [1, 3, 24, 32])],
    outputs: ["y"],
    nodes: [node("Conv", ["image", "w"], ["a"], same), ...nodes, last],
    initializers: { w: noise([7, 3, 3, 3]), ...initializers },
  });
  const { network } = await openModel(await onDisk(bytes), { threads: 1 });
  const layer = defaultLayer(network);
  return [layer.name, leftOutAfter(network, layer)];
}

describe("feature maps that are left out after the default layer", () => {
  it("none, where what follows is a head", async () => {
    const { network } = await openModel(await onDisk(smallClassifier()), { threads: 1 });
    expect(leftOutAfter(network, defaultLayer(network))).toBeNull();
  });

  it("that an operator makes which is not followed", async () => {
    // Elongated, so that the shape alone does not show a grid.
    const [layer, remark] = await remarkOn(
      [
        node("MaxPool", ["a"], ["b"], { kernel_shape: [6, 1], strides: [6, 1] }),
        node("GatherND", ["b", "all"], ["z"], { batch_dims: 0 }),
      ],
      { all: int64([1, 1], [0]) },
      node("Relu", ["z"], ["y"]),
    );
    expect(layer).toBe("a");
    expect(remark).toMatch(
      /^2 later feature maps are not listed, the first one "z" \[1, 7, 4, 32\]: .* through GatherND$/,
    );
  });

  it("that cover a part of the image", async () => {
    const [layer, remark] = await remarkOn([node("Slice", ["a", "starts", "ends", "axes"], ["z"])], {
      starts: ints(0),
      ends: ints(4),
      axes: ints(2),
    });
    expect(layer).toBe("a");
    expect(remark).toBe(
      '2 later feature maps are not listed, the first one "z" [1, 7, 4, 32]: they cover only a part of the image',
    );
  });

  it("whose axes are in another order", async () => {
    const [layer, remark] = await remarkOn([], {}, node("Transpose", ["a"], ["y"], { perm: [0, 3, 1, 2] }));
    expect(layer).toBe("a");
    expect(remark).toBe(
      '1 later feature map is not listed, "y" [1, 32, 7, 24]: their axes count other, columns, other, rows, which is not the order of a feature map',
    );
  });

  it("not those of a head, nor attention's", () => {
    const network = fakeNetwork([
      tensor("map", "Conv", [1, 8, 14, 14], "stage"),
      tensor("keys", "Opaque", [1, 8, 3, 14], "head.attention"),
      tensor("weights", "Softmax", [1, 8, 1, 196]),
      tensor("logits", "Gemm", [1, 10]),
    ]);
    expect(leftOutAfter(network, defaultLayer(network))).toBeNull();
  });
});
