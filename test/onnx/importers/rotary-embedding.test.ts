import { expect, test } from "vitest";
import { float32, int64, type Shape, type Tensor } from "../../../src/core/tensor.ts";
import { noise } from "../small-model.ts";
import { comparison, gradientError, type Case } from "./case.ts";

/** Angles of 7 positions, for 4 pairs of channels. */
const table = (of: (angle: number) => number, shape: Shape): Tensor =>
  float32(
    shape,
    noise(shape, 4).data.map((angle) => of(3 * angle)),
  );
const angles = [table(Math.cos, [1, 7, 4]), table(Math.sin, [1, 7, 4])] as const;
const positions = [
  table(Math.cos, [9, 4]),
  table(Math.sin, [9, 4]),
  int64([1, 7], [8, 0, 3, 3, 1, 2, 5]),
] as const;

const rotations: Readonly<Record<string, Case>> = {
  halves: { constants: angles },
  neighbors: { constants: angles, attributes: { interleaved: 1 } },
  "positions by index": { constants: positions },
  "of [1, T, C]": { constants: positions, shape: [1, 7, 16], attributes: { num_heads: 2, interleaved: 1 } },
  "the first channels only": {
    constants: angles,
    shape: [1, 2, 7, 12],
    attributes: { rotary_embedding_dim: 8, num_heads: 2 },
  },
};

test.each(Object.entries(rotations))("RotaryEmbedding, %s: result and gradient", async (_, one) => {
  const rotation: Case = { shape: [1, 2, 7, 8], opset: 23, ...one };
  const { difference, operators } = await comparison("RotaryEmbedding", rotation);
  expect(difference).toBeLessThan(1e-5);
  expect(operators).not.toContain("Opaque");
  expect(await gradientError("RotaryEmbedding", rotation)).toBeLessThan(1e-3);
});
