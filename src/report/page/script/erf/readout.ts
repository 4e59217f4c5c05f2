import type { RealMap } from "../../../../core/tensor.ts";
import { marginalsOf } from "../../../../erf/shape/profiles.ts";
import { rangeOf } from "../../../color.ts";
import { crossHair, followCursor } from "../parts/cursor.ts";
import { part } from "../parts/dom.ts";
import { figures, percent } from "../parts/numbers.ts";
import type { Store, View } from "../parts/store.ts";
import type { ErfState } from "./state.ts";

const invitation = "Point at the map, or press Tab and the arrow keys, to read its values.";

/** The values under the pointer or the keyboard's cursor, and its lines over map and profiles. */
export function readoutView(shares: RealMap, store: Store<ErfState>): View<ErfState> {
  const host = part("erf-frame", HTMLDivElement);
  const output = part("erf-readout", HTMLOutputElement);
  const { shape, data } = shares;
  const width = shape[1];
  const sums = marginalsOf(shares);
  const most = rangeOf(shares)[1];
  followCursor(host, {
    shape,
    home: () => ({ x: store.state.surface.centerX, y: store.state.surface.centerY }),
    current: () => store.state.cursor,
    onMove: (cursor) => {
      store.change({ cursor });
    },
  });
  const lines = [
    crossHair(host, shape, "xy"),
    crossHair(part("erf-columns", HTMLDivElement), shape, "x"),
    crossHair(part("erf-rows", HTMLDivElement), shape, "y"),
  ];
  return {
    reads: ["cursor", "gaussian"],
    draw({ cursor, gaussian }) {
      for (const line of lines) line(cursor);
      if (cursor === null) {
        output.textContent = invitation;
        return;
      }
      const pixel = cursor.y * width + cursor.x;
      const [value, curve] = [data[pixel] ?? NaN, gaussian.data[pixel] ?? NaN];
      output.textContent =
        `x ${cursor.x}, y ${cursor.y}: ${figures(value)} of the sum (${percent(value / most)} of the greatest), ` +
        `Gaussian ${figures(curve)}, residual ${figures(value - curve)}; ` +
        `column ${percent(sums.x[cursor.x] ?? NaN)}, row ${percent(sums.y[cursor.y] ?? NaN)}`;
    },
  };
}
