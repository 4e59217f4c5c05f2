/**
 * The pictures: what `import ... from "erfit/figures"` gives. Apart from `erfit` itself, because the drawing libraries take
 * half as long again to load.
 */
export { encodePng } from "./image/decode.ts";
export type { Raster } from "./image/raster.ts";
export type { ColourMapName, Range } from "./report/colour.ts";
export type { ColourScaleName } from "./report/colour-scale.ts";
export { erfFigure } from "./report/erf-figure.ts";
export type { ErfFigure } from "./report/erf-record.ts";
export { overlay, overlayStyle, type OverlayStyle } from "./report/overlay.ts";
export { pngOf } from "./report/png.ts";
export { sheetFigure, type Sheet, type SheetRow } from "./report/sheet.ts";
