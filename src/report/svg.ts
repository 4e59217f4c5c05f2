import { plot, type PlotOptions } from "@observablehq/plot";
import { DOMParser, Element } from "linkedom";
import { ErfitError } from "../core/error.ts";
import { xmlText } from "./text.ts";

/** Verdana has the same widths as DejaVu Sans, for viewers of the SVG that lack it. */
const fontFamily = "DejaVu Sans, Verdana, sans-serif";

const namespace = "http://www.w3.org/2000/svg";

/** Only the maker of elements: nothing is ever put into it. Of type SVG, so that elements are written as XML. */
const document = new DOMParser().parseFromString(`<svg xmlns="${namespace}"/>`, "image/svg+xml", null);

/** What a figure uses of a DOM element. */
export interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  append(...children: readonly (SvgElement | string)[]): void;
  querySelector(selector: string): SvgElement | null;
  remove(): void;
}

const isElement = (drawn: unknown): drawn is SvgElement => drawn instanceof Element;

export function svgElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (SvgElement | string)[]
): SvgElement {
  const element = document.createElementNS(namespace, name, null);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children.map((child) => (typeof child === "string" ? xmlText(child) : child)));
  return element;
}

/** Space around the frame of a panel, for its axes. */
export interface Margins {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

/** A drawing whose frame, the rectangle inside the axes, lies `left` and `top` from its corner: panels align by frames. */
export interface Panel extends Margins {
  readonly element: SvgElement;
}

/** A panel drawn by Observable Plot in the figures' common hand; `frame` is the width and height inside the axes. */
export function panel(
  frame: readonly [width: number, height: number],
  margins: Margins,
  options: PlotOptions,
): Panel {
  const { top, right, bottom, left } = margins;
  const element: unknown = plot({
    document,
    width: left + frame[0] + right,
    height: top + frame[1] + bottom,
    marginTop: top,
    marginRight: right,
    marginBottom: bottom,
    marginLeft: left,
    ...options,
  });
  if (!isElement(element)) throw new ErfitError("Observable Plot returned no drawing", { kind: "failure" });
  // The font is the figure's; Plot's style sheet is for web pages, and would stretch a drawing inside another.
  for (const name of ["font-family", "font-size"]) element.removeAttribute(name);
  const sheet: unknown = element.querySelector("style");
  if (isElement(sheet)) sheet.remove();
  return { element, ...margins };
}

/** Puts the upper left corner of the panel's frame at (x, y) of the figure. */
export function place({ element, left, top }: Panel, x: number, y: number): SvgElement {
  element.setAttribute("x", String(x - left));
  element.setAttribute("y", String(y - top));
  // A value at the end of an axis reaches beyond its drawing.
  element.setAttribute("overflow", "visible");
  return element;
}

/** A line of text from (x, y), its base line, with parts that may be subscripts or bold. */
export type TextPart = string | { readonly subscript: string };

export function textLine(
  x: number,
  y: number,
  parts: readonly TextPart[],
  attributes: Record<string, string | number> = {},
): SvgElement {
  let lowered = false;
  const spans = parts.map((part) => {
    const subscript = typeof part !== "string";
    const dy = subscript === lowered ? {} : { dy: subscript ? "0.25em" : "-0.18em" };
    lowered = subscript;
    return subscript
      ? svgElement("tspan", { ...dy, "font-size": "72%" }, part.subscript)
      : svgElement("tspan", dy, part.replace(/^ | $/g, "\u00a0")); // some readers drop a span's outer spaces
  });
  return svgElement("text", { x, y, ...attributes }, ...spans);
}

/** The whole figure as an SVG document; `title` is also what a screen reader says. */
export function figure(width: number, height: number, title: string, parts: readonly SvgElement[]): string {
  const root = svgElement(
    "svg",
    {
      xmlns: namespace,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "font-family": fontFamily,
      "font-size": fontSize,
      fill: "black",
      color: "black",
    },
    svgElement("title", {}, title),
    svgElement("rect", { width, height, fill: "white" }),
    ...parts,
  );
  return xmlText(renumbered(root.outerHTML));
}

/** Plot numbers clip paths on from figure to figure of a process: a figure is to be the same whatever was drawn before it. */
function renumbered(svg: string): string {
  const numbers = new Map<string, number>();
  return svg.replace(/plot-clip-(\d+)/g, (_, given: string) => {
    const number = numbers.get(given) ?? numbers.size + 1;
    numbers.set(given, number);
    return `plot-clip-${number}`;
  });
}

/** Units of the SVG. A figure of 490 units has letters of 11 pt over a page's text of 7 in, and of 5.4 pt over a column of 3.35 in. */
export const fontSize = 11;
