import { columnKey, columnTitle } from "../../cam/columns.ts";
import { camMethods, type CamMethodName } from "../../cam/methods.ts";
import type { Gaussian, Upsampling } from "../../cam/upsamplers.ts";
import type { Resampling } from "../../evaluate/bootstrap.ts";
import type { EvaluatedColumn } from "../../evaluate/design.ts";
import type { ConfidenceName } from "../../evaluate/metrics.ts";
import type { Photograph } from "../../evaluate/photograph.ts";
import { answersOf, type Answer } from "../../evaluate/sigma-claims.ts";
import {
  likeGradCam,
  sigmaSweepOf,
  widthOf,
  type SigmaSweep,
  type SweepPoint,
} from "../../evaluate/sigma-sweep.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { short } from "../../report/text.ts";
import { option, text as anyText } from "../option.ts";

export const sweepOptions = {
  sigmaSweep: option(anyText, {
    group: "method",
    describe:
      "also Extended-CAM with other sigmas: a list (10,20,40) or a range (10:60:10) of pixels, or of factors of the calibrated ones (0.5x,1x,2x; 0.5x:2x:0.25x)",
  }),
} as const;

/** The columns of a sweep, and what they stand for. */
interface SweepColumns {
  readonly points: readonly SweepPoint[];
  readonly columns: readonly EvaluatedColumn[];
}

/** A width in pixels for both axes, or a factor of both calibrated sigmas. */
interface Width {
  readonly value: number;
  readonly factor: boolean;
}

const mostWidths = 100;

/** @throws ErfitError where the text is no list and no range */
function widthsFrom(text: string): readonly Width[] {
  const refuse = (): never => {
    throw new ErfitError(
      `${optionText("sigmaSweep", text)}: expected a list such as 10,20,40 or a range such as 10:60:10, in pixels, or as factors 0.5x,1x,2x`,
    );
  };
  const width = (part: string): Width => {
    const [, number = "", x = ""] = /^\s*([\d.]+)\s*(x?)\s*$/i.exec(part) ?? [];
    const value = Number(number);
    return number !== "" && value > 0 && Number.isFinite(value) ? { value, factor: x !== "" } : refuse();
  };
  if (!text.includes(":")) return text.split(",").map(width);
  const [from, to, step, ...more] = text.split(":").map(width);
  if (from === undefined || to === undefined || step === undefined || more.length > 0) return refuse();
  const count = Math.floor((to.value - from.value) / step.value + 1e-9) + 1;
  if ([to, step].some(({ factor }) => factor !== from.factor) || !(count >= 1 && count <= mostWidths))
    return refuse();
  return Array.from({ length: count }, (_, k) => ({
    value: from.value + k * step.value,
    factor: from.factor,
  }));
}

/**
 * Extended-CAM by every width, from the narrowest; the calibrated one, which `calibrated` is, and the paper's 20 pixels
 * are always among them.
 */
function sweepColumnsFrom(text: string, calibrated: EvaluatedColumn, gaussian: Gaussian): SweepColumns {
  const { sigmaX, sigmaY } = gaussian;
  const sigmas = [...widthsFrom(text), { value: likeGradCam, factor: false }].map(({ value, factor }) =>
    factor ? ([sigmaX * value, sigmaY * value] as const) : ([value, value] as const),
  );
  const others = new Map(
    sigmas
      .filter(([x, y]) => x !== sigmaX || y !== sigmaY)
      .map(([x, y]) => [`${x},${y}`, swept(calibrated, { ...gaussian, sigmaX: x, sigmaY: y })]),
  );
  const own = { column: calibrated.key, sigmaX, sigmaY, calibrated: true };
  const all = [{ point: own, column: calibrated }, ...others.values()].sort(
    (a, b) => widthOf(a.point) - widthOf(b.point),
  );
  return {
    points: all.map(({ point }) => point),
    columns: all.map(({ column }) => column).filter((column) => column !== calibrated),
  };
}

function swept({ column: calibrated }: EvaluatedColumn, gaussian: Gaussian) {
  const { sigmaX, sigmaY } = gaussian;
  const words = sigmaX === sigmaY ? short(sigmaX) : `${short(sigmaX)},${short(sigmaY)}`;
  const column = { ...calibrated, upsampling: gaussian };
  const key = `${columnKey(column)}-sigma-${words}`;
  return {
    point: { column: key, sigmaX, sigmaY, calibrated: false },
    column: { key, title: `${columnTitle(column)}, sigma ${words}`, column, curves: [] },
  };
}

/** A sweep: the columns that it adds, and what comes of them. */
export interface Sweep {
  readonly columns: readonly EvaluatedColumn[];
  /** Key of Grad-CAM by bilinear upsampling, which the maps are compared with. */
  readonly gradCam: string;
  readonly of: (
    photographs: readonly Photograph[],
    confidence: ConfidenceName,
    resampling: Resampling,
  ) => { readonly sweep: SigmaSweep; readonly answers: readonly Answer[] } | null;
}

const columnOf = (method: CamMethodName, upsampling: Upsampling): EvaluatedColumn => {
  const column = { method, control: null, upsampling, rectify: camMethods[method].rectify };
  return { key: columnKey(column), title: columnTitle(column), column, curves: [] };
};

/** @throws ErfitError where a sweep is asked for and there is no sigma to compare with */
export function sweepFor(text: string | undefined, gaussian: Upsampling | undefined): Sweep | null {
  if (text === undefined) return null;
  if (gaussian?.by !== "gaussian")
    throw new ErfitError(
      `${optionText("sigmaSweep")} needs the calibrated sigma, to compare the others with`,
      {
        remedy: `pass a calibration with ${optionText("calibration")}, or ${optionText("sigma")}`,
      },
    );
  const calibrated = columnOf("extended", gaussian);
  const gradCam = columnOf("grad-cam", { by: "bilinear" });
  const { points, columns } = sweepColumnsFrom(text, calibrated, gaussian);
  return {
    columns: [calibrated, gradCam, ...columns],
    gradCam: gradCam.key,
    of(photographs, confidence, resampling) {
      const sweep = sigmaSweepOf(photographs, points, gradCam.key, confidence, resampling);
      return sweep === null ? null : { sweep, answers: answersOf(sweep) };
    },
  };
}
