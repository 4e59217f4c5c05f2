import { readMap } from "../../../../core/npy.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import type { Raster } from "../../../../input/raster.ts";
import { paint, rampOf, type ColorMapName, type Range } from "../../../color.ts";

/** An element of the page's skeleton, by its id. */
export function part<E extends Element>(id: string, type: new () => E): E {
  const found: Element | null = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} "${id}"`);
}

/** Something to put into an element; a text stays a text, whatever is written in it. */
export type Child = Node | string;

/** A new element. Names from models and photographs come in as `children` or attributes, never as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A sigma with its axis: σ with a subscript. */
export const sigma = (axis: "X" | "Y"): Child[] => ["σ", element("sub", {}, axis)];

/** Rows of a table; the first cell of a row is its heading. */
export const tableRow = (heading: Child, ...cells: readonly Child[]): HTMLTableRowElement =>
  element(
    "tr",
    {},
    element("th", { scope: "row" }, heading),
    ...cells.map((cell) => element("td", {}, cell)),
  );

/** Pairs as a description list. */
export const factList = (facts: readonly (readonly [string, string])[]): HTMLDListElement =>
  element(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );

/** Puts a plot into its host in place of the one before. What it shows is said by the host's label, and in tables beside it. */
export function keepPlot(host: HTMLElement, plot: Element): void {
  plot.setAttribute("aria-hidden", "true");
  host.querySelector(":scope > svg")?.remove();
  host.prepend(plot);
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const mapOf = (npy: string, name: string): RealMap => readMap(bytesOf(npy), name);

/** The pixels of a PNG as they were written: no color conversion, and a photograph has no transparency. */
export async function photographOf(png: string): Promise<Raster> {
  const bitmap = await createImageBitmap(new Blob([bytesOf(png)], { type: "image/png" }), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("the browser gives no canvas");
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(rgba.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
  return { height, width, data };
}

/** Puts RGBA bytes on a canvas, which takes their extents. */
function show(canvas: HTMLCanvasElement, rgba: Uint8Array, width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
}

export const showMap = (
  canvas: HTMLCanvasElement,
  map: RealMap,
  colorMap: ColorMapName,
  range: Range,
): void => {
  show(canvas, paint(map, colorMap, range), map.shape[1], map.shape[0]);
};

export function showRaster(canvas: HTMLCanvasElement, { height, width, data }: Raster): void {
  const rgba = new Uint8Array(4 * height * width).fill(255);
  for (let pixel = 0; pixel < height * width; pixel++)
    rgba.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  show(canvas, rgba, width, height);
}

/** The colors from low to high, as a strip of one row. */
export function showRamp(canvas: HTMLCanvasElement, colorMap: ColorMapName): void {
  const ramp = rampOf(colorMap);
  show(canvas, ramp, ramp.length / 4, 1);
}

/** The reader's choice over the system's: the style sheet's colors follow `color-scheme`. */
export function theme(): void {
  const select = part("theme", HTMLSelectElement);
  select.addEventListener("change", () => {
    document.documentElement.style.colorScheme = select.value;
  });
}
