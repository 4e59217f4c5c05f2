import type { ErfRecord } from "../../record.ts";
import { radios } from "../parts/choice.ts";
import { part, mapOf } from "../parts/dom.ts";
import { slider } from "../parts/slider.ts";
import { openStore, type Store, type View } from "../parts/store.ts";
import { goodnessView, readoutView } from "./goodness.ts";
import { mapView, marksView } from "./map-view.ts";
import { profilesView } from "./profiles.ts";
import { sharesOf, scales, type ScaleName } from "../../../value-scale.ts";
import {
  slidersView,
  firstSurface,
  pictures,
  withSurface,
  type ErfState,
  type PictureName,
} from "./state.ts";

/** The map with its Gaussian: one state, and the views that draw it. */
export function erfSection({ calibration, map: file }: ErfRecord): void {
  part("erf", HTMLElement).hidden = false;
  const map = mapOf(file, "erf.npy");
  const shares = sharesOf(map);
  const { shape } = map;
  part("erf-frame", HTMLDivElement).style.aspectRatio = `${shape[1]} / ${shape[0]}`;
  openStore<ErfState>(
    {
      picture: "measured",
      scale: "linear",
      exponent: 0.4,
      ...withSurface(firstSurface(calibration, shape), shape),
      cursor: null,
    },
    (store) => [
      mapView(shares),
      marksView(calibration, shape),
      profilesView(shares, (draw) => {
        new ResizeObserver(draw).observe(part("erf-joint", HTMLDivElement));
      }),
      slidersView(calibration, shape, store),
      goodnessView(map, calibration),
      readoutView(shares, store),
      exponentView(store),
    ],
  );
}

/** Which picture on which scale; the exponent is there where the scale has one. */
function exponentView(store: Store<ErfState>): View<ErfState> {
  const { picture, scale } = store.state;
  radios(
    part("erf-picture", HTMLFieldSetElement),
    Object.entries(pictures) as [PictureName, string][],
    picture,
    (chosen) => {
      store.change({ picture: chosen });
    },
  );
  const names = Object.keys(scales) as ScaleName[];
  radios(
    part("erf-scale", HTMLFieldSetElement),
    names.map((name) => [name, scales[name].title]),
    scale,
    (chosen) => {
      store.change({ scale: chosen });
    },
  );
  const exponent = slider({
    id: "erf-exponent",
    label: ["exponent"],
    range: [0.1, 1],
    step: 0.05,
    unit: "",
    onInput: (value) => {
      store.change({ exponent: value });
    },
  });
  part("erf-scale", HTMLFieldSetElement).append(exponent.element);
  return {
    reads: ["scale", "exponent"],
    draw(state) {
      exponent.show(state.exponent);
      exponent.element.hidden = state.scale !== "power";
    },
  };
}
