import {
  chosenCamLayer,
  chosenLayer,
  defaultLayerRemarks,
  type LoadedModel,
} from "../calibration/loaded-model.ts";
import type { Layer } from "../runtime/layers.ts";
import { gridFrom } from "./options.ts";
import { noteCamLayer } from "./scores.ts";
import type { Voice } from "./voice.ts";

interface LayerArguments {
  readonly layer?: string | undefined;
  readonly grid?: string | undefined;
}

/** The layer that a command works on, with remarks on one that is taken by default. */
export function layerFrom(given: LayerArguments, subject: LoadedModel, voice: Voice): Layer {
  const layer = chosenLayer(subject, given.layer, gridFrom(given));
  if (given.layer === undefined) defaultLayerRemarks(subject, layer).forEach(voice.note);
  return layer;
}

/** The layer that class activation maps are drawn at, with remarks on one that is taken by default. */
export function camLayerFrom(given: LayerArguments, subject: LoadedModel, voice: Voice): Layer {
  const stated = gridFrom(given);
  const layer = chosenCamLayer(subject, given.layer, stated);
  if (given.layer === undefined) {
    defaultLayerRemarks(subject, layer).forEach(voice.note);
    noteCamLayer(subject, layer, stated, voice);
  }
  return layer;
}
