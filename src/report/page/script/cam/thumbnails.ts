import type { CamsRecord } from "../../record.ts";
import { element, part } from "../parts/dom.ts";

/** The photographs as radio buttons. */
export function thumbnails({ images }: CamsRecord, onChoice: (image: number) => void): void {
  part("cam-images", HTMLFieldSetElement).append(
    element(
      "div",
      { class: "thumbnails" },
      ...images.map(({ name, photograph }, place) => {
        const input = element("input", { type: "radio", name: "cam-image", value: String(place) });
        input.checked = place === 0;
        input.addEventListener("change", () => {
          onChoice(place);
        });
        const picture =
          photograph === null
            ? element("span", { class: "no-photograph" })
            : element("img", { src: `data:image/png;base64,${photograph}`, alt: "" });
        return element("label", { title: name }, input, picture, element("span", {}, name));
      }),
    ),
  );
}
