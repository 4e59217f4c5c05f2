import { element } from "./dom.ts";

interface Choice<T extends string> {
  /** Makes these the options, of which one is chosen. */
  offer(options: readonly (readonly [value: T, title: string])[], chosen: T): void;
}

/** A select of the skeleton, with the values that it offers. */
export function choice<T extends string>(select: HTMLSelectElement, onChoice: (value: T) => void): Choice<T> {
  let values: readonly T[] = [];
  select.addEventListener("change", () => {
    const value = values[select.selectedIndex];
    if (value !== undefined) onChoice(value);
  });
  return {
    offer(options, chosen) {
      values = options.map(([value]) => value);
      select.replaceChildren(...options.map(([value, title]) => element("option", { value }, title)));
      select.selectedIndex = values.indexOf(chosen);
    },
  };
}

/** Radio buttons in a row, in a fieldset of the skeleton. */
export function radios<T extends string>(
  fieldset: HTMLFieldSetElement,
  options: readonly (readonly [value: T, title: string])[],
  chosen: T,
  onChoice: (value: T) => void,
): void {
  const buttons = options.map(([value, title]) => {
    const input = element("input", { type: "radio", name: fieldset.id, value });
    input.checked = value === chosen;
    input.addEventListener("change", () => {
      onChoice(value);
    });
    return element("label", {}, input, element("span", {}, title));
  });
  fieldset.append(element("div", { class: "segments" }, ...buttons));
}
