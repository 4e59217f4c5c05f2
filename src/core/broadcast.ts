import type { Shape } from "./tensor.ts";

/** The shape that NumPy broadcasting gives. Throws where extents disagree. */
export function broadcastShapes(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const extent = extents.find((candidate) => candidate !== 1) ?? 1;
    if (extents.some((candidate) => candidate !== 1 && candidate !== extent)) {
      throw new Error(
        `shapes ${shapes.map((shape) => `[${shape.join(",")}]`).join(" and ")} do not broadcast`,
      );
    }
    return extent;
  });
}

/** Axes of `wide` along which a value of shape `narrow` was repeated: the ones that its cotangent is summed over. */
export function broadcastAxes(narrow: Shape, wide: Shape): number[] {
  const offset = wide.length - narrow.length;
  return wide.flatMap((extent, axis) =>
    axis < offset || (narrow[axis - offset] === 1 && extent !== 1) ? [axis] : [],
  );
}
