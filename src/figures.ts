/**
 * The pictures: what `import ... from "erfit/figures"` gives. Apart from `erfit` itself, because the drawing libraries take
 * half as long again to load.
 *
 * @module erfit/figures
 */
export { encodePng } from "./api/figures/pictures.ts";
export { erfFigure, type ErfFigure } from "./api/figures/figures.ts";
export { overlay, type OverlayOptions } from "./api/figures/pictures.ts";
export { pdfOf } from "./api/figures/pictures.ts";
export { pngOf } from "./api/figures/pictures.ts";
export { sheetFigure, type SheetFigure, type SheetRow } from "./api/figures/figures.ts";
export { sheetOf } from "./api/figures/figures.ts";
export type { ColorMapName, SequentialColorMap } from "./report/color.ts";
export type { ColorScaleName } from "./report/color.ts";
export type { ScaleName } from "./report/value-scale.ts";
