import { axisOf, extentOf, isSpatial, type Axis, type Factor } from "./axis.ts";

/** Neighbors that count on in the same direction are one factor. */
function merged(factors: readonly Factor[]): readonly Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    const last = result.at(-1);
    const extent = (last?.extent ?? 1) * factor.extent;
    if (last?.of === "other" && factor.of === "other") {
      result[result.length - 1] = { of: "other", extent };
    } else if (
      last !== undefined &&
      last.of !== "other" &&
      last.of === factor.of &&
      last.whole === factor.whole &&
      last.stride === factor.stride * factor.extent
    ) {
      result[result.length - 1] = { ...factor, extent };
    } else result.push(factor);
  }
  return result;
}

/** The slower part of a factor, of that extent, and the faster rest. */
function divided(factor: Factor, extent: number): readonly [Factor, Factor] {
  const rest = factor.extent / extent;
  if (factor.of === "other")
    return [
      { of: "other", extent },
      { of: "other", extent: rest },
    ];
  return [
    { ...factor, extent, stride: factor.stride * rest },
    { ...factor, extent: rest },
  ];
}

const isSingle = (next: Axis | Factor | undefined): next is Factor =>
  next !== undefined && "of" in next && next.extent === 1;

/** The axes of a tensor that is read in another shape; undefined where an axis would be cut unevenly. */
export function regrouped(axes: readonly Axis[], shape: readonly number[]): readonly Axis[] | undefined {
  const left = axes.flatMap((axis): (Axis | Factor)[] =>
    axis.before + axis.behind > 0 ? [axis] : [...axis.factors],
  );
  const result: Axis[] = [];
  for (const extent of shape) {
    const factors: Factor[] = [];
    let wanted = extent;
    let tokens: Axis | undefined;
    // A direction of one position is an axis of its own where there is one, else a part of the next.
    if (extent === 1 && isSingle(left[0])) factors.push(...left.splice(0, 1).filter(isSingle));
    while (wanted > 1 && tokens === undefined) {
      const next = left.shift();
      if (next === undefined) return undefined;
      if ("factors" in next) {
        if (factors.length > 0 || extentOf(next) !== wanted) return undefined;
        tokens = next;
      } else if (wanted % next.extent === 0) {
        factors.push(next);
        wanted /= next.extent;
      } else if (next.extent % wanted === 0) {
        const [slower, faster] = divided(next, wanted);
        factors.push(slower);
        left.unshift(faster);
        wanted = 1;
      } else return undefined;
    }
    result.push(tokens ?? axisOf(...merged(factors)));
  }
  return settled(result, left);
}

/** Directions of one position that are left at the end belong to the last axis, where that counts the other direction. */
function settled(axes: readonly Axis[], left: readonly (Axis | Factor)[]): readonly Axis[] | undefined {
  if (!left.every(isSingle)) return undefined;
  const last = axes.at(-1);
  if (left.length === 0 || last === undefined || !isSpatial(last)) return axes;
  return [...axes.slice(0, -1), { ...last, factors: [...last.factors, ...left] }];
}
