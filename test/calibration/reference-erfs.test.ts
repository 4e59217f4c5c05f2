import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Objective } from "../../src/autodiff/objective.ts";
import { calibrate } from "../../src/calibration/calibrate.ts";
import {
  chosenCell,
  chosenLayer,
  chosenPreprocessing,
  loadModel,
} from "../../src/calibration/loaded-model.ts";
import { inferTypes, runOnce } from "../../src/runtime/onnxruntime.ts";
import { producers } from "../../src/graph/graph.ts";
import { listImages } from "../../src/input/listing.ts";
import type { PresetName } from "../../src/input/resolve.ts";
import { readNpy } from "../../src/core/npy.ts";
import { float32 } from "../../src/core/tensor.ts";
import { importModel } from "../../src/onnx/import.ts";
import { readJson, referencePath, withoutReference } from "../reference.ts";
import { relativeL2 } from "../relative-l2.ts";
import { explainByFlips, roundingMargin } from "./flips.ts";

const golden = z.object({
  target: z.string(),
  cell: z.tuple([z.number(), z.number()]),
  images: z.number(),
  fits: z.object({ openerf: z.object({ sigmaX: z.number(), sigmaY: z.number(), rSquared: z.number() }) }),
});

interface Row {
  readonly name: string;
  readonly model: string;
  readonly preset: PresetName | undefined;
}

const rows: readonly Row[] = [
  { name: "vgg16-sample.table1", model: "vgg16-sample", preset: "caffe" },
  { name: "vgg16-sample", model: "vgg16-sample", preset: undefined },
  { name: "squeezenet1.1", model: "squeezenet1.1", preset: undefined },
  { name: "mobilenet_v2_1.0_224", model: "mobilenet_v2_1.0_224", preset: undefined },
];

/**
 * Relative L2 from PyTorch's gradient in float32. One ReLU, or one largest of a window, that rounding decides otherwise
 * moves it by up to 2e-3 here (and PyTorch's float32 from its own float64 as far); flipped, it is back within 1e-4.
 */
const [tolerance, toleranceWithFlips] = [1e-4, 5e-3];

/** The stored image of a network, and PyTorch's gradient of the mean of the central cell in float32. */
function stored(name: string) {
  const { target, cell } = golden.parse(readJson(referencePath("erfs", `${name}.json`)));
  const elements = (file: string): Float32Array => {
    const tensor = readNpy(readFileSync(referencePath("erfs", file)), file);
    if (tensor.dtype !== "float32") throw new Error(`${file} is ${tensor.dtype}, not float32`);
    return tensor.data;
  };
  return {
    target,
    objective: { kind: "channel-mean", cell: [0, null, ...cell] } satisfies Objective,
    image: elements(`${name}.input0.npy`),
    expected: elements(`${name}.gradient0.npy`),
  };
}

/** Searches for flipped decisions that explain how erfit's gradient differs from `expected`. */
async function explain(model: string, { target, objective, image, expected }: ReturnType<typeof stored>) {
  const file = referencePath("models", `${model}.onnx`);
  const { graph, input } = await importModel(readFileSync(file), {
    file,
    run: runOnce,
    infer: inferTypes,
    readExternal: (location) => Promise.reject(new Error(`${location}: the weights are in the file`)),
  });
  const layer = producers(graph)
    .get(target)
    ?.outputs.find((output) => output.name === target);
  if (layer === undefined) throw new Error(`no tensor ${target} in ${file}`);
  return explainByFlips(
    graph,
    { target: layer, objective, withRespectTo: input },
    image,
    expected,
    tolerance,
  );
}

const absent = withoutReference("ERFs of trained networks against PyTorch");

describe.skipIf(absent)("effective receptive fields of trained networks", () => {
  it.each(rows)("$name: gradient of the stored input", async ({ name, model }) => {
    const reference = stored(name);
    const { network } = await loadModel(referencePath("models", `${model}.onnx`), { threads: 2 });
    const program = await network.differentiate(reference);
    const { gradient } = await program.run({ image: float32(network.input.shape, reference.image) });
    await program.release();
    const error = relativeL2(gradient.data, reference.expected);
    expect(error).toBeLessThan(toleranceWithFlips);

    const { before, after, flips } = await explain(model, reference);
    expect(before).toBeCloseTo(error, 5);
    expect(after).toBeLessThan(tolerance);
    // Measured: one flip in the first row (the two largest of a window of block1_pool, 20.389 and 7.6e-6 less) and in
    // the last (n10_relu6, at 2.1e-6 of up to 22), none between. Another processor may round otherwise.
    expect(flips.length).toBeLessThanOrEqual(3);
    for (const { margin } of flips) expect(margin).toBeLessThanOrEqual(roundingMargin);
  });

  it("flipped decisions do not explain a gradient that is off by two in a thousand", async () => {
    const reference = stored("mobilenet_v2_1.0_224");
    const expected = reference.expected.map((value) => 1.002 * value);
    const { after } = await explain("mobilenet_v2_1.0_224", { ...reference, expected });
    expect(after).toBeGreaterThan(1e-3);
  });

  it.each(rows)("$name: sigma and R² from the photographs", async ({ name, model, preset }) => {
    const expected = golden.parse(readJson(referencePath("erfs", `${name}.json`)));
    const loaded = await loadModel(referencePath("models", `${model}.onnx`), { threads: 1 }); // workers are built files
    const layer = chosenLayer(loaded, undefined);
    expect(layer.name).toBe(expected.target);
    const geometry = chosenCell(loaded, layer, { kind: "central" });
    expect(geometry.cell).toEqual(expected.cell);
    const { calibration } = await calibrate({
      model: loaded,
      layer,
      geometry,
      protocol: "openerf",
      photographs: await listImages([referencePath("images")]),
      crops: 1,
      shuffled: null,
      preprocessing: chosenPreprocessing(loaded, preset, {}),
    });
    const { sigmaX, sigmaY, rSquared } = expected.fits.openerf;
    const { fit, images } = calibration;
    expect(images.views).toBe(expected.images);
    expect(Math.abs((fit?.sigmaX.value ?? NaN) / sigmaX - 1)).toBeLessThan(0.003);
    expect(Math.abs((fit?.sigmaY.value ?? NaN) / sigmaY - 1)).toBeLessThan(0.003);
    expect(Math.abs((fit?.rSquared ?? NaN) - rSquared)).toBeLessThan(0.002);
  });
});
