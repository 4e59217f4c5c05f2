import { at } from "../../core/required.ts";
import { stridesOf, type Shape } from "../../core/tensor.ts";
import type { Interval } from "../../graph/window.ts";

/** A box of elements, one interval an axis. */
export type Region = readonly Interval[];

export const whole = (shape: Shape): Region => shape.map((extent) => [0, extent - 1]);

export const hull = (a: Region, b: Region): Region =>
  a.map(([first, last], axis) => {
    const [from, to] = at(b, axis);
    return [Math.min(first, from), Math.max(last, to)];
  });

export const replaced = (region: Region, axis: number, interval: Interval): Region =>
  region.map((own, k) => (k === axis ? interval : own));

export const extentsOf = (region: Region): Shape => region.map(([first, last]) => last - first + 1);

export const sameRegion = (a: Region, b: Region): boolean =>
  a.length === b.length && a.every(([first, last], axis) => first === b[axis]?.[0] && last === b[axis][1]);

/** Whether a box and a tensor have elements in common. */
export const overlaps = (region: Region, shape: Shape): boolean =>
  region.every(([first, last], axis) => first < at(shape, axis) && last >= 0);

/** The part of a box that lies in a tensor; the two overlap. */
export const clipped = (region: Region, shape: Shape): Region =>
  region.map(([first, last], axis) => [Math.max(first, 0), Math.min(last, at(shape, axis) - 1)]);

/** Groups of axes of two shapes of equal size whose extents have equal products: `[6, 4] ~ [2, 3, 4]` gives {0 | 0, 1}, {1 | 2}. */
function axisGroups(from: Shape, to: Shape): readonly { readonly from: number[]; readonly to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group = { from: [i], to: [j] };
    // Axes of one element may be left at the end of either shape.
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
    const stride = at(strides, axis);
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
    const from = group.from.filter((axis) => axis < input.length && input[axis] !== 1);
    const to = group.to.filter((axis) => axis < output.length && output[axis] !== 1);
    const [source, ...moreSources] = from;
    const [sink, ...moreSinks] = to;
    if (source === undefined || sink === undefined) continue;
    if (moreSources.length === 0 && moreSinks.length === 0) {
      result[source] = at(region, sink);
      continue;
    }
    const extents = to.map((axis) => at(output, axis));
    const strides = stridesOf(extents);
    const flat = (end: 0 | 1) =>
      to.reduce((sum, axis, k) => {
        const index = Math.min(Math.max(at(region, axis)[end], 0), at(extents, k) - 1);
        return sum + index * at(strides, k);
      }, 0);
    const box = unflattened(
      flat(0),
      flat(1),
      from.map((axis) => at(input, axis)),
    );
    from.forEach((axis, k) => (result[axis] = at(box, k)));
  }
  return result;
}
