import type { Operators } from "../../graph/operators.ts";
import type { Interval } from "./region.ts";

/** Element that a position of the padding copies, the input's own elements being 0 to `extent - 1`. */
const copied: Readonly<Record<Operators["Pad"]["mode"], (position: number, extent: number) => number>> = {
  constant: (position) => position,
  edge: (position, extent) => Math.min(Math.max(position, 0), extent - 1),
  reflect: (position, extent) => extent - 1 - Math.abs(extent - 1 - Math.abs(position)),
  wrap: (position, extent) => (position + extent) % extent,
};

/** What a padded axis reads: the same positions, and those that the padding among them copies. */
export function padded(
  mode: Operators["Pad"]["mode"],
  [first, last]: Interval,
  extent: number,
  before: number,
  after: number,
): Interval {
  let [low, high] = [first - before, last - before];
  for (
    let position = Math.max(low, -before);
    position <= Math.min(last - before, extent - 1 + after);
    position++
  ) {
    const source = copied[mode](position, extent);
    [low, high] = [Math.min(low, source), Math.max(high, source)];
  }
  return [low, high];
}
