import type { CellPositionName } from "../../../../cam/axis-weights.ts";
import type { GaussianSpread, UpsamplerName, Upsampling } from "../../../../cam/upsamplers.ts";
import type { Raster } from "../../../../input/decode.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import type { CamsRecord } from "../../record.ts";
import type { Pixel } from "../parts/cursor.ts";

/** The sigma that the paper says resembles Grad-CAM (Kim et al. 2021, Section 4). */
export const paperSigma = 20;

export interface CamState {
  /** Which image, class of it, and grid of that. */
  readonly image: number;
  readonly label: number;
  readonly method: string;
  readonly by: UpsamplerName;
  readonly position: CellPositionName;
  readonly normalize: boolean;
  readonly sigmaX: number;
  readonly sigmaY: number;
  /** Both sigmas move by one factor. */
  readonly together: boolean;
  readonly opacity: number;
  /** Null until it is decoded. */
  readonly photograph: Raster | null;
  readonly map: RealMap | null;
  readonly reference: RealMap | null;
  readonly cursor: Pixel | null;
}

export type Image = CamsRecord["images"][number];
export type ExplainedClass = Image["classes"][number];
export type Grid = ExplainedClass["grids"][number];

const first = <T>(items: readonly T[], index: number, what: string): T => {
  const found = items[index] ?? items[0];
  if (found === undefined) throw new Error(`the page has no ${what}`);
  return found;
};

export const imageOf = ({ images }: CamsRecord, { image }: Pick<CamState, "image">): Image =>
  first(images, image, "image");

export const classOf = (record: CamsRecord, state: Pick<CamState, "image" | "label">): ExplainedClass =>
  first(imageOf(record, state).classes, state.label, "class");

export const gridOf = (record: CamsRecord, state: Pick<CamState, "image" | "label" | "method">): Grid => {
  const { grids } = classOf(record, state);
  return first(
    grids,
    grids.findIndex(({ key }) => key === state.method),
    "grid",
  );
};

type Drawing = Pick<CamState, "by" | "sigmaX" | "sigmaY" | "position" | "normalize">;

/** Cells of the middle, for a page without a calibration: no position that reads them is offered. */
const nowhere: GaussianSpread["anchor"] = {
  x: { cell: 0, center: 0, stride: 1 },
  y: { cell: 0, center: 0, stride: 1 },
};

export const upsamplingOf = ({ gaussian }: CamsRecord, { by, ...spread }: Drawing): Upsampling =>
  by === "gaussian" ? { by, ...spread, anchor: gaussian?.anchor ?? nowhere } : { by };
