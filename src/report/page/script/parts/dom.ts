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
