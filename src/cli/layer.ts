import { chosenLayer, defaultLayerRemarks, type Subject } from "../calibration/subject.ts";
import type { Layer } from "../engine/layers.ts";
import { gridFrom } from "./options.ts";
import type { Voice } from "./voice.ts";

interface LayerArguments {
  readonly layer?: string | undefined;
  readonly grid?: string | undefined;
}

/** The layer that a command works on, with remarks on one that is taken by default. */
export function layerFrom(given: LayerArguments, subject: Subject, voice: Voice): Layer {
  const layer = chosenLayer(subject, given.layer, gridFrom(given));
  if (given.layer === undefined) defaultLayerRemarks(subject, layer).forEach(voice.note);
  return layer;
}
