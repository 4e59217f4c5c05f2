import type { Calibration } from "../../../../calibration/schema.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { surfaceFrom, type Surface, type Gaussian } from "../../../../fit/model.ts";
import { fittedSurface, type Interval } from "../../../../fit/result.ts";
import { gaussianMap } from "../../../../fit/surface.ts";
import type { Pixel } from "../parts/cursor.ts";
import { element, part, sigma, type Child } from "../parts/dom.ts";
import { slider } from "../parts/slider.ts";
import type { Store, View } from "../parts/store.ts";
import type { ScaleName } from "../../../value-scale.ts";

/** What the map's frame shows. */
export const pictures = { measured: "measured", gaussian: "Gaussian", residual: "residual" } as const;
export type PictureName = keyof typeof pictures;

export interface ErfState {
  readonly picture: PictureName;
  readonly scale: ScaleName;
  readonly exponent: number;
  /** The Gaussian of the sliders, and its map. */
  readonly surface: Surface;
  readonly gaussian: RealMap;
  readonly cursor: Pixel | null;
}

/** The fitted Gaussian; where there is none, one to begin with: the map's moments, or a round one in the middle. */
export function firstSurface({ fit, shape }: Calibration, [height, width]: RealMap["shape"]): Surface {
  if (fit !== null) return fittedSurface(fit);
  const { moments } = shape;
  const sigma = Math.min(height, width) / 6;
  return surfaceFrom({
    amplitude: 1,
    centerX: moments?.centerX ?? (width - 1) / 2,
    centerY: moments?.centerY ?? (height - 1) / 2,
    sigmaX: moments?.sigmaX ?? sigma,
    sigmaY: moments?.sigmaY ?? sigma,
  });
}

export const withSurface = (
  surface: Surface,
  shape: RealMap["shape"],
): Pick<ErfState, "surface" | "gaussian"> => ({
  surface,
  gaussian: gaussianMap(surface, shape),
});

export const difference = (map: RealMap, gaussian: RealMap): RealMap => ({
  ...map,
  data: map.data.map((value, pixel) => value - (gaussian.data[pixel] ?? 0)),
});

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
