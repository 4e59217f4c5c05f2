import { once } from "node:events";
import PDFDocument from "pdfkit";
import svgToPdf from "svg-to-pdfkit";
import { opaquePng } from "../input/decode.ts";
import { bundledFonts } from "./png.ts";

/** Of every PDF: a run's files are to be the same whenever it ran. */
const noDate = new Date(0);

/** Points of a unit of a drawing's size. */
const points = { "": 0.75, in: 72 } as const;

function sizeOf(svg: string): readonly [width: number, height: number] {
  const [width, height] = ["width", "height"].map((name) => {
    const [, size, unit] = new RegExp(`^<svg[^>]*? ${name}="([\\d.]+)(in)?"`).exec(svg) ?? [];
    return Number(size) * (unit === "in" ? points.in : points[""]);
  });
  return [width ?? NaN, height ?? NaN];
}

/**
 * The drawing with pictures of three bytes a pixel: the library takes transparent ones apart in threads, and writes them in the
 * order in which these end, which would differ from run to run.
 */
async function opaque(svg: string): Promise<string> {
  const pattern = /data:image\/png;base64,([^"]*)/g;
  const pictures = [...svg.matchAll(pattern)].map(([, file = ""]) => opaquePng(Buffer.from(file, "base64")));
  const files = (await Promise.all(pictures)).values();
  return svg.replace(pattern, (url) => {
    const file = files.next().value;
    return file === undefined ? url : `data:image/png;base64,${Buffer.from(file).toString("base64")}`;
  });
}

/** Letters with a light or dark edge as two: the edges, and over them the letters; the library draws edges last. */
function edgesFirst(svg: string): string {
  return svg.replace(
    /<(g|text)(?= )([^>]* paint-order="stroke"[^>]*)>(.*?)<\/\1>/gs,
    (_, name: string, attributes: string, inside: string) => {
      const letters = attributes.replace(/ stroke(-[a-z]+)?="[^"]*"/g, "");
      return `<${name}${attributes}>${inside}</${name}><${name}${letters}>${inside}</${name}>`;
    },
  );
}

/** PDF of an SVG figure: lines and letters as such, the fonts in the file, a page of the figure's size. */
export async function pdfOf(svg: string): Promise<Uint8Array> {
  const size = sizeOf(svg);
  const [, title = ""] = /<title>([^<]*)<\/title>/.exec(svg) ?? [];
  const document = new PDFDocument({
    size: [...size],
    margin: 0,
    info: { Title: title, Producer: "erfit", Creator: "erfit", CreationDate: noDate },
  });
  const parts: Uint8Array[] = [];
  document.on("data", (part: Uint8Array) => parts.push(part));
  const ended = once(document, "end");
  for (const [name, file] of Object.entries(bundledFonts)) document.registerFont(name, file);
  svgToPdf(document, edgesFirst(await opaque(svg)), 0, 0, {
    width: size[0],
    height: size[1],
    fontCallback: (_, bold) => (bold ? "bold" : "regular"),
  });
  document.end();
  await ended;
  return Buffer.concat(parts);
}
