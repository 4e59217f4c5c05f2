import type { Interval } from "../../../../fit/result.ts";
import { element, type Child } from "./dom.ts";

/** Digits that tell two values of a map apart, and no more. */
export const figures = (value: number): string =>
  value === 0
    ? "0"
    : Math.abs(value) >= 0.01 && Math.abs(value) < 1e4
      ? value.toPrecision(4)
      : value.toExponential(2);

export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

interface SliderOptions {
  readonly id: string;
  readonly label: readonly Child[];
  readonly range: Interval;
  readonly step: number;
  readonly unit: string;
  /** Values to find again on the slider. */
  readonly ticks?: readonly number[];
  /** Shown as a band under the slider. */
  readonly interval?: Interval | undefined;
  readonly onInput: (value: number) => void;
}

interface Slider {
  readonly element: HTMLElement;
  /** The slider stands at its nearest step; the number beside it is the value's own. */
  show(value: number): void;
  enable(enabled: boolean): void;
}

/** A labeled range input with its value, an interval and ticks: the browser's own keys and pointers move it. */
export function slider({
  id,
  label,
  range,
  step,
  unit,
  ticks = [],
  interval,
  onInput,
}: SliderOptions): Slider {
  const [min, max] = range;
  const input = element("input", {
    id,
    type: "range",
    min: String(min),
    max: String(max),
    step: String(step),
  });
  const output = element("output", { for: id });
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)));
  input.addEventListener("input", () => {
    onInput(input.valueAsNumber);
  });
  const spread = interval?.map((end) => end.toFixed(decimals)).join(" … ");
  const share = (value: number): number => Math.min(Math.max((value - min) / (max - min), 0), 1);
  const percent = (value: number): string => `${(100 * share(value)).toFixed(3)}%`;
  const rail = element("div", { class: "rail" });
  if (interval !== undefined) {
    const band = element("span", { class: "band" });
    band.style.left = percent(interval[0]);
    band.style.width = `${(100 * (share(interval[1]) - share(interval[0]))).toFixed(3)}%`;
    rail.append(band);
  }
  for (const value of ticks) {
    const tick = element("span", { class: "tick" });
    tick.style.left = percent(value);
    rail.append(tick);
  }
  return {
    element: element(
      "div",
      { class: "slider" },
      element("label", { for: id }, ...label),
      element("span", { class: "interval" }, ...(spread === undefined ? [] : [`95 %: ${spread}`])),
      output,
      element("div", { class: "track" }, rail, input),
    ),
    show(value) {
      input.value = String(value);
      const shown = `${value.toFixed(decimals)}${unit === "" ? "" : ` ${unit}`}`;
      output.textContent = shown;
      input.setAttribute("aria-valuetext", shown);
    },
    enable(enabled) {
      input.disabled = !enabled;
    },
  };
}
