import { DOMParser } from "linkedom";
import sharp from "sharp";

/** Names and texts of a figure's elements of that kind, in order; `*` for all. */
function select(svg: string, selector: string, property: "textContent" | "tagName"): readonly string[] {
  const found: unknown = new DOMParser()
    .parseFromString(svg, "image/svg+xml", null)
    .querySelectorAll(selector);
  if (!Array.isArray(found)) throw new Error("linkedom's node list is no array");
  return found.map((element: unknown) => readString(element, property));
}

export const textsOf = (svg: string): readonly string[] => select(svg, "text", "textContent");

export const elementsOf = (svg: string): readonly string[] => select(svg, "*", "tagName");

function readString(element: unknown, property: string): string {
  const value: unknown =
    typeof element === "object" && element !== null ? Reflect.get(element, property) : undefined;
  if (typeof value !== "string") throw new Error(`no ${property}`);
  return value;
}

/** Numbers of a path's points: x and y in turn. */
export const pointsOf = (path: string): { readonly x: readonly number[]; readonly y: readonly number[] } => {
  const numbers = Array.from(path.matchAll(/-?\d+(\.\d+)?/g), ([number]) => Number(number));
  return { x: numbers.filter((_, i) => i % 2 === 0), y: numbers.filter((_, i) => i % 2 === 1) };
};

export const spanOf = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** Pixels of an encoded picture, as another library reads them. */
export async function pixelsOf(png: Uint8Array): Promise<{ width: number; height: number; rgb: Uint8Array }> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

export const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((count, byte, i) => count + (byte === b[i] ? 0 : 1), 0);
