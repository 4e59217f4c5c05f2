import type { Calibration } from "../../../../calibration/schema.ts";
import { element, part } from "../parts/dom.ts";
import { explanations } from "./explanations.ts";

/** What should be known before the numbers are used: the sentence for this map, and what such a warning means. */
export function warnings(given: Calibration["warnings"]): void {
  if (given.length === 0) return;
  part("warnings", HTMLElement).hidden = false;
  part("warnings-list", HTMLUListElement).append(
    ...given.map(({ code, message }) => {
      const known = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
      return element(
        "li",
        {},
        element("p", {}, message),
        element(
          "p",
          { class: "meaning" },
          element("code", {}, code),
          ...(known === undefined ? [] : [` ${known.means}; what to do: ${known.remedy}.`]),
        ),
      );
    }),
  );
}
