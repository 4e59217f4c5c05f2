/** What a user's project writes: scripts/check-package.sh type-checks and runs it against the packed package. */
import {
  calibrate,
  cam,
  camMethods,
  fitGaussian,
  openModel,
  readCalibration,
  upsample,
  writeCalibration,
} from "erfit";
import { erfFigure, pngOf } from "erfit/figures";

const bundled = "node_modules/erfit";
const model = await openModel(`${bundled}/models/vgg16-sample.onnx`);
const photographs = [`${bundled}/photos/cat.jpg`, `${bundled}/photos/coffee.jpg`];
const layer = "block3_conv3";

const run = calibrate(model, photographs, { layer });
let steps = 0;
for await (const { done } of run) steps = done;
const { map, calibration } = await run;
if (steps !== 2 || map.shape.join() !== "224,224")
  throw new Error(`${steps} steps, a map of ${map.shape.join()}`);

const { fit } = fitGaussian(map);
const sigma = calibration.fit?.sigmaX.value;
if (fit === null || sigma === undefined || Math.abs(fit.sigmaX.value - sigma) > 1e-9)
  throw new Error("the fit of the map is not the calibration's");

await writeCalibration("calibration.json", calibration);
const read = await readCalibration("calibration.json");
for await (const { grid, map: drawn, method } of cam(model, photographs, { layer, calibration: read })) {
  const again = upsample(grid, [224, 224], { upsampling: "gaussian", sigma: read });
  if (!(method in camMethods) || again.get(100, 100) !== drawn.get(100, 100)) throw new Error("maps differ");
}

const { svg } = await erfFigure({ map, calibration });
if (pngOf(svg).length < 10_000) throw new Error("the figure is empty");
await model.close();
