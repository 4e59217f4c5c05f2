import type { Calibration } from "../../../../calibration/schema.ts";
import type { Gaussian } from "../../../../fit/model.ts";
import type { Interval } from "../../../../fit/result.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { element, part, sigma, type Child } from "../parts/dom.ts";
import { slider } from "../parts/slider.ts";
import type { Store, View } from "../parts/store.ts";
import { withSurface, type ErfState } from "./state.ts";

interface Parameter {
  readonly label: readonly Child[];
  readonly unit: string;
  readonly step: number;
  readonly range: (shape: RealMap["shape"]) => Interval;
}

/** What of the Gaussian can be moved. */
const parameters: Readonly<Record<keyof Gaussian, Parameter>> = {
  sigmaX: { label: sigma("X"), unit: "px", step: 0.1, range: ([, width]) => [1, Math.ceil(width / 2)] },
  sigmaY: { label: sigma("Y"), unit: "px", step: 0.1, range: ([height]) => [1, Math.ceil(height / 2)] },
  centerX: { label: ["center x"], unit: "px", step: 0.1, range: ([, width]) => [0, width - 1] },
  centerY: { label: ["center y"], unit: "px", step: 0.1, range: ([height]) => [0, height - 1] },
  amplitude: { label: ["amplitude"], unit: "", step: 0.01, range: () => [0.01, 2] },
};

/** Sliders for the Gaussian, each with the fitted value's interval, and the button that leads back to the fit. */
export function slidersView(
  { fit }: Calibration,
  shape: RealMap["shape"],
  store: Store<ErfState>,
): View<ErfState> {
  const first = store.state.surface;
  const sliders = (Object.keys(parameters) as (keyof Gaussian)[]).map((name) => {
    const { label, unit, step, range } = parameters[name];
    const [low, high] = range(shape);
    const made = slider({
      id: `erf-${name}`,
      label,
      unit,
      step,
      // What was fitted may lie outside what is usual.
      range: [Math.min(low, first[name]), Math.max(high, first[name])],
      interval: fit?.[name].interval95,
      onInput: (value) => {
        store.change(withSurface({ ...store.state.surface, [name]: value }, shape));
      },
    });
    return { name, made };
  });
  part("erf-sliders", HTMLDivElement).replaceChildren(...sliders.map(({ made }) => made.element));
  const reset = part("erf-reset", HTMLButtonElement);
  reset.textContent = fit === null ? "Back to the start" : "Back to the fit";
  reset.addEventListener("click", () => {
    store.change(withSurface(first, shape));
  });
  const note = part("erf-band-note", HTMLParagraphElement);
  note.replaceChildren(...bandNote(fit));
  return {
    reads: ["surface"],
    draw({ surface }) {
      for (const { name, made } of sliders) made.show(surface[name]);
      reset.disabled = surface === first;
    },
  };
}

const bandNote = (fit: Calibration["fit"]): Child[] =>
  fit === null
    ? ["No Gaussian is reported: the warnings say why. The sliders begin at the map's own moments."]
    : [
        element("span", { class: "band-sample", "aria-hidden": "true" }),
        ` 95 % interval over ${fit.intervalSource}`,
      ];
