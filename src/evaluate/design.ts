import type { CamColumn } from "../cam/column.ts";
import type { CamOptions } from "../cam/options.ts";
import type { CurveName } from "./curves.ts";
import type { FillName } from "./fills.ts";
import type { MaskingName } from "./maskings.ts";

/** A kind of map under evaluation; its key names it in files and tables. */
export interface EvaluatedColumn {
  readonly key: string;
  readonly title: string;
  readonly column: CamColumn;
  /** The curves to measure of it. */
  readonly curves: readonly CurveName[];
}

/** What an evaluation does with every photograph: all its maps, each masked in every way and by every fill. */
export interface Design {
  readonly columns: readonly EvaluatedColumn[];
  readonly maskings: readonly MaskingName[];
  readonly fills: readonly FillName[];
  /** Share of the pixels that relative masking keeps. */
  readonly keep: number;
  /** Steps of a curve. */
  readonly steps: number;
  /** The column that every map is correlated with; null where nobody asks. */
  readonly resembles: string | null;
  readonly cam: CamOptions;
}

/** One use of a map: masked so and filled so, or a curve. Rows are compared within a test. */
export type TestName = `${MaskingName}.${FillName}` | CurveName;

export const maskingTest = (masking: MaskingName, fill: FillName): TestName => `${masking}.${fill}`;
