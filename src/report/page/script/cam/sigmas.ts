import type { CamsRecord } from "../../record.ts";
import { part, sigma } from "../parts/dom.ts";
import { slider } from "../parts/slider.ts";
import type { Store, View } from "../parts/store.ts";
import { paperSigma, type CamState } from "./state.ts";

type Sigmas = Pick<CamState, "sigmaX" | "sigmaY">;

/** Both sigmas with the calibrated ones and the paper's marked; together they keep their ratio. */
export function sigmasView(
  { gaussian, size: [height, width] }: CamsRecord,
  store: Store<CamState>,
): View<CamState> {
  const most = Math.max(Math.ceil(Math.max(height, width) / 2), 2 * paperSigma);
  const made = (["X", "Y"] as const).map((axis) => {
    const calibrated = gaussian?.[`sigma${axis}`];
    return slider({
      id: `cam-sigma-${axis.toLowerCase()}`,
      label: sigma(axis),
      range: [1, Math.max(most, Math.ceil(calibrated?.value ?? 0))],
      step: 0.1,
      unit: "px",
      ticks: [paperSigma, ...(calibrated ? [calibrated.value] : [])],
      interval: calibrated?.interval95 ?? undefined,
      onInput: (value) => {
        store.change(moved(store.state, axis, value));
      },
    });
  });
  part("cam-sigmas", HTMLDivElement).append(...made.map(({ element }) => element));
  const together = part("cam-together", HTMLInputElement);
  together.addEventListener("change", () => {
    store.change({ together: together.checked });
  });
  const toPaper = shortcut("cam-paper", { sigmaX: paperSigma, sigmaY: paperSigma }, store);
  const toCalibrated = shortcut(
    "cam-calibrated",
    gaussian && { sigmaX: gaussian.sigmaX.value, sigmaY: gaussian.sigmaY.value },
    store,
  );
  return {
    reads: ["sigmaX", "sigmaY", "together", "by"],
    draw(state) {
      const [x, y] = made;
      x?.show(state.sigmaX);
      y?.show(state.sigmaY);
      together.checked = state.together;
      for (const one of made) one.enable(state.by === "gaussian");
      toPaper(state);
      toCalibrated(state);
    },
  };
}

function moved({ sigmaX, sigmaY, together }: CamState, axis: "X" | "Y", value: number): Partial<Sigmas> {
  if (axis === "X") return { sigmaX: value, ...(together ? { sigmaY: sigmaY * (value / sigmaX) } : {}) };
  return { sigmaY: value, ...(together ? { sigmaX: sigmaX * (value / sigmaY) } : {}) };
}

/** A button that sets both sigmas, and draws as the Gaussian if anything else was chosen; pressed while they stand there. */
function shortcut(id: string, target: Sigmas | null, store: Store<CamState>): (state: CamState) => void {
  const button = part(id, HTMLButtonElement);
  button.hidden = target === null;
  if (target === null) return () => undefined;
  button.addEventListener("click", () => {
    store.change({ ...target, by: "gaussian" });
  });
  return ({ sigmaX, sigmaY, by }) => {
    const there = by === "gaussian" && sigmaX === target.sigmaX && sigmaY === target.sigmaY;
    button.setAttribute("aria-pressed", String(there));
  };
}
