import { type CamColumn, columnKey, columnTitle, columnsFrom } from "../cam/columns.ts";
import type { ControlName } from "../cam/controls.ts";
import type { CamOptions } from "../cam/options.ts";
import type { UpsamplerName, Upsampling } from "../cam/upsamplers.ts";
import type { CurveName } from "./metrics.ts";
import type { FillName, MaskingName } from "./maskings.ts";

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
  /** The column that every map is correlated with; null for none. */
  readonly resembles: string | null;
  readonly cam: CamOptions;
}

/** One use of a map: masked so and filled so, or a curve. Rows are compared within a test. */
export type TestName = `${MaskingName}.${FillName}` | CurveName;

export const maskingTest = (masking: MaskingName, fill: FillName): TestName => `${masking}.${fill}`;

interface ColumnArguments {
  readonly method: readonly string[];
  readonly upsampling?: readonly UpsamplerName[] | undefined;
  readonly control: readonly ControlName[];
  readonly relu?: boolean | undefined;
  readonly curve?: readonly CurveName[] | undefined;
}

/** Every method by every upsampling, and below them the controls of the last method. */
export function evaluatedColumns(
  { method, upsampling, control, relu, curve = [] }: ColumnArguments,
  gaussian: Upsampling | undefined,
): readonly EvaluatedColumn[] {
  const by: readonly UpsamplerName[] =
    upsampling ?? (gaussian === undefined ? ["bilinear"] : ["bilinear", "gaussian"]);
  const methods = columnsFrom({ method, upsampling: by, relu }, gaussian);
  const last = methods.filter((column) => column.method === methods.at(-1)?.method);
  const made = control.flatMap((name) => last.map((column): CamColumn => ({ ...column, control: name })));
  return [...methods, ...made].map((column) => ({
    key: columnKey(column),
    title: columnTitle(column),
    column,
    curves: [...new Set(curve)],
  }));
}
