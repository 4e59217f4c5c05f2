/**
 * The pictures: what `import ... from "erfit/figures"` gives. Apart from `erfit` itself, because the drawing libraries take
 * half as long again to load.
 *
 * @module erfit/figures
 */
export { encodePng } from "./api/figures/encode-png.ts";
export { erfFigure, type ErfFigure } from "./api/figures/erf-figure.ts";
export { overlay, type OverlayOptions } from "./api/figures/overlay.ts";
export { pngOf } from "./api/figures/png-of.ts";
export { sheetFigure, type SheetFigure, type SheetRow } from "./api/figures/sheet-figure.ts";
export { sheetOf } from "./api/figures/sheet-of.ts";
export type { ColorMapName } from "./report/color.ts";
export type { ColorScaleName } from "./report/color.ts";
export type { ScaleName } from "./report/value-scale.ts";
