import type { Network } from "../../src/runtime/network.ts";
import { float32, sizeOf, type Tensor } from "../../src/core/tensor.ts";

/** The slope of an output's element along erfit's gradient of it, by central differences. */
export interface Slope {
  /** From the gradient's norm, as a share of that: of the steps tried, the best. */
  readonly off: number;
}

/** Lengths of a step, as shares of the image's own. Long ones bend, short ones drown in float32's rounding. */
const steps = [1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6];

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

/** Smooth waves between 0 and 1 in each color: as a network meets them, whatever its preprocessing. */
function waves(shape: readonly number[]): Tensor<"float32"> {
  return float32(
    shape,
    Float32Array.from(
      { length: sizeOf(shape) },
      (_, k) => 0.5 + 0.25 * (Math.sin(k / 5) + Math.sin(k / 701)),
    ),
  );
}

/** The image, `distance` further along a direction of length `length`. */
const moved = (image: Tensor<"float32">, along: Float32Array, distance: number): Tensor<"float32"> =>
  float32(
    image.shape,
    image.data.map((value, k) => value + distance * (along[k] ?? NaN)),
  );

/**
 * Follows the largest element of a tensor.
 * @throws ErfitError where there is no gradient
 */
export async function slopeAlongGradient({ input, ...network }: Network, target: string): Promise<Slope> {
  const forward = await network.forward({ outputs: [target] });
  const scoresOf = async (image: Tensor<"float32">): Promise<Float32Array> => {
    const [scores] = await forward.run(image);
    if (scores?.dtype !== "float32") throw new Error(`"${target}" is not float32`);
    return scores.data;
  };
  const image = waves(input.shape);
  const scores = await scoresOf(image);
  const index = scores.indexOf(scores.reduce((most, score) => Math.max(most, score)));
  const program = await network.differentiate({
    target: target,
    objective: { kind: "element", index },
  });
  const { gradient } = await program.run({ image });
  await program.release();

  const length = norm(gradient.data);
  if (length === 0) throw new Error(`"${target}" does not change with the image`);
  const scoreAt = async (distance: number): Promise<number> =>
    (await scoresOf(moved(image, gradient.data, distance / length)))[index] ?? NaN;
  let off = Infinity;
  for (const step of steps) {
    const distance = step * norm(image.data);
    const slope = ((await scoreAt(distance)) - (await scoreAt(-distance))) / (2 * distance);
    off = Math.min(off, Math.abs(slope / length - 1));
  }
  await forward.release();
  return { off };
}
