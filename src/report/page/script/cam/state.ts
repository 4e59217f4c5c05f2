import type { CellPositionName } from "../../../../cam/axis-weights.ts";
import {
  type GaussianSpread,
  type UpsamplerName,
  type Upsampling,
  upsample,
} from "../../../../cam/upsamplers.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import type { Raster } from "../../../../input/raster.ts";
import type { CamsRecord } from "../../record.ts";
import type { Pixel } from "../parts/cursor.ts";
import { mapOf } from "../parts/dom.ts";
import type { View } from "../parts/store.ts";

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

type Image = CamsRecord["images"][number];
type ExplainedClass = Image["classes"][number];
type Grid = ExplainedClass["grids"][number];

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

const upsamplingOf = ({ gaussian }: CamsRecord, { by, ...spread }: Drawing): Upsampling =>
  by === "gaussian" ? { by, ...spread, anchor: gaussian?.anchor ?? nowhere } : { by };

/** The grid at input size: ReLU where the method has one, then upsampling. */
function mapAtInput(grid: Grid, upsampling: Upsampling, size: RealMap["shape"]): RealMap {
  const cells = mapOf(grid.map, grid.title);
  const rectified = grid.rectify ? { ...cells, data: cells.data.map((value) => Math.max(value, 0)) } : cells;
  return upsample(rectified, size, upsampling);
}

/** What the explored map is compared with: the class's Grad-CAM, bilinear. */
const referenceGrid = (record: CamsRecord, state: Pick<CamState, "image" | "label">): Grid | undefined =>
  classOf(record, state).grids.find(({ key }) => key === "grad-cam");

/** Makes the maps again where what they are made of has changed. */
export function mapsView(
  record: CamsRecord,
  onMaps: (maps: Pick<CamState, "map" | "reference">) => void,
): View<CamState> {
  return {
    reads: ["image", "label", "method", "by", "position", "normalize", "sigmaX", "sigmaY"],
    draw(state) {
      const reference = referenceGrid(record, state);
      onMaps({
        map: mapAtInput(gridOf(record, state), upsamplingOf(record, state), record.size),
        reference: reference ? mapAtInput(reference, { by: "bilinear" }, record.size) : null,
      });
    },
  };
}
