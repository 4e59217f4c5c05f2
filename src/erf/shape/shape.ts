import type { RealMap } from "../../core/tensor.ts";
import { mapAtUnitScale } from "../../core/unit-scale.ts";
import { marginalsOf, momentsOf, type Moments } from "../../fit/moments.ts";
import {
  areasAroundCell,
  contributionAreasOf,
  effectiveAreaOf,
  type CenteredAreas,
  type ContributionArea,
  type EffectiveArea,
  type TheoreticalField,
} from "./areas.ts";
import { isOn, measured, pixelAt, soundnessOf, unmeasured, type Center, type Measured } from "./measured.ts";
import { fullWidthOf, radialMassOf, type FullWidth, type RadialMass } from "./profiles.ts";

/** Statistics of an effective receptive field that take no Gaussian for granted; null where the map has none. */
export interface ErfShape {
  readonly moments: Moments | null;
  /** Around the image's central pixel, as RepLKNet has them. */
  readonly contributionAreas: readonly ContributionArea[] | null;
  /** Around the pixel at the cell's own center. */
  readonly contributionAreasAroundCell: CenteredAreas | null;
  /** Around the image's central pixel, as OpenERF has it. */
  readonly radialMass: RadialMass | null;
  readonly radialMassAroundCell: RadialMass | null;
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
 * @param known the cell's theoretical receptive field, and its own center in the image, where they are known
 * @param unsound why the map has no statistics at all, where that is known
 */
export function shapeOf(
  given: RealMap,
  { receptiveField, cellCenter = null }: KnownOfCell,
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
    contributionAreasAroundCell: unless(ofShares, () =>
      aroundCell(map.shape, cellCenter, (center) => areasAroundCell(shares, center)),
    ),
    radialMass: unless(ofShares, () => measured(radialMassOf(shares))),
    radialMassAroundCell: unless(ofShares, () =>
      aroundCell(map.shape, cellCenter, (center) => radialMassOf(shares, pixelAt(center))),
    ),
    fullWidthX: unless(ofValues, () => fullWidthOf(marginals.x, "x")),
    fullWidthY: unless(ofValues, () => fullWidthOf(marginals.y, "y")),
    effectiveArea: unless(ofValues, () => effectiveAreaOf(map, receptiveField)),
  };
  return {
    moments: found.moments.value,
    contributionAreas: found.contributionAreas.value,
    contributionAreasAroundCell: found.contributionAreasAroundCell.value,
    radialMass: found.radialMass.value,
    radialMassAroundCell: found.radialMassAroundCell.value,
    fullWidthX: found.fullWidthX.value,
    fullWidthY: found.fullWidthY.value,
    effectiveArea: found.effectiveArea.value,
    missing: Object.entries(found).flatMap(([statistic, { reasons }]) =>
      reasons.map((reason) => ({ statistic, reason })),
    ),
  };
}

/** What is known of the cell whose field a map is. */
interface KnownOfCell {
  readonly receptiveField: TheoreticalField | null;
  /** Where the field should be centered, pixels; see `expectedCenter`. */
  readonly cellCenter?: { readonly x: number; readonly y: number } | null;
}

function aroundCell<T>(
  shape: RealMap["shape"],
  center: KnownOfCell["cellCenter"],
  measure: (center: Center) => T,
): Measured<T> {
  if (!center) return unmeasured("the cell's own center in the image is not known");
  const place = { centerX: center.x, centerY: center.y };
  return isOn(shape, place)
    ? measured(measure(place))
    : unmeasured(`the cell's own center (x ${center.x}, y ${center.y}) lies outside the image`);
}

const unless = <T>(fault: string | undefined, measure: () => Measured<T>): Measured<T> =>
  fault === undefined ? measure() : unmeasured(fault);
