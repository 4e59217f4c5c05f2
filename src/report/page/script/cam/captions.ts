import type { RealMap } from "../../../../core/tensor.ts";
import type { CamsRecord } from "../../record.ts";
import { crossHair, followCursor } from "../parts/cursor.ts";
import { part } from "../parts/dom.ts";
import { figures, percent } from "../parts/numbers.ts";
import type { Store, View } from "../parts/store.ts";
import { classOf, gridOf, imageOf, type CamState } from "./state.ts";

/** What the pictures show, in words. */
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
