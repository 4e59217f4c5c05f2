import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import {
  chosenCell,
  chosenLayer,
  chosenPreprocessing,
  loadModel,
} from "../../src/calibration/loaded-model.ts";
import { onDisk } from "../runtime/small-onnx.ts";
import { photographs } from "./photographs.ts";

/** A run over a model's default layer and central cell; photographs are cropped, not resized. */
export async function runOf(model: Uint8Array, more: Partial<ProbeRun> = {}): Promise<ProbeRun> {
  const loaded = await loadModel(await onDisk(model), { threads: 1 });
  const layer = chosenLayer(loaded, undefined);
  return {
    model: loaded,
    layer,
    geometry: chosenCell(loaded, layer, { kind: "central" }),
    protocol: "absolute",
    photographs: more.photographs ?? (await photographs(5)),
    crops: 1,
    shuffled: null,
    preprocessing: chosenPreprocessing(loaded, "tf", { resize: "none" }),
    ...more,
  };
}
