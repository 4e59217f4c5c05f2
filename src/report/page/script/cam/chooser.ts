import { cellPositions, type CellPositionName } from "../../../../cam/axis-weights.ts";
import { upsamplers, type UpsamplerName } from "../../../../cam/upsamplers.ts";
import type { CamsRecord } from "../../record.ts";
import { classOf, gridOf, imageOf, type CamState } from "./state.ts";
import { choice } from "../parts/choice.ts";
import { element, part } from "../parts/dom.ts";
import { percent } from "../parts/slider.ts";
import type { Store, View } from "../parts/store.ts";

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

/** Class, method and upsampler; the lists are those of the chosen image and class. */
export function chooserView(record: CamsRecord, store: Store<CamState>): View<CamState> {
  const classes = choice(part("cam-class", HTMLSelectElement), (place: string) => {
    store.change({ label: Number(place) });
  });
  const methods = choice(part("cam-method", HTMLSelectElement), (method: string) => {
    store.change({ method });
  });
  const upsampling = choice<UpsamplerName>(part("cam-upsampler", HTMLSelectElement), (by) => {
    store.change({ by });
  });
  return {
    reads: ["image", "label", "method", "by"],
    draw(state) {
      classes.offer(
        imageOf(record, state).classes.map(({ name, probability }, place) => [
          String(place),
          probability === null ? name : `${name}, ${percent(probability)}`,
        ]),
        String(state.label),
      );
      methods.offer(
        classOf(record, state).grids.map(({ key, title }) => [key, title]),
        gridOf(record, state).key,
      );
      const names = Object.keys(upsamplers) as UpsamplerName[];
      upsampling.offer(
        names.map((name) => [name, upsamplers[name].title]),
        state.by,
      );
    },
  };
}

/** What departs from Eq. 4; only the Gaussian has such options. */
export function departuresView(record: CamsRecord, store: Store<CamState>): View<CamState> {
  const normalize = part("cam-normalize", HTMLInputElement);
  const select = part("cam-position", HTMLSelectElement);
  normalize.addEventListener("change", () => {
    store.change({ normalize: normalize.checked });
  });
  const position = choice<CellPositionName>(select, (chosen) => {
    store.change({ position: chosen });
  });
  const names = (Object.keys(cellPositions) as CellPositionName[]).filter(
    (name) => name !== "calibrated" || record.gaussian !== null,
  );
  return {
    reads: ["position", "normalize", "by"],
    draw(state) {
      position.offer(
        names.map((name) => [name, cellPositions[name].title]),
        state.position,
      );
      normalize.checked = state.normalize;
      normalize.disabled = select.disabled = state.by !== "gaussian";
    },
  };
}
