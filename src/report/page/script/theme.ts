import { part } from "./parts/dom.ts";

/** The reader's choice over the system's: the style sheet's colors follow `color-scheme`. */
export function theme(): void {
  const select = part("theme", HTMLSelectElement);
  select.addEventListener("change", () => {
    document.documentElement.style.colorScheme = select.value;
  });
}
