import { ErfitError } from "../math/error.ts";
import { realMap, type RealMap } from "../math/tensor.ts";
import type { FeatureMap } from "./feature-map.ts";
import { camMethods, type CamMethodName } from "./methods.ts";
import { upsample, type Upsampling } from "./upsamplers.ts";

/**
 * The signed map of a method at the feature map's resolution, before any ReLU, in the units of the score.
 * @param A the feature map of the layer
 * @param G the gradient of the class score by it, of the same extents
 * @throws {ErfitError} where the two differ in extents, or the map is not finite
 */
export function camGrid(method: CamMethodName, A: FeatureMap, G: FeatureMap): RealMap {
  if (A.channels !== G.channels || A.height !== G.height || A.width !== G.width)
    throw new ErfitError(
      `${method}: the feature map is ${extents(A)}, its gradient ${extents(G)}; they must be equal`,
      { kind: "failure" },
    );
  const grid = camMethods[method].grid(A, G);
  if (!grid.data.every(Number.isFinite))
    throw new ErfitError(`${method}: the map holds NaN or infinity`, {
      kind: "failure",
      remedy:
        "check the model's weights and the preprocessing: the feature map or its gradient is not finite",
    });
  return grid;
}

/**
 * The map at input size, in the units of the score: ReLU where the method has one, then upsampling.
 * @param size height and width of the network's input, in pixels
 */
export function camMap(
  method: CamMethodName,
  grid: RealMap,
  upsampling: Upsampling,
  size: readonly [height: number, width: number],
): RealMap {
  return upsample(camMethods[method].rectify ? rectified(grid) : grid, size, upsampling);
}

/** The map moved and scaled to [0, 1], as the paper's figures show it; a constant map becomes zero. */
export function minMaxNormalise({ shape: [height, width], data }: RealMap): RealMap {
  const [low, high] = extentOf(data);
  const scale = high > low ? 1 / (high - low) : 0;
  return realMap(
    height,
    width,
    data.map((value) => (value - low) * scale),
  );
}

const rectified = ({ shape: [height, width], data }: RealMap): RealMap =>
  realMap(
    height,
    width,
    data.map((value) => Math.max(value, 0)),
  );

/** Least and greatest value; a loop, because a map has more elements than a call may have arguments. */
function extentOf(data: Float64Array): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const extents = ({ channels, height, width }: FeatureMap): string => `${channels} x ${height} x ${width}`;
