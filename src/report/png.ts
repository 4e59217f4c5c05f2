import { createRequire } from "node:module";
import type * as resvg from "@resvg/resvg-js";
import { doesNotLoad } from "../runtime/native-library.ts";

const require = createRequire(import.meta.url);
const font = (file: string): string => require.resolve(`dejavu-fonts-ttf/ttf/${file}`);

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

/**
 * PNG bytes of an SVG figure on white.
 * @param scale pixels for each unit of the SVG; 3 gives about 300 dots an inch at the width it is drawn for
 */
export function pngOf(svg: string, scale = 3): Uint8Array {
  const { Resvg } = loaded();
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
