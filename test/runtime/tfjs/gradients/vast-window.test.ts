import { expect, test } from "vitest";
import { refuseVastWindow } from "../../../../src/runtime/tfjs/gradients/register.ts";

test("a window far beyond its map is refused, one that networks have is not", () => {
  const image = { rank: 4, shape: [1, 24, 20, 2] };
  const filter = { rank: 4, shape: [3, 3, 2, 4] };
  const pool = (filterSize: unknown) => () => {
    refuseVastWindow("MaxPool", [image], { filterSize });
  };
  const convolution = (dilations: unknown) => () => {
    refuseVastWindow("Conv2D", [image, filter], { dilations });
  };
  for (const sound of [pool(2), pool([24, 20]), pool([1, 256]), convolution(1), convolution([36, 36])])
    expect(sound).not.toThrow();
  expect(pool([3, 2 ** 28])).toThrow("MaxPool has a window of 268435456 columns over a map of 20");
  expect(pool(257)).toThrow("window of 257 rows over a map of 24");
  expect(convolution([1, 2 ** 20])).toThrow("Conv2D has a window of 2097153 columns over a map of 20");
});
