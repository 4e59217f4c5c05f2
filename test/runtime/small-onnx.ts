import { join } from "node:path";
import { extend } from "../../src/graph/builder.ts";
import { renamed, type Value } from "../../src/graph/graph.ts";
import { float32, type Shape } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { empty } from "../graph/run-graph.ts";
import { fill, scratchFolder } from "../input/pictures.ts";
import { noise } from "../onnx/small-model.ts";
import { windowed } from "../graph/by-axis.ts";

export const smallInput: Shape = [1, 3, 24, 20];

const window = { kernelShape: [3, 3], dilations: [1, 1], group: 1 };

/** conv1 (3 x 3) -> relu -> conv2 (3 x 3, stride 2): [1, 3, 24, 20] to [1, 5, 12, 10]. */
export function smallOnnx(weights = noise([4, 3, 3, 3])): Uint8Array {
  const g = extend(empty);
  const names = new Map<string, string>();
  const called = (value: Value, name: string): Value => {
    names.set(value.name, name);
    return value;
  };
  const image = g.input("image", "float32", smallInput);
  const kernel = called(g.constant(weights), "conv1.weight");
  const y = called(
    g.conv(image, kernel, windowed({ ...window, strides: [1, 1], pads: [1, 1, 1, 1] })),
    "conv1",
  );
  const rectified = called(g.relu(y), "relu");
  const second = g.constant(noise([5, 4, 3, 3], 2));
  const z = called(
    g.conv(rectified, second, windowed({ ...window, strides: [2, 2], pads: [1, 1, 1, 1] })),
    "conv2",
  );
  return exportModel(renamed(g.build([z]), (name) => names.get(name) ?? name));
}

/** `count` convolutions of 3 x 3 equal weights on one channel, behind one that sums the colors: [1, 3, size, size]. */
export function stackedBoxes(count: number, size: number): Uint8Array {
  const g = extend(empty);
  const box = (channels: number) =>
    g.constant(float32([1, channels, 3, 3], new Float32Array(9 * channels).fill(1 / 9)));
  let x = g.input("image", "float32", [1, 3, size, size]);
  for (let layer = 0; layer < count; layer++)
    x = g.conv(x, box(layer === 0 ? 3 : 1), windowed({ ...window, strides: [1, 1], pads: [1, 1, 1, 1] }));
  return exportModel(g.build([x]));
}

/** A model in a folder that goes when the test ends. */
export async function onDisk(bytes: Uint8Array | string, name = "net.onnx"): Promise<string> {
  const folder = await scratchFolder();
  await fill(folder, { [name]: bytes });
  return join(folder, name);
}
