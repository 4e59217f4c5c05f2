import { controls, type ControlName } from "./controls.ts";
import { camMethods, type CamMethodName } from "./methods.ts";
import { type Upsampling, upsamplers, type UpsamplerName } from "./upsamplers.ts";
import { ErfitError, optionText } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { didYouMean } from "../core/suggestion.ts";

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

/** A method as the user names it, with an upsampling of its own or without: `extended:gaussian`. */
interface MethodChoice {
  readonly method: CamMethodName;
  readonly by: UpsamplerName | undefined;
}

/** @param where where in the option the key stands, as words before "one of" */
function keyIn<K extends string>(
  table: Readonly<Record<K, unknown>>,
  text: string,
  given: string,
  where = "",
): K {
  const key = keysOf(table).find((one) => one === text);
  if (key !== undefined) return key;
  const keys = keysOf(table).map((one) => JSON.stringify(one));
  throw new ErfitError(
    `${optionText("method", JSON.stringify(given))}: expected ${where}one of ${keys.join(", ")}`,
    { remedy: didYouMean(text, keysOf(table)) },
  );
}

/** @throws ErfitError that lists the methods, or the upsamplings, where the text names none of them */
function methodChoice(given: string): MethodChoice {
  const [method = "", by, ...more] = given.split(":");
  if (more.length > 0)
    throw new ErfitError(
      `${optionText("method", JSON.stringify(given))}: expected a method, or method:upsampling as in extended:gaussian`,
    );
  return {
    method: keyIn(camMethods, method, given),
    by: by === undefined ? undefined : keyIn(upsamplers, by, given, "after the colon "),
  };
}

interface ColumnArguments {
  readonly method: readonly string[];
  readonly upsampling?: readonly UpsamplerName[] | undefined;
  readonly control?: readonly ControlName[] | undefined;
  /** The ReLU before upsampling, for all methods; each method's own habit where it is not given. */
  readonly relu?: boolean | undefined;
}

/** Every method by every upsampling asked for it, each followed by its controls; each column once. */
export function columnsFrom(
  { method, upsampling, control = [], relu }: ColumnArguments,
  gaussian: Upsampling | undefined,
): readonly CamColumn[] {
  const columns = method.map(methodChoice).flatMap(({ method: name, by }) => {
    const asked = by === undefined ? (upsampling ?? [habitOf(name, gaussian)]) : [by];
    return asked.flatMap((one): CamColumn[] => {
      const rectify = relu ?? camMethods[name].rectify;
      const column = { method: name, control: null, upsampling: upsamplingBy(one, gaussian), rectify };
      return [column, ...control.map((made) => ({ ...column, control: made }))];
    });
  });
  return [...new Map(columns.map((column) => [columnKey(column), column])).values()];
}

/** Extended-CAM is upsampled as its paper has it where there is a calibration; everything else bilinearly. */
const habitOf = (method: CamMethodName, gaussian: Upsampling | undefined): UpsamplerName =>
  method === "extended" && gaussian !== undefined ? "gaussian" : "bilinear";

function upsamplingBy(name: UpsamplerName, gaussian: Upsampling | undefined): Upsampling {
  if (name !== "gaussian") return { by: name };
  if (gaussian === undefined) {
    throw new ErfitError(`${optionText("upsampling", "gaussian")} needs a calibration`, {
      remedy: `make one with \`erfit calibrate\` and pass it with ${optionText("calibration")}, or choose ${optionText("upsampling", "bilinear")}`,
    });
  }
  return gaussian;
}

/** Whether a column is made with the map of another photograph. */
export const needsOther = ({ control }: CamColumn): boolean =>
  control !== null && controls[control].needsOther;
