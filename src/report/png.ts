import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";

const require = createRequire(import.meta.url);
const font = (file: string): string => require.resolve(`dejavu-fonts-ttf/ttf/${file}`);

/** The family that every figure asks for first; it comes with erfit, so a figure looks the same on every machine. */
const fontFamily = "DejaVu Sans";

/**
 * PNG bytes of an SVG figure on white.
 * @param scale pixels for each unit of the SVG; 3 gives about 300 dots an inch at the width it is drawn for
 */
export function pngOf(svg: string, scale = 3): Uint8Array {
  const drawing = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: [font("DejaVuSans.ttf"), font("DejaVuSans-Bold.ttf")],
      defaultFontFamily: fontFamily,
    },
  });
  return drawing.render().asPng();
}
