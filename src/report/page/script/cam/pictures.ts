import type { RealMap } from "../../../../core/tensor.ts";
import type { Raster } from "../../../../input/raster.ts";
import { rangeOf } from "../../../color.ts";
import { overlay, overlayStyle } from "../../../overlay.ts";
import type { CamsRecord } from "../../record.ts";
import { classOf, gridOf, imageOf, type CamState } from "./state.ts";
import { showRamp, showRaster, part, element, photographOf } from "../parts/dom.ts";
import { crossHair, followCursor } from "../parts/cursor.ts";
import { figures, percent } from "../parts/slider.ts";
import type { Store, View } from "../parts/store.ts";

/** A caption of what the pictures show. */
export function captionsView(record: CamsRecord): View<CamState> {
  const photograph = part("cam-photograph-caption", HTMLElement);
  const map = part("cam-map-caption", HTMLElement);
  const none = part("cam-no-reference", HTMLParagraphElement);
  const reference = part("cam-reference-figure", HTMLElement);
  return {
    reads: ["image", "label", "method", "by", "sigmaX", "sigmaY", "reference"],
    draw(state) {
      const { name, probability, score } = classOf(record, state);
      photograph.textContent = `${imageOf(record, state).name}: ${name}, ${probability === null ? "" : `${percent(probability)} `}(output ${figures(score)})`;
      const how =
        state.by === "gaussian"
          ? `Gaussian, σ ${state.sigmaX.toFixed(1)}, ${state.sigmaY.toFixed(1)} px`
          : state.by;
      map.textContent = `${gridOf(record, state).title}, ${how}`;
      none.hidden = state.reference !== null;
      reference.hidden = state.reference === null;
    },
  };
}

/** Both maps' values at one pixel, under the pointer or the keyboard's cursor in either. */
export function camReadoutView({ size }: CamsRecord, store: Store<CamState>): View<CamState> {
  const output = part("cam-readout", HTMLOutputElement);
  const frames = ["cam-frame", "cam-reference-frame", "cam-photograph-frame"].map((id) =>
    part(id, HTMLDivElement),
  );
  for (const frame of frames) {
    frame.style.aspectRatio = `${size[1]} / ${size[0]}`;
    followCursor(frame, {
      shape: size,
      home: () => ({ x: (size[1] - 1) / 2, y: (size[0] - 1) / 2 }),
      current: () => store.state.cursor,
      onMove: (cursor) => {
        store.change({ cursor });
      },
    });
  }
  const lines = frames.map((frame) => crossHair(frame, size, "xy"));
  return {
    reads: ["cursor", "map", "reference"],
    draw({ cursor, map, reference }) {
      for (const line of lines) line(cursor);
      if (cursor === null || map === null) {
        output.textContent = "Point at a picture, or press Tab and the arrow keys, to read both maps.";
        return;
      }
      const at = (of: RealMap): string => figures(of.data[cursor.y * size[1] + cursor.x] ?? NaN);
      const beside = reference === null ? "" : `, Grad-CAM bilinear ${at(reference)}`;
      output.textContent = `x ${cursor.x}, y ${cursor.y}: this map ${at(map)}${beside}`;
    },
  };
}

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
