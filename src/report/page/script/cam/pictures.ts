import type { Raster } from "../../../../input/decode.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { rangeOf } from "../../../color.ts";
import { overlay, overlayStyle } from "../../../overlay.ts";
import { showRamp, showRaster } from "../parts/canvas.ts";
import { element, part } from "../parts/dom.ts";
import { photographOf } from "../parts/files.ts";
import { figures } from "../parts/numbers.ts";
import type { Store, View } from "../parts/store.ts";
import type { CamsRecord } from "../../record.ts";
import { imageOf, type CamState } from "./state.ts";

/** The explored map and Grad-CAM over the photograph, by the library's own overlay. */
export function overlayView(): View<CamState> {
  const explored = frame("cam-map", "cam-range");
  const reference = frame("cam-reference", "cam-reference-range");
  return {
    reads: ["photograph", "map", "reference", "opacity"],
    draw({ photograph, map, reference: bilinear, opacity }) {
      explored(photograph, map, opacity);
      reference(photograph, bilinear, opacity);
    },
  };
}

/** A canvas with the values at the two ends of its colors. */
function frame(canvasId: string, rangeId: string) {
  const canvas = part(canvasId, HTMLCanvasElement);
  const range = part(rangeId, HTMLDivElement);
  const ramp = element("canvas", { class: "ramp", "aria-hidden": "true" });
  showRamp(ramp, overlayStyle.colorMap);
  const [low, high] = [element("span"), element("span")];
  range.append(low, ramp, high);
  return (photograph: Raster | null, map: RealMap | null, alpha: number): void => {
    if (photograph === null || map === null) return;
    showRaster(canvas, overlay(photograph, map, { ...overlayStyle, alpha }));
    const [least, greatest] = rangeOf(map);
    low.textContent = figures(least);
    high.textContent = figures(greatest);
  };
}

/** The photograph of the chosen image, decoded once; a ready tensor has none, and a gray field takes its place. */
export function photographView(record: CamsRecord, store: Store<CamState>): View<CamState> {
  const decoded = new Map<number, Raster>();
  const canvas = part("cam-photograph", HTMLCanvasElement);
  const show = (image: number, photograph: Raster): void => {
    decoded.set(image, photograph);
    if (store.state.image !== image) return;
    showRaster(canvas, photograph);
    store.change({ photograph });
  };
  return {
    reads: ["image"],
    draw({ image }) {
      const known = decoded.get(image);
      const { photograph } = imageOf(record, { image });
      if (known !== undefined) show(image, known);
      else if (photograph === null) show(image, gray(record.size));
      else
        void photographOf(photograph).then((raster) => {
          show(image, raster);
        });
    },
  };
}

const gray = ([height, width]: RealMap["shape"]): Raster => ({
  height,
  width,
  data: new Uint8Array(3 * height * width).fill(160),
});
