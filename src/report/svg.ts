import { plot, type PlotOptions } from "@observablehq/plot";
import { DOMParser, Element } from "linkedom";
import { ErfitError } from "../core/error.ts";
import { fontSize, type FigureStyle } from "./figure-style.ts";
import { charactersIn, elided, xmlText } from "./text.ts";

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

/** What a figure leaves above its parts where its title is not drawn. */
const titleHeight = 18;

/** The whole figure as an SVG document; `title` is also what a screen reader says. Without a drawn title all moves up. */
export function figure(
  { width, pointsPerUnit, title: titled }: Pick<FigureStyle, "width" | "pointsPerUnit" | "title">,
  height: number,
  title: string,
  parts: readonly SvgElement[],
): string {
  const high = titled ? height : height - titleHeight;
  const size = (units: number) =>
    pointsPerUnit === null ? units : `${Number(((units * pointsPerUnit) / 72).toFixed(5))}in`;
  const root = svgElement(
    "svg",
    {
      xmlns: namespace,
      width: size(width),
      height: size(high),
      viewBox: `0 0 ${width} ${high}`,
      role: "img",
      "font-family": fontFamily,
      "font-size": fontSize,
      fill: "black",
      color: "black",
    },
    svgElement("title", {}, title),
    svgElement("rect", { width, height: high, fill: "white" }),
    ...(titled ? parts : [svgElement("g", { transform: `translate(0,${-titleHeight})` }, ...parts)]),
  );
  return xmlText(renumbered(root.outerHTML));
}

const titleSize = 12.5;

/** The title over a figure, shortened in its middle where it is too long. */
export const titleLine = (title: string, width: number): readonly SvgElement[] => [
  textLine(10, 20, [elided(title, width - 20, titleSize)], { "font-size": titleSize, "font-weight": "bold" }),
];

const charactersOf = (part: TextPart): number => (typeof part === "string" ? part : part.subscript).length;

/** A line with more words: plain ones become one part with those before them. */
function extended(line: readonly TextPart[], separator: string, group: readonly TextPart[]): TextPart[] {
  const [before, words] = [line.at(-1), group[0]];
  return group.length === 1 && typeof words === "string" && typeof before === "string"
    ? [...line.slice(0, -1), `${before}${separator}${words}`]
    : [...line, separator, ...group];
}

/** Words that stay together, in lines no wider than so many units; between two of a line stands the separator. */
export function wordLines(
  groups: readonly (readonly TextPart[])[],
  separator: string,
  width: number,
  size: number = fontSize,
): readonly (readonly TextPart[])[] {
  const room = charactersIn(width, size);
  const lines: TextPart[][] = [];
  for (const group of groups) {
    const last = lines.at(-1);
    const joined = [...(last ?? []), separator, ...group];
    if (last !== undefined && joined.reduce((sum, part) => sum + charactersOf(part), 0) <= room)
      lines.splice(-1, 1, extended(last, separator, group));
    else lines.push([...group]);
  }
  return lines;
}

/** A part of a line, and the width that it takes. */
export interface Item {
  readonly width: number;
  readonly draw: (x: number, y: number) => readonly SvgElement[];
}

/** Items one after the other, in as many lines as they need; and how many those are. */
export function flowed(
  items: readonly Item[],
  [x, y]: readonly [x: number, y: number],
  width: number,
  pitch: number,
): { readonly elements: readonly SvgElement[]; readonly lines: number } {
  let [along, line] = [0, 0];
  const elements = items.flatMap((item) => {
    if (along > 0 && along + item.width > width) [along, line] = [0, line + 1];
    const drawn = item.draw(x + along, y + line * pitch);
    along += item.width;
    return drawn;
  });
  return { elements, lines: line + 1 };
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
