import { createRequire } from "node:module";
import type * as resvg from "@resvg/resvg-js";
import { doesNotLoad } from "../runtime/native-library.ts";

const require = createRequire(import.meta.url);
const font = (file: string): string => require.resolve(`dejavu-fonts-ttf/ttf/${file}`);

/** The fonts of every figure. */
export const bundledFonts = { regular: font("DejaVuSans.ttf"), bold: font("DejaVuSans-Bold.ttf") } as const;

/** The family that every figure asks for first; it comes with erfit, so a figure looks the same on every machine. */
const fontFamily = "DejaVu Sans";

/** Loaded when the first figure is drawn, and without waiting, for drawing is done without. */
function loaded(): typeof resvg {
  try {
    return require("@resvg/resvg-js") as typeof resvg; // what the package's types declare
  } catch (thrown) {
    throw doesNotLoad(
      {
        name: "resvg",
        package: "@resvg/resvg-js",
        purpose: "figures cannot be drawn as PNG",
        remedy:
          "install it on this platform with its optional packages: npm install --include=optional @resvg/resvg-js",
      },
      thrown,
    );
  }
}

/** Pixels of a web page in an inch. */
const pixelsPerInch = 96;

/** Pixels for each pixel of a web page: 300 dots an inch of a figure with a size on paper; 3 give about as many of others. */
const usualScale = (svg: string): number =>
  /^\s*<svg[^>]*? width="[\d.]+in"/.test(svg) ? 300 / pixelsPerInch : 3;

/**
 * PNG bytes of an SVG figure on white.
 * @param scale pixels for each pixel that the SVG takes on a web page
 */
export function pngOf(svg: string, scale = usualScale(svg)): Uint8Array {
  const { Resvg } = loaded();
  const drawing = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: Object.values(bundledFonts),
      defaultFontFamily: fontFamily,
    },
  });
  return drawing.render().asPng();
}
