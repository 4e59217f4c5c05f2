import type { Calibration } from "../../../../calibration/schema.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { marginalsOf } from "../../../../fit/moments.ts";
import { goodnessOf } from "../../../../fit/description.ts";
import type { Goodness } from "../../../../fit/result.ts";
import { vectorOf, type Surface, models } from "../../../../fit/model.ts";
import { objective } from "../../../../fit/objective.ts";
import { targetOf } from "../../../../fit/grid.ts";
import { rangeOf } from "../../../color.ts";
import type { ErfState } from "./state.ts";
import { crossHair, followCursor } from "../parts/cursor.ts";
import { part, element, tableRow, type Child } from "../parts/dom.ts";
import { figures, percent } from "../parts/slider.ts";
import type { Store, View } from "../parts/store.ts";

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

/** Every surface is one of this model's, so that one objective judges what any model fitted. */
const general = models["rotated-background"];

/** How well the sliders' Gaussian describes the map, as the fit itself counts it; undefined where it is none. */
function judge(map: RealMap): (surface: Surface) => Goodness | undefined {
  const target = targetOf(map);
  const at = objective(general, target.full);
  return (surface) => {
    const point = at(vectorOf(general, surface));
    return point && goodnessOf(target, point);
  };
}

/** R² and the residual, now and as fitted. */
export function goodnessView(map: RealMap, { fit }: Calibration): View<ErfState> {
  const body = part("erf-goodness", HTMLTableSectionElement);
  const goodness = judge(map);
  return {
    reads: ["surface"],
    draw({ surface }) {
      const now = goodness(surface);
      body.replaceChildren(
        ...rows.map(({ name, title, text }) =>
          tableRow(title(), text(now?.[name]), fit === null ? "–" : text(fit[name])),
        ),
      );
    },
  };
}

interface Row {
  readonly name: "rSquared" | "rSquaredTotal" | "sumOfSquares";
  readonly title: () => Child;
  readonly text: (value: number | undefined) => string;
}

const titled = (title: string, explanation: string) => () => element("abbr", { title: explanation }, title);

const rows: readonly Row[] = [
  {
    name: "rSquared",
    title: titled("R²", "1 - var(residual) / var(map), OpenERF's and the paper's"),
    text: (value) => value?.toFixed(4) ?? "–",
  },
  {
    name: "rSquaredTotal",
    title: titled("R², total", "1 - SSE / SST, lmfit's: an offset of the whole map counts"),
    text: (value) => value?.toFixed(4) ?? "–",
  },
  {
    name: "sumOfSquares",
    title: titled("Σ residual²", "of the map divided by its sum"),
    text: (value) => value?.toExponential(3) ?? "–",
  },
];
