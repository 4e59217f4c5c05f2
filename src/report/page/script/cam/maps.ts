import { upsample, type Upsampling } from "../../../../cam/upsamplers.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import type { CamsRecord } from "../../record.ts";
import { mapOf } from "../parts/files.ts";
import type { View } from "../parts/store.ts";
import { classOf, gridOf, upsamplingOf, type CamState, type Grid } from "./state.ts";

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
