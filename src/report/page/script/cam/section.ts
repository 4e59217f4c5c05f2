import type { CamsRecord } from "../../record.ts";
import { overlayStyle } from "../../../overlay.ts";
import { part } from "../parts/dom.ts";
import { slider } from "../parts/slider.ts";
import { openStore, type Store, type View } from "../parts/store.ts";
import { camReadoutView, captionsView, overlayView, photographView } from "./pictures.ts";
import { chooserView, departuresView, thumbnails } from "./chooser.ts";
import { mapsView, imageOf, paperSigma, type CamState } from "./state.ts";
import { sigmasView } from "./sigmas.ts";

/** The explorer of class activation maps: one state, and the views that draw it. */
export function camSection(record: CamsRecord): void {
  part("cam", HTMLElement).hidden = false;
  const store = openStore<CamState>(firstState(record), (store) => [
    mapsView(record, (maps) => {
      store.change(maps);
    }),
    photographView(record, store),
    overlayView(),
    chooserView(record, store),
    departuresView(record, store),
    sigmasView(record, store),
    captionsView(record),
    camReadoutView(record, store),
    opacityView(store),
  ]);
  thumbnails(record, (image) => {
    store.change({ image, label: 0, photograph: null });
  });
}

/** Extended-CAM as the paper draws it, where it is there and there is a calibration. */
function firstState(record: CamsRecord): CamState {
  const { gaussian } = record;
  const grids = imageOf(record, { image: 0 }).classes[0]?.grids ?? [];
  const grid = grids.find(({ key }) => key === "extended") ?? grids[0];
  return {
    image: 0,
    label: 0,
    method: grid?.key ?? "",
    by: gaussian === null ? "bilinear" : "gaussian",
    position: "paper",
    normalize: false,
    sigmaX: gaussian?.sigmaX.value ?? paperSigma,
    sigmaY: gaussian?.sigmaY.value ?? paperSigma,
    together: true,
    opacity: overlayStyle.alpha,
    photograph: null,
    map: null,
    reference: null,
    cursor: null,
  };
}

function opacityView(store: Store<CamState>): View<CamState> {
  const opacity = slider({
    id: "cam-opacity",
    label: ["opacity of the map"],
    range: [0, 1],
    step: 0.05,
    unit: "",
    onInput: (value) => {
      store.change({ opacity: value });
    },
  });
  part("cam-opacity-host", HTMLDivElement).append(opacity.element);
  return {
    reads: ["opacity"],
    draw: (state) => {
      opacity.show(state.opacity);
    },
  };
}
