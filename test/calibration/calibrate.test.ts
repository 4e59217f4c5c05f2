import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { calibrate, measure } from "../../src/calibration/calibrate.ts";
import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import { calibrationSchema } from "../../src/calibration/schema.ts";
import { chosenCell } from "../../src/calibration/loaded-model.ts";
import { withCopies } from "../../src/input/duplicates.ts";
import { ErfitError } from "../../src/core/error.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { smallInput, smallOnnx, stackedBoxes } from "../runtime/small-onnx.ts";
import { photographs, truncated } from "./photographs.ts";
import { runOf } from "./small-run.ts";

const sumOf = ({ data }: RealMap): number => data.reduce((sum, value) => sum + value, 0);

/** √(second central moment) along x and y. */
function moments({ shape: [, width], data }: RealMap): readonly [number, number] {
  const along = (coordinate: (flat: number) => number) => {
    const mean = data.reduce((sum, value, flat) => sum + value * coordinate(flat), 0);
    return Math.sqrt(data.reduce((sum, value, flat) => sum + value * (coordinate(flat) - mean) ** 2, 0));
  };
  return [along((flat) => flat % width), along((flat) => Math.floor(flat / width))];
}

describe("a calibration of a small network", () => {
  it("says what was measured, on what, and how, as the schema has it", async () => {
    const model = smallOnnx();
    const run = await runOf(model);
    const { calibration, map } = await calibrate(run);

    expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
    expect(calibration).toMatchObject({
      model: {
        file: "net.onnx",
        sha256: createHash("sha256").update(model).digest("hex"),
        input: { name: "image", shape: smallInput, layout: "NCHW" },
      },
      layer: {
        name: "conv2",
        shape: [1, 5, 12, 10],
        layout: "NCHW",
        grid: [12, 10],
        cell: [6, 5],
        stride: [2, 2],
        receptiveField: { height: 5, width: 5, centerY: 12, centerX: 10 },
      },
      protocol: "absolute",
      images: { views: 5, photographs: 5, cropsPerPhotograph: 1, skipped: [] },
      preprocessing: run.preprocessing,
      provenance: { engine: run.model.network.engine, node: process.versions.node },
    });
    expect(map.shape).toEqual([24, 20]);
    expect(sumOf(map)).toBeCloseTo(1, 14);
  });

  it("has every name that programs rely on", async () => {
    const { calibration } = await calibrate(await runOf(smallOnnx()));
    const { model, layer, protocol, images, preprocessing, fit, warnings, provenance } = calibration;
    if (fit === null) throw new Error("the map of 5 x 5 pixels has a fit");
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect([layer.name, layer.shape, layer.cell, layer.stride].every((part) => part.length > 0)).toBe(true);
    expect([protocol, images.views, images.skipped.length, typeof preprocessing.source]).toEqual([
      "absolute",
      5,
      0,
      "string",
    ]);
    for (const { value, standardError, interval95 } of [
      fit.sigmaX,
      fit.sigmaY,
      fit.centerX,
      fit.centerY,
      fit.amplitude,
    ]) {
      expect([value, standardError, ...interval95].every(Number.isFinite)).toBe(true);
      expect(interval95[0] <= value && value <= interval95[1]).toBe(true);
    }
    expect(fit.rSquared).toBeGreaterThan(0);
    expect(fit.rSquaredTotal).toBeLessThanOrEqual(fit.rSquared + 1e-12);
    expect(fit.correlation["sigmaX"]?.["sigmaX"]).toBeCloseTo(1, 9);
    expect(fit.intervalSource).toBe("photographs"); // five blocks: enough for the jackknife
    expect(warnings.every(({ code, message }) => code !== "" && message !== "")).toBe(true);
    expect(provenance.erfit).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("has other models beside the paper's on request, with intervals over photographs too", async () => {
    const run = await runOf(smallOnnx());
    const { calibration } = await calibrate(run, { model: "auto" });
    const { fit, comparison } = calibration;
    expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
    const alone = await calibrate(run);
    expect(alone.calibration.fit).toEqual(fit);
    expect(alone.calibration).not.toHaveProperty("comparison");
    expect(comparison?.alternatives.length).toBeGreaterThan(0);
    for (const other of comparison?.alternatives ?? []) expect(other.intervalSource).toBe("photographs");
    expect(comparison?.preferred.aic).not.toBeNull();
  });

  it("is fitted with another model on request, and its file holds every estimate", async () => {
    const { calibration } = await calibrate(await runOf(smallOnnx()), { model: "rotated" });
    expect(calibration.fit?.model).toBe("rotated");
    expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration))).fit).toEqual(calibration.fit);
    expect(Object.keys(calibration.fit ?? {})).toEqual(
      expect.arrayContaining(["rho", "sigmaMajor", "sigmaMinor", "theta"]),
    );
  });

  it("keeps OpenERF's own end where its fit is asked for", async () => {
    const { calibration } = await calibrate(await runOf(smallOnnx()), { model: "openerf" });
    const read = calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)));
    expect(read.fit?.openerf).toEqual(calibration.fit?.openerf);
    expect(read.fit?.openerf?.stop).toBeDefined();
  });

  it("warns of few photographs, whatever the number of their views", async () => {
    const codes = async (count: number, crops: number) => {
      const some = await photographs(count);
      const { calibration } = await calibrate(await runOf(smallOnnx(), { photographs: some, crops }));
      return calibration.warnings.map(({ code }) => code);
    };
    expect(await codes(5, 5)).toContain("FEW_PHOTOGRAPHS");
    expect(await codes(20, 1)).not.toContain("FEW_PHOTOGRAPHS");
  });

  it.each([1, 3])("names the photograph that dominates the map, with %d views of each", async (crops) => {
    const run = await runOf(smallOnnx(), { photographs: await photographs(20), crops });
    let programRuns = 0;
    const { network } = run.model;
    const loud: typeof network = {
      ...network,
      differentiate: async (request) => {
        const program = await network.differentiate(request);
        return {
          ...program,
          run: async (feeds) => {
            const result = await program.run(feeds);
            const isProbe = !("signs" in request.objective);
            if (isProbe && programRuns++ < crops) {
              const { data } = result.gradient;
              for (let i = 0; i < data.length; i++) data[i] = 100 * Number(data[i]);
            }
            return result;
          },
        };
      },
    };
    const { calibration } = await calibrate({ ...run, model: { ...run.model, network: loud } });
    const warning = calibration.warnings.find(({ code }) => code === "ONE_PHOTOGRAPH_DOMINATES");
    expect(warning?.message).toMatch(/^0\.jpg has \d\d % /);
    expect(calibration.images.effectiveNumber).toBeLessThan(3);
  });

  it("expects the center where the layer's geometry has it", async () => {
    const run = await runOf(smallOnnx());
    const { network } = run.model;
    // A network that claims fields 8 pixels further right than they are.
    const astray: typeof network = {
      ...network,
      receptiveField: (tensor, cell) => {
        const field = network.receptiveField(tensor, cell);
        return field && { ...field, centerX: field.centerX + 8 };
      },
    };
    const loaded = { ...run.model, network: astray };
    // Where the axes of a layer are known, so are the places of its cells.
    const layer = { ...run.layer, axes: undefined };
    const geometry = chosenCell(loaded, layer, { kind: "central" });
    const codes = async (of: ProbeRun) => (await calibrate(of)).calibration.warnings.map(({ code }) => code);
    expect(await codes({ ...run, layer })).not.toContain("CENTER_OFF_THEORY");
    expect(await codes({ ...run, model: loaded, layer, geometry })).toContain("CENTER_OFF_THEORY");
  });

  it("is the same bit for bit when it is made again", async () => {
    const run = await runOf(smallOnnx());
    const [first, second] = [await measure(run), await measure(run)];
    expect(second.map).toEqual(first.map);
    expect(second.blocks).toEqual(first.blocks);
  });
});

describe("a stack of box filters", () => {
  it.each([8, 15])("of %d layers has the variance n · 2/3 along each axis", async (layers) => {
    const size = 2 * layers + 15;
    const { map, calibration } = await calibrate(
      await runOf(stackedBoxes(layers, size), { photographs: await photographs(1) }),
    );
    const sigma = Math.sqrt((layers * 2) / 3);
    // The map itself: the n-fold convolution of a box, whatever the photograph.
    for (const moment of moments(map)) expect(moment / sigma).toBeCloseTo(1, 5);
    // The fit: to first order in the excess kurtosis k = -3/2 / n of the sum, least squares finds sigma (1 - k / 8).
    const { fit } = calibration;
    for (const estimate of [fit?.sigmaX, fit?.sigmaY]) {
      const excess = (estimate?.value ?? NaN) / sigma - (1 + 3 / (16 * layers));
      expect(Math.abs(excess)).toBeLessThan(0.1 / layers ** 2);
    }
    expect(fit?.centerX.value).toBeCloseTo(Math.floor(size / 2), 6);
    expect(fit?.rSquared).toBeGreaterThan(0.999);
  });
});

describe("photographs", () => {
  it("that are cut short are skipped, counted and named", async () => {
    const some = await photographs(6, (jpeg, index) => (index === 1 || index === 4 ? truncated(jpeg) : jpeg));
    const { calibration, map } = await calibrate(await runOf(smallOnnx(), { photographs: some }));
    const { images, warnings } = calibration;
    expect([images.views, images.photographs]).toEqual([4, 4]);
    expect(images.skipped.map(({ name }) => name)).toEqual(["1.jpg", "4.jpg"]);
    expect(images.skipped[0]?.reason).toContain("not a whole, readable image");
    expect(warnings.find(({ code }) => code === "IMAGES_SKIPPED")?.message).toMatch(
      /^2 of 6 views were skipped: 1\.jpg, 4\.jpg/,
    );
    const good = some.filter((_, index) => index !== 1 && index !== 4);
    const { map: ofGood } = await measure(await runOf(smallOnnx(), { photographs: good }));
    map.data.forEach((value, pixel) => {
      expect(value).toBeCloseTo(ofGood.data[pixel] ?? NaN, 12);
    });
  });

  it("that are copies of others are counted and warned of", async () => {
    const some = await photographs(5);
    const again = await withCopies([...some, ...(await photographs(3)), ...(await photographs(1))]);
    const { calibration } = await calibrate(await runOf(smallOnnx(), { photographs: again }));
    expect(calibration.images.copies).toMatchObject({ count: 4 });
    expect(calibration.warnings.find(({ code }) => code === "DUPLICATE_PHOTOGRAPHS")?.message).toMatch(
      /^4 photographs have the bytes of others, such as: 0\.jpg is 0\.jpg\./,
    );
    expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
    const { calibration: apart } = await calibrate(
      await runOf(smallOnnx(), { photographs: await withCopies(some) }),
    );
    expect(apart.images).not.toHaveProperty("copies");
  });

  it("none of which can be read are refused, with the first one's reason", async () => {
    const run = await runOf(smallOnnx(), { photographs: await photographs(2, truncated) });
    const attempt = measure(run);
    await expect(attempt).rejects.toThrow(/ 2 photographs could be used; the first.*0\.jpg/);
    await expect(attempt).rejects.toBeInstanceOf(ErfitError);
  });

  it("have several crops on request, all in one block", async () => {
    const seen: string[] = [];
    const run = await runOf(smallOnnx(), {
      photographs: await photographs(3),
      crops: 4,
      shuffled: null,
      onProgress: ({ name, done, of }) => seen.push(`${done}/${of} ${name}`),
    });
    const { blocks, measurement } = await measure(run);
    expect(blocks).toHaveLength(3);
    expect(measurement.images).toMatchObject({ views: 12, photographs: 3, cropsPerPhotograph: 4 });
    expect(seen.slice(0, 5)).toEqual([
      "1/12 0.jpg",
      "2/12 0.jpg#1",
      "3/12 0.jpg#2",
      "4/12 0.jpg#3",
      "5/12 1.jpg",
    ]);
    // The block of the first photograph is that of a run over it alone.
    const alone = await measure({ ...run, photographs: run.photographs.slice(0, 1) });
    expect(alone.blocks[0]).toEqual(blocks[0]);
  });

  it("are told apart by their list's hash", async () => {
    const some = await photographs(3);
    const hash = async (more: Partial<ProbeRun>) =>
      (await measure(await runOf(smallOnnx(), { photographs: some, ...more }))).measurement.images.sha256;
    const hashes = await Promise.all([hash({}), hash({ crops: 2 }), hash({ photographs: some.slice(1) })]);
    expect(new Set(hashes).size).toBe(3);
  });
});

describe("a map that has no Gaussian", () => {
  it("leaves the fit empty and says why", async () => {
    const run = await runOf(smallOnnx(), { protocol: "openerf" });
    const silent = await calibrate({
      ...run,
      model: {
        ...run.model,
        network: {
          ...run.model.network,
          differentiate: async (request) => {
            const program = await run.model.network.differentiate(request);
            return {
              ...program,
              run: async (feeds) => {
                const { gradient, alongside } = await program.run(feeds);
                gradient.data.fill(0);
                return { gradient, alongside };
              },
            };
          },
        },
      },
    });
    expect(silent.calibration.fit).toBeNull();
    expect(silent.calibration.warnings.map(({ code }) => code)).toContain("ZERO_MASS");
    expect(calibrationSchema.safeParse(silent.calibration).success).toBe(true);
  });
});
