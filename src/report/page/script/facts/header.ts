import type { Interval } from "../../../../fit/result.ts";
import { withUncertainty } from "../../../text.ts";
import type { PageRecord } from "../../record.ts";
import { element, part, sigma, type Child } from "../parts/dom.ts";

/** What the page is about, and the numbers that people came for. */
export function header({ title, erf }: PageRecord): void {
  document.title = `${title} · erfit`;
  part("title", HTMLHeadingElement).textContent = title;
  if (erf === null) return;
  const { fit, images, layer } = erf.calibration;
  part("tiles", HTMLDListElement).append(
    ...(fit === null
      ? [tile(["Gaussian"], "none reported", "the warnings say why")]
      : [
          tile(sigma("X"), estimate(fit.sigmaX), intervalNote),
          tile(sigma("Y"), estimate(fit.sigmaY), intervalNote),
          tile(["R²"], fit.rSquared.toFixed(3), "of the Gaussian"),
        ]),
    tile(
      ["photographs"],
      String(images.photographs),
      images.count === images.photographs ? "" : `${images.count} views of them`,
    ),
    tile(["feature map"], layer.grid.join(" × "), `cells ${pitch(layer.stride)} px apart`),
  );
}

const pitch = ([vertical, horizontal]: readonly [number, number]): string =>
  vertical === horizontal ? String(vertical) : `${vertical} and ${horizontal}`;

const intervalNote = "95 % interval";

const estimate = ({
  value,
  interval95: [low, high],
}: {
  readonly value: number;
  readonly interval95: Interval;
}) => `${withUncertainty(value, (high - low) / 2)} px`;

const tile = (name: readonly Child[], value: string, note: string): HTMLDivElement =>
  element(
    "div",
    {},
    element("dt", {}, ...name),
    element("dd", {}, element("strong", {}, value), element("small", {}, note)),
  );
