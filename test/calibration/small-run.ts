import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import { chosenCell, chosenLayer, chosenPreprocessing, openSubject } from "../../src/calibration/subject.ts";
import { onDisk } from "../runtime/small-onnx.ts";
import { photographs } from "./photographs.ts";

/** A run over a model's default layer and central cell; photographs are cropped, not resized. */
export async function runOf(model: Uint8Array, more: Partial<ProbeRun> = {}): Promise<ProbeRun> {
  const subject = await openSubject(await onDisk(model), { threads: 1 });
  const layer = chosenLayer(subject, undefined);
  return {
    subject,
    layer,
    geometry: chosenCell(subject, layer, { kind: "central" }),
    protocol: "absolute",
    photographs: more.photographs ?? (await photographs(5)),
    crops: 1,
    shuffled: null,
    preprocessing: chosenPreprocessing(subject, "tf", { resize: "none" }),
    ...more,
  };
}
