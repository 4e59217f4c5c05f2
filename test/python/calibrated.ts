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
  const model = await loadModel(await onDisk(smallOnnx()), { threads: 1 });
  const layer = chosenLayer(model, "conv2");
  const { calibration } = await calibrate({
    model,
    layer,
    geometry: chosenCell(model, layer, { kind: "central" }),
    protocol: "absolute",
    photographs: await photographs(4),
    crops: 1,
    shuffled: null,
    preprocessing: chosenPreprocessing(model, "tf", { resize: "none" }),
  });
  return calibration;
}
