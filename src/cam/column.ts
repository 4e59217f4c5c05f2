import { controls, type ControlName } from "./controls.ts";
import { camMethods, type CamMethodName } from "./methods.ts";
import type { Upsampling } from "./upsamplers.ts";

/** One kind of map, as a sheet or a table has a column for it: a method, or a control in its place, and how it is drawn. */
export interface CamColumn {
  readonly method: CamMethodName;
  readonly control: ControlName | null;
  readonly upsampling: Upsampling;
  /** Whether negative cells become zero before upsampling. */
  readonly rectify: boolean;
}

/** How a Gaussian upsampling departs from Eq. 4. */
function departures(upsampling: Upsampling): readonly string[] {
  if (upsampling.by !== "gaussian") return [];
  const { position, normalize } = upsampling;
  return [...(position === "paper" ? [] : [position]), ...(normalize ? ["normalized"] : [])];
}

const ownRelu = ({ method, rectify }: CamColumn): boolean => rectify === camMethods[method].rectify;

/** A column's title: `Extended-CAM, Gaussian`; `Extended-CAM, cells shuffled, bilinear`. */
export function columnTitle(column: CamColumn): string {
  const { method, control, upsampling, rectify } = column;
  const by = upsampling.by === "gaussian" ? "Gaussian" : upsampling.by;
  return [
    ...(control === null || controls[control].ofMethod ? [camMethods[method].title] : []),
    ...(control === null ? [] : [controls[control].title]),
    ...(ownRelu(column) ? [] : [rectify ? "ReLU" : "signed"]),
    [by, ...departures(upsampling)].join(" "),
  ].join(", ");
}

/** A column's name in files and tables: `extended.gaussian`, `extended-shuffled.bilinear`, `random.gaussian-center`. */
export function columnKey(column: CamColumn): string {
  const { method, control, upsampling, rectify } = column;
  const cells = [
    ...(control === null || controls[control].ofMethod ? [method] : []),
    ...(control === null ? [] : [control]),
    ...(ownRelu(column) ? [] : [rectify ? "relu" : "signed"]),
  ];
  return `${cells.join("-")}.${[upsampling.by, ...departures(upsampling)].join("-")}`;
}
