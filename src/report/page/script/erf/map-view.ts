import { plot } from "@observablehq/plot";
import type { Calibration } from "../../../../calibration/schema.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { rangeOf, symmetricRangeOf, type ColorMapName, type Range } from "../../../color.ts";
import { ellipseMarks, fieldMarks } from "../../../erf/marks.ts";
import { showMap, showRamp, element, keepPlot, part } from "../parts/dom.ts";
import { powerOfTen } from "../../../text.ts";
import type { View } from "../parts/store.ts";
import { placed, valueAt, type Scaling } from "../../../value-scale.ts";
import { difference, type ErfState } from "./state.ts";

/** The picture in colors, and the bar that says what they mean. Measured and Gaussian share one scale. */
export function mapView(shares: RealMap): View<ErfState> {
  const canvas = part("erf-map", HTMLCanvasElement);
  const ramp = part("erf-ramp", HTMLCanvasElement);
  const ticks = part("erf-ticks", HTMLDivElement);
  const unit = part("erf-unit", HTMLParagraphElement);
  const signed = rangeOf(shares)[0] < 0;
  const bound = symmetricRangeOf(shares)[1] || 1;
  return {
    reads: ["picture", "scale", "exponent", "gaussian"],
    draw({ picture, scale, exponent, gaussian }) {
      const residual = picture === "residual" ? difference(shares, gaussian) : null;
      const scaling: Scaling = {
        scale,
        exponent,
        bound: residual ? symmetricRangeOf(residual)[1] || 1 : bound,
      };
      const diverging = signed || residual !== null;
      const colorMap: ColorMapName = diverging ? "blue-red" : "viridis";
      const range: Range = diverging ? [-1, 1] : [0, 1];
      const shown = residual ?? (picture === "gaussian" ? gaussian : shares);
      showMap(canvas, placed(shown, scaling), colorMap, range);
      showRamp(ramp, colorMap);
      const [power, powerText] = powerOfTen(scaling.bound);
      unit.textContent = `${residual ? "measured − Gaussian" : "share of the sum per pixel"}${powerText}`;
      ticks.replaceChildren(
        ...tickPlaces.map((place) => {
          const value = valueAt(range[0] + place * (range[1] - range[0]), scaling) / power;
          return element("span", {}, String(Number(value.toPrecision(3))));
        }),
      );
    },
  };
}

/** Along the colors. */
const tickPlaces = [0, 0.25, 0.5, 0.75, 1];

/** Ellipses of the sliders' Gaussian and the frame of the theoretical receptive field, over the map. */
export function marksView(
  { layer: { receptiveField } }: Calibration,
  [height, width]: RealMap["shape"],
): View<ErfState> {
  const host = part("erf-marks", HTMLDivElement);
  return {
    reads: ["surface"],
    draw({ surface }) {
      keepPlot(
        host,
        plot({
          width,
          height,
          margin: 0,
          x: { domain: [-0.5, width - 0.5], range: [0, width], axis: null },
          y: { domain: [-0.5, height - 0.5], range: [0, height], axis: null },
          marks: [
            ...(receptiveField === null ? [] : fieldMarks(receptiveField, [height, width])),
            ...ellipseMarks(surface),
          ],
        }),
      );
    },
  };
}
