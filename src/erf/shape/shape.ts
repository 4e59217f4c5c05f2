import type { RealMap } from "../../core/tensor.ts";
import { mapAtUnitScale } from "../../core/unit-scale.ts";
import { marginalsOf, momentsOf, type Moments } from "../../fit/moments.ts";
import {
  contributionAreasOf,
  effectiveAreaOf,
  type ContributionArea,
  type EffectiveArea,
  type TheoreticalField,
} from "./areas.ts";
import { measured, unmeasured, soundnessOf, type Measured } from "./measured.ts";
import { fullWidthOf, radialMassOf, type FullWidth, type RadialMass } from "./profiles.ts";

/** Statistics of an effective receptive field that take no Gaussian for granted; null where the map has none. */
export interface ErfShape {
  readonly moments: Moments | null;
  readonly contributionAreas: readonly ContributionArea[] | null;
  readonly radialMass: RadialMass | null;
  /** Of the sums of the columns, and of the rows. */
  readonly fullWidthX: FullWidth | null;
  readonly fullWidthY: FullWidth | null;
  readonly effectiveArea: EffectiveArea | null;
  /** Why a statistic, or a part of it, is null. */
  readonly missing: readonly { readonly statistic: string; readonly reason: string }[];
}

/**
 * The shape of a map `[height, width]`, in pixels; x is the column and y the row from 0. A statistic that the map
 * does not have is null, and `missing` holds the reason. The map's scale does not matter.
 * @param unsound why the map has no statistics at all, where that is known
 */
export function shapeOf(
  given: RealMap,
  { receptiveField }: { readonly receptiveField: TheoreticalField | null },
  unsound?: string,
): ErfShape {
  const map = mapAtUnitScale(given);
  const { ofValues, ofShares } =
    unsound === undefined ? soundnessOf(map) : { ofValues: unsound, ofShares: unsound };
  const total = map.data.reduce((sum, value) => sum + value, 0);
  const shares = { ...map, data: map.data.map((value) => value / total) };
  const marginals = marginalsOf(map);
  const found = {
    moments: unless(ofShares, () => measured(momentsOf(shares))),
    contributionAreas: unless(ofShares, () => contributionAreasOf(shares)),
    radialMass: unless(ofShares, () => measured(radialMassOf(shares))),
    fullWidthX: unless(ofValues, () => fullWidthOf(marginals.x, "x")),
    fullWidthY: unless(ofValues, () => fullWidthOf(marginals.y, "y")),
    effectiveArea: unless(ofValues, () => effectiveAreaOf(map, receptiveField)),
  };
  return {
    moments: found.moments.value,
    contributionAreas: found.contributionAreas.value,
    radialMass: found.radialMass.value,
    fullWidthX: found.fullWidthX.value,
    fullWidthY: found.fullWidthY.value,
    effectiveArea: found.effectiveArea.value,
    missing: Object.entries(found).flatMap(([statistic, { reasons }]) =>
      reasons.map((reason) => ({ statistic, reason })),
    ),
  };
}

const unless = <T>(fault: string | undefined, measure: () => Measured<T>): Measured<T> =>
  fault === undefined ? measure() : unmeasured(fault);
