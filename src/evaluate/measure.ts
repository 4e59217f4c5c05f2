import { sampleCorrelation } from "simple-statistics";
import { camGrid, camMap } from "../cam/cam.ts";
import { controls } from "../cam/controls.ts";
import type { CamMethodName } from "../cam/methods.ts";
import type { Explained } from "../cam/questions.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import { ErfitError } from "../core/error.ts";
import { largest } from "../core/scores.ts";
import type { RealMap, Tensor } from "../core/tensor.ts";
import { areaUnder, curveMasks, curves, type CurveName } from "./curves.ts";
import { maskingTest, type Design, type EvaluatedColumn } from "./design.ts";
import { fills, type FillName } from "./fills.ts";
import { maskedImage } from "./masked-image.ts";
import { keptBy, maskings, type Mask } from "./maskings.ts";
import type { ConfidenceName } from "./metrics.ts";
import type { Photograph } from "./photograph.ts";
import type { Scorer } from "./scorer.ts";

/** A photograph, explained. */
export interface ExplainedPhotograph {
  readonly image: string;
  readonly explained: Explained;
  /** Seed of its random controls. */
  readonly seed: number;
  /** Another one, for the control that borrows its map; null where no column has that control. */
  readonly other: { readonly image: string; readonly explained: Explained } | null;
}

type Sides = readonly [height: number, width: number];

/** One use of one map, until its confidence is known. */
interface MaskedUse {
  readonly column: string;
  readonly test: string;
  readonly mask: Mask;
  readonly fill: FillName;
}

/** The confidence of the photograph and of all its masked forms, by the maps of the design's columns. */
export async function measurePhotograph(
  photograph: ExplainedPhotograph,
  design: Design,
  scorer: Scorer,
  colors: Pick<Preprocessing, "mean" | "std">,
  confidence: ConfidenceName,
): Promise<Photograph> {
  const { explanation, questions } = photograph.explained;
  const { classIndex, logits, probability } = explanation;
  const { image, layout } = questions;
  const behind = backgrounds((fill) => fills[fill].behind(image, layout, colors));
  const maps = await mapsOf(photograph, design, sidesOf(image, layout));

  const masked: Photograph["masked"][number][] = [];
  for (const { key, map } of maps) {
    const uses = usesOf(key, map, design);
    const found = await scorer.confidences(
      lazily(uses, ({ mask, fill }) => maskedImage(image, behind(fill), mask, layout)),
      classIndex,
    );
    uses.forEach(({ column, test, mask }, k) => {
      masked.push({ column, test, ...(found[k] ?? missing()), kept: keptBy(mask) });
    });
  }

  const areas: Photograph["curves"][number][] = [];
  for (const { key, map, of } of maps.flatMap((one) => one.curves.map((of) => ({ ...one, of })))) {
    const masks = curveMasks(map, of, design.steps);
    const found = await scorer.confidences(
      lazily(masks, (mask) => maskedImage(image, behind(curves[of].fill), mask, layout)),
      classIndex,
    );
    areas.push({ column: key, test: of, area: areaUnder(found.map((one) => one[confidence] ?? NaN)) });
  }

  return {
    image: photograph.image,
    classIndex,
    predicted: largest(logits),
    logit: logits[classIndex] ?? Number.NaN,
    probability,
    partner: photograph.other?.image ?? null,
    masked,
    curves: areas,
    likeness: likenesses(maps, design.resembles),
  };
}

const sidesOf = ({ shape }: Tensor<"float32">, layout: "NCHW" | "NHWC"): Sides => {
  const [, a = 1, b = 1, c = 1] = shape;
  return layout === "NCHW" ? [b, c] : [a, b];
};

interface NamedMap {
  readonly key: string;
  readonly curves: readonly CurveName[];
  readonly map: RealMap;
}

/** The maps of all columns, at the image's size; a method's grid is made once for all of its columns. */
async function mapsOf(
  { explained, other, seed }: ExplainedPhotograph,
  { columns, cam }: Design,
  sides: Sides,
): Promise<readonly NamedMap[]> {
  const own = new Map<CamMethodName, RealMap>();
  const others = new Map<CamMethodName, RealMap>();
  for (const { column } of columns) {
    const { method, control } = column;
    if (!own.has(method)) own.set(method, await camGrid(method, explained, cam));
    if (control !== null && controls[control].needsOther && other !== null && !others.has(method))
      others.set(method, await camGrid(method, other.explained, cam));
  }
  return columns.map(({ key, curves, column }: EvaluatedColumn) => {
    const { method, control } = column;
    const grid = own.get(method) ?? missing();
    const shown =
      control === null
        ? grid
        : controls[control].grid({ own: grid, other: others.get(method) ?? null, seed });
    return { key, curves, map: camMap(column, shown, sides) };
  });
}

const usesOf = (column: string, map: RealMap, { maskings: ways, fills: behind, keep }: Design) =>
  ways.flatMap((masking): MaskedUse[] => {
    const mask = maskings[masking].mask(map, keep);
    return behind.map((fill) => ({ column, test: maskingTest(masking, fill), mask, fill }));
  });

/** Each background is made when it is first asked for. */
function backgrounds(make: (fill: FillName) => Tensor<"float32">): (fill: FillName) => Tensor<"float32"> {
  const made = new Map<FillName, Tensor<"float32">>();
  return (fill) => {
    const found = made.get(fill) ?? make(fill);
    made.set(fill, found);
    return found;
  };
}

function likenesses(maps: readonly NamedMap[], to: string | null): Photograph["likeness"] {
  const standard = maps.find(({ key }) => key === to);
  if (standard === undefined) return [];
  const pixels = Array.from(standard.map.data);
  return maps.map(({ key, map }) => {
    const correlation = sampleCorrelation(Array.from(map.data), pixels);
    return { column: key, correlation: Number.isFinite(correlation) ? correlation : null };
  });
}

function* lazily<T, R>(items: Iterable<T>, of: (item: T) => R): Generator<R, void> {
  for (const item of items) yield of(item);
}

function missing(): never {
  throw new ErfitError("a masked photograph was not scored", { kind: "failure" });
}
