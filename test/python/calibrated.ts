import { calibrate } from "../../src/calibration/calibrate.ts";
import type { Calibration } from "../../src/calibration/schema.ts";
import {
  chosenCell,
  chosenLayer,
  chosenPreprocessing,
  loadModel,
} from "../../src/calibration/loaded-model.ts";
import { photographs } from "../calibration/photographs.ts";
import { onDisk, smallOnnx } from "../runtime/small-onnx.ts";

/** A real calibration, of a small network. */
export async function smallCalibration(): Promise<Calibration> {
  const subject = await loadModel(await onDisk(smallOnnx()), { threads: 1 });
  const layer = chosenLayer(subject, "conv2");
  const { calibration } = await calibrate({
    model: subject,
    layer,
    geometry: chosenCell(subject, layer, { kind: "central" }),
    protocol: "absolute",
    photographs: await photographs(4),
    crops: 1,
    shuffled: null,
    preprocessing: chosenPreprocessing(subject, "tf", { resize: "none" }),
  });
  return calibration;
}
