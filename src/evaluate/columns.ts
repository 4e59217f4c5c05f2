import { columnKey, columnTitle, type CamColumn } from "../cam/column.ts";
import { columnsFrom } from "../cam/columns.ts";
import type { ControlName } from "../cam/controls.ts";
import type { UpsamplerName, Upsampling } from "../cam/upsamplers.ts";
import type { CurveName } from "./curves.ts";
import type { EvaluatedColumn } from "./design.ts";

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
