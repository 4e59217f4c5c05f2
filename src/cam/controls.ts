import { ErfitError } from "../core/error.ts";
import { random, shuffled } from "../core/random.ts";
import { realMap, type RealMap } from "../core/tensor.ts";

/** What a control may use in a method's place. */
interface ControlSources {
  /** The method's grid of this image. */
  readonly own: RealMap;
  /** The method's grid of another image, for the control that needs it. */
  readonly other: RealMap | null;
  readonly seed: number;
}

interface Control {
  readonly title: string;
  /** Whether the method's map has a part in it. */
  readonly ofMethod: boolean;
  readonly needsOther: boolean;
  readonly grid: (sources: ControlSources) => RealMap;
}

/** Maps that do not know where the class is: what a method must beat before its score means anything. */
export const controls = {
  random: {
    title: "random cells",
    ofMethod: false,
    needsOther: false,
    grid: ({ own, seed }) => {
      const next = random(seed);
      return withCells(
        own,
        own.data.map(() => next()),
      );
    },
  },
  shuffled: {
    title: "cells shuffled",
    ofMethod: true,
    needsOther: false,
    grid: ({ own, seed }) => withCells(own, Float64Array.from(shuffled([...own.data], seed))),
  },
  "other-image": {
    title: "map of another photograph",
    ofMethod: true,
    needsOther: true,
    grid: ({ other }) => {
      if (other === null)
        throw new ErfitError(`the control "other-image" was given no other image`, { kind: "failure" });
      return other;
    },
  },
} as const satisfies Record<string, Control>;

export type ControlName = keyof typeof controls;

const withCells = ({ shape: [height, width] }: RealMap, cells: Float64Array): RealMap =>
  realMap(height, width, cells);
