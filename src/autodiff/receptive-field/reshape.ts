import { stridesOf, type Shape } from "../../core/tensor.ts";
import type { Interval, Region } from "./region.ts";

/** Groups of axes of two shapes of equal size whose extents have equal products: `[6, 4] ~ [2, 3, 4]` gives {0 | 0, 1}, {1 | 2}. */
function axisGroups(from: Shape, to: Shape): readonly { readonly from: number[]; readonly to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group = { from: [i], to: [j] };
    let [a, b] = [from[i++] ?? 1, to[j++] ?? 1];
    while (a !== b && (i < from.length || j < to.length)) {
      if (a < b) {
        group.from.push(i);
        a *= from[i++] ?? 1;
      } else {
        group.to.push(j);
        b *= to[j++] ?? 1;
      }
    }
    groups.push(group);
  }
  return groups;
}

/** Box of `shape` that holds the flat range from `first` to `last`. */
function unflattened(first: number, last: number, shape: Shape): Region {
  const strides = stridesOf(shape);
  let same = true;
  return shape.map((extent, axis): Interval => {
    const stride = strides[axis] ?? 1;
    const [low, high] = [Math.floor(first / stride) % extent, Math.floor(last / stride) % extent];
    const interval: Interval = same ? [low, high] : [0, extent - 1];
    same &&= low === high;
    return interval;
  });
}

/** Reading a tensor in another shape: axes that are neither split nor merged keep their interval. */
export function reshaped(input: Shape, output: Shape, region: Region): Region {
  const result: Interval[] = input.map((extent) => [0, extent - 1]);
  for (const group of axisGroups(input, output)) {
    const from = group.from.filter((axis) => (input[axis] ?? 1) !== 1);
    const to = group.to.filter((axis) => (output[axis] ?? 1) !== 1);
    const [source, ...moreSources] = from;
    const [sink, ...moreSinks] = to;
    if (source === undefined || sink === undefined) continue;
    if (moreSources.length === 0 && moreSinks.length === 0) {
      result[source] = region[sink] ?? [0, 0];
      continue;
    }
    const extents = to.map((axis) => output[axis] ?? 1);
    const strides = stridesOf(extents);
    const flat = (end: 0 | 1) =>
      to.reduce((sum, axis, k) => {
        const index = Math.min(Math.max(region[axis]?.[end] ?? 0, 0), (extents[k] ?? 1) - 1);
        return sum + index * (strides[k] ?? 1);
      }, 0);
    const box = unflattened(
      flat(0),
      flat(1),
      from.map((axis) => input[axis] ?? 1),
    );
    from.forEach((axis, k) => (result[axis] = box[k] ?? [0, 0]));
  }
  return result;
}
