import { areaX, areaY, axisX, axisY, gridX, gridY, lineX, lineY, plot } from "@observablehq/plot";
import type { RealMap } from "../../../../core/tensor.ts";
import { marginalsOf } from "../../../../fit/moments.ts";
import { keepPlot, part } from "../parts/dom.ts";
import type { View } from "../parts/store.ts";
import type { ErfState } from "./state.ts";

/** Room beside a profile's frame for the numbers of the pixels. */
const numbers = { below: 20, right: 28 } as const;

const measured = { fill: "var(--measured)", fillOpacity: 0.45, stroke: "var(--measured)" } as const;
const fitted = { stroke: "var(--fitted)", strokeWidth: 1.8 } as const;

/** Shares of the sum over the columns, and over the rows, aligned with the map: measured and of the sliders' Gaussian. */
export function profilesView(shares: RealMap, redraw: (draw: () => void) => void): View<ErfState> {
  const [columns, rows] = [part("erf-columns", HTMLDivElement), part("erf-rows", HTMLDivElement)];
  const [height, width] = shares.shape;
  const { x, y } = marginalsOf(shares);
  let last: ErfState | null = null;
  const drawn = ({ gaussian }: ErfState): void => {
    const curve = marginalsOf(gaussian);
    const [wide, high] = [columns.clientWidth, rows.clientHeight];
    if (wide === 0 || high === 0) return;
    keepPlot(
      columns,
      plot({
        width: wide,
        height: columns.clientHeight,
        margin: 0,
        marginTop: 6,
        marginBottom: numbers.below,
        x: { domain: [-0.5, width - 0.5] },
        y: { domain: extent(x, curve.x) },
        marks: [
          gridY({ ticks: 2 }),
          areaY(samples(x), { x: "pixel", y: "percent", ...measured }),
          lineY(samples(curve.x), { x: "pixel", y: "percent", ...fitted }),
          axisX({ label: null, ticks: 5 }),
          axisY({
            label: null,
            ticks: 2,
            tickSize: 0,
            anchor: "left",
            dx: 4,
            dy: -6,
            textAnchor: "start",
            tickFormat: shareText,
          }),
        ],
      }),
    );
    keepPlot(
      rows,
      plot({
        width: rows.clientWidth,
        height: high,
        margin: 0,
        marginRight: numbers.right,
        x: { domain: extent(y, curve.y), axis: null },
        y: { domain: [-0.5, height - 0.5], range: [0, high] },
        marks: [
          gridX({ ticks: 1 }),
          areaX(samples(y), { y: "pixel", x: "percent", ...measured }),
          lineX(samples(curve.y), { y: "pixel", x: "percent", ...fitted }),
          axisY({ label: null, ticks: 5, anchor: "right", tickSize: 0 }),
        ],
      }),
    );
  };
  redraw(() => {
    if (last !== null) drawn(last);
  });
  return {
    reads: ["gaussian"],
    draw(state) {
      last = state;
      drawn(state);
    },
  };
}

interface Sample {
  readonly pixel: number;
  readonly percent: number;
}

const samples = (values: Float64Array): Sample[] =>
  Array.from(values, (share, pixel) => ({ pixel, percent: 100 * share }));

const shareText = (value: number): string => `${value} %`;

/** Of both curves, but the Gaussian's peak may leave the frame rather than flatten the measured profile. */
function extent(profile: Float64Array, curve: Float64Array): [number, number] {
  const top = profile.reduce((a, b) => Math.max(a, b), 0);
  const peak = curve.reduce((a, b) => Math.max(a, b), 0);
  const low = profile.reduce((a, b) => Math.min(a, b), 0);
  return [100 * low, 108 * Math.max(top, Math.min(peak, 2 * top))];
}
