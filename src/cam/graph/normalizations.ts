import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { NormalizationName } from "../normalizations.ts";

type Scaling = (g: Builder, map: Value) => Value;

const same: Scaling = (_, map) => map;

const greatest: Scaling = (g, map) => g.reduceMax(map, [0, 1]);

/** Zero where the divisor is. */
const quotient = (g: Builder, map: Value, divisor: Value): Value =>
  g.where(g.greater(divisor, 0), g.div(map, divisor), 0);

const minMax: Scaling = (g, map) => {
  const above = g.add(map, greatest(g, g.neg(map)));
  return quotient(g, above, greatest(g, above));
};

const byGreatest: Scaling = (g, map) => quotient(g, map, greatest(g, g.abs(map)));

/** The normalizations of `../normalizations.ts` as expressions of a grid or map `[H, W]`. */
export const scalings: Readonly<
  Record<NormalizationName, { readonly grid: Scaling; readonly map: Scaling }>
> = {
  none: { grid: same, map: same },
  "min-max": { grid: same, map: minMax },
  max: { grid: same, map: byGreatest },
  "grid-and-map": { grid: minMax, map: minMax },
};
