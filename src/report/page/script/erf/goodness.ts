import type { Calibration } from "../../../../calibration/schema.ts";
import { goodnessOf } from "../../../../fit/description.ts";
import type { Goodness } from "../../../../fit/result.ts";
import { vectorOf, type Surface, models } from "../../../../fit/model.ts";
import { objective } from "../../../../fit/objective.ts";
import { targetOf } from "../../../../fit/grid.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { element, part, tableRow, type Child } from "../parts/dom.ts";
import type { View } from "../parts/store.ts";
import type { ErfState } from "./state.ts";

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
