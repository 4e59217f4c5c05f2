import type { CalibratedErf } from "../../calibration/calibrate.ts";
import type { Calibration } from "../../calibration/schema.ts";
import { writeMap } from "../../core/npy.ts";
import { calibrationFigure } from "../../report/erf/figure.ts";
import type { ScaleName } from "../../report/value-scale.ts";

interface FigureChoices {
  /** Half-width that was to be reached, as a share of sigma. */
  readonly until: number | null;
  readonly figureScale: ScaleName;
}

/** A calibration's files by name: the record, the map, the figure. */
export async function calibrationFiles(
  { map, calibration }: CalibratedErf,
  { until = null, figureScale = "linear" }: Partial<FigureChoices> = {},
): Promise<Record<string, Uint8Array | string>> {
  // Loaded once there is something to draw: the drawing libraries take longer to load than all the rest.
  const [{ erfFigure }, { pngOf }] = await Promise.all([
    import("../../report/erf/figure.ts"),
    import("../../report/png.ts"),
  ]);
  const figure = calibrationFigure(map, calibration, figureScale);
  const { svg } = await erfFigure(figure);
  return {
    "calibration.json": `${JSON.stringify(calibration, null, 2)}\n`,
    "erf.npy": writeMap(map),
    "erf.svg": svg,
    "erf.png": pngOf(svg),
    ...(await convergenceFiles(figure.title, calibration.convergence, until)),
  };
}

/** A plot of sigma against the number of photographs, where there is more than one point to plot. */
async function convergenceFiles(
  title: string,
  history: Calibration["convergence"],
  target: number | null,
): Promise<Record<string, Uint8Array | string>> {
  if (history.length < 2) return {};
  const [{ convergenceFigure }, { pngOf }] = await Promise.all([
    import("../../report/convergence/figure.ts"),
    import("../../report/png.ts"),
  ]);
  const { svg } = convergenceFigure({ title, history, target });
  return { "convergence.svg": svg, "convergence.png": pngOf(svg) };
}
