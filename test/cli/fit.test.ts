import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { calibrationSchema } from "../../src/calibration/schema.ts";
import type { Gaussian } from "../../src/fit/model.ts";
import { writeMap } from "../../src/core/npy.ts";
import { float32, type RealMap } from "../../src/core/tensor.ts";
import { farthest, gaussianAt, largeMap, mapOf, referenceFits, referenceMapPath } from "../fit/maps.ts";
import { expectPlainWords, folder, json, refusal, run } from "./erfit.ts";
import { array } from "./networks.ts";

function written(name: string, map: RealMap): string {
  const path = join(folder, `${name}.npy`);
  writeFileSync(path, writeMap(map));
  return path;
}

/** As a calibration holds them: the published names. */
const outcome = calibrationSchema
  .pick({ fit: true, warnings: true, comparison: true, shape: true })
  .extend({
    mapSum: z.number().nullable(),
    files: z.array(z.string()).optional(),
    error: z.looseObject({ message: z.string(), exitCode: z.literal(2) }).optional(),
  })
  .strict();
type Fit = NonNullable<z.infer<typeof outcome>["fit"]>;

const valuesOf = ({ amplitude, centerX, centerY, sigmaX, sigmaY }: Fit): Gaussian => ({
  amplitude: amplitude.value,
  centerX: centerX.value,
  centerY: centerY.value,
  sigmaX: sigmaX.value,
  sigmaY: sigmaY.value,
});

const raise = (message: string): never => {
  throw new Error(message);
};

async function fitted(path: string): Promise<Fit> {
  const { fit } = outcome.parse(await json(["fit", path]));
  if (fit === null) throw new Error(`${path}: no fit`);
  return fit;
}

describe.concurrent("a Gaussian map", () => {
  const truth: Gaussian = { amplitude: 1, centerX: 30.25, centerY: 21.5, sigmaX: 4.5, sigmaY: 3.25 };
  const path = written("gaussian", mapOf(48, 64, gaussianAt(truth)));

  it("gives back its parameters, under the published names and no others", async () => {
    const document = outcome.parse(await json(["fit", path, "--fit-model", "gaussian", "--quiet"]));
    expect(document.warnings).toEqual([]);
    expect(farthest(valuesOf(await fitted(path)), truth)).toBeLessThan(1e-9);
    expect(document.fit).toMatchObject({ model: "gaussian", converged: true, intervalSource: "pixels" });
    expect(document.fit?.rSquared).toBeCloseTo(1, 12);
    expect(document.fit?.rSquaredTotal).toBeCloseTo(1, 12);
    expect(Object.keys(document.fit?.correlation ?? {}).sort()).toEqual(
      ["amplitude", "centerX", "centerY", "sigmaX", "sigmaY"].sort(),
    );
  });

  it("is fitted for people where --json is not asked for: on stdout, with nothing on stderr", async () => {
    const { code, stdout, stderr } = await run(["fit", path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/sigma_X +4\.50* +± .* px +4\./);
    expect(stdout).toMatch(/3072 pixels, 5 variables, \d+ iterations, converged/);
    expect(stdout).toMatch(/standard deviation +4\.5 +3\.[23] {2}px/); // the shape beside the fit
    expectPlainWords(stdout);
  });

  it("leaves the record and a picture, by default in a folder of its own, and tells the map's scale", async () => {
    const doubled = written(
      "doubled",
      mapOf(48, 64, (x, y) => 2 * gaussianAt(truth)(x, y)),
    );
    const document = outcome.parse(await json(["fit", doubled]));
    const sum = 2; // the amplitude is the whole mass
    expect(document.mapSum).toBeCloseTo(sum, 6);
    const own = join("outputs", `${basename(folder)}.doubled.fit`);
    expect(document.files).toEqual(["fit.json", "fit.svg", "fit.png"].map((name) => join(own, name)));
    const { files, ...rest } = document;
    expect(outcome.parse(JSON.parse(readFileSync(join(folder, own, "fit.json"), "utf8")))).toEqual(rest);
    expect(readFileSync(join(folder, own, "fit.svg"), "utf8")).toContain("doubled");
    const { stdout } = await run(["fit", doubled, "--out", join(folder, "there")]);
    expect(stdout).toContain(
      `The map was divided by its sum, ${sum.toPrecision(6)}: amplitudes are shares of it.`,
    );
    expect(stdout).toContain("-> ");
    expect(
      readFileSync(join(folder, "there", "fit.png"))
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    expect(files).toHaveLength(3);
  });

  it("is fitted with every model on request", async () => {
    const document = outcome.parse(await json(["fit", path, "--fit-model", "auto"]));
    expect(document.comparison?.alternatives.map(({ model }) => model)).toEqual(
      expect.arrayContaining(["gaussian-background", "isotropic"]),
    );
    expect(document.fit?.model).toBe("gaussian");
    const { stdout } = await run(["fit", path, "--fit-model", "auto"]);
    expect(stdout).toMatch(/^gaussian +4\.50* ± .*reported/m);
    expect(stdout).toMatch(/^isotropic /m);
    expect(stdout).toContain("prefer the richer model too");
  });

  it("is fitted as OpenERF would on request, which says how it ended", async () => {
    const document = outcome.parse(await json(["fit", path, "--fit-model", "openerf"]));
    expect(document.fit?.openerf?.onBound).toEqual([]);
    expect(farthest(valuesOf(document.fit ?? raise("no fit")), truth)).toBeLessThan(1e-3);
    const { stdout } = await run(["fit", path, "--fit-model", "openerf"]);
    expect(stdout).toMatch(/^OpenERF +stopped by .*; +on a bound: none$/m);
  });

  it("may have leading axes of one, and other types", async () => {
    const { data, shape } = mapOf(48, 64, gaussianAt(truth));
    const single = array("single.npy", float32([1, 1, ...shape], Float32Array.from(data)));
    expect(farthest(valuesOf(await fitted(single)), truth)).toBeLessThan(1e-5);
  });
});

describe.concurrent("a tilted map", () => {
  const tilted = mapOf(
    48,
    64,
    gaussianAt({ amplitude: 1, centerX: 31, centerY: 23, sigmaX: 6, sigmaY: 4, rho: 0.5 }),
  );
  const path = written("tilted", tilted);

  it("has its angle in radians and degrees", async () => {
    const { fit } = outcome.parse(await json(["fit", path, "--fit-model", "rotated"]));
    const angle = Math.atan2(2 * 0.5 * 6 * 4, 6 ** 2 - 4 ** 2) / 2;
    expect(fit?.theta?.value).toBeCloseTo(angle, 9);
    const { stdout } = await run(["fit", path, "--fit-model", "rotated"]);
    expect(stdout).toMatch(new RegExp(`^theta +${angle.toFixed(4)}\\d* .* rad `, "m"));
    expect(stdout).toMatch(new RegExp(`^ +${((angle * 180) / Math.PI).toFixed(4)}\\d* .* ° `, "m"));
  });
});

describe.concurrent("maps that cannot be used: the document says why, exit code 2, one line", () => {
  const bump = gaussianAt({ amplitude: 1, centerX: 8, centerY: 8, sigmaX: 2, sigmaY: 2 });
  it.each([
    ["NON_FINITE", mapOf(16, 16, (x, y) => (x + y === 0 ? NaN : bump(x, y)))],
    ["ZERO_MASS", mapOf(16, 16, () => 0)],
    ["NEGATIVE_MASS", mapOf(16, 16, (x, y) => -bump(x, y))],
    ["TOO_FEW_PIXELS", mapOf(2, 16, bump)],
  ])("%s", async (code, map) => {
    const path = written(code, map);
    const answer = await run(["fit", path, "--json"]);
    const { fit, warnings } = outcome.parse(JSON.parse(answer.stdout));
    const [warning] = warnings;
    expect({ code: answer.code, fit, warning: warning?.code }).toEqual({ code: 2, fit: null, warning: code });
    expect(answer.stderr).toBe(`erfit: ${path}: ${warning?.message ?? ""}\n`);
    expect(await refusal(["fit", path])).toContain(path);
  });

  it("a constant map is refused too, but by the fit: exit code 0", async () => {
    const flat = written(
      "flat",
      mapOf(16, 16, () => 1),
    );
    const document = outcome.parse(await json(["fit", flat]));
    expect(document.fit).toBeNull();
    expect(document.warnings.map(({ code }) => code)).toEqual(["FLAT"]);
  });
});

describe.concurrent("files that are no maps", () => {
  writeFileSync(join(folder, "words.npy"), "words");
  const cut = writeMap(mapOf(16, 16, () => 1)).subarray(0, 1000);
  writeFileSync(join(folder, "cut.npy"), cut);
  array("image.npy");

  it.each([
    ["gone.npy", /gone\.npy: no such file/],
    [".", /this is a folder/],
    ["words.npy", /words\.npy: not a \.npy file/],
    ["cut.npy", /cut\.npy: .*cut short/],
    ["image.npy", /image\.npy: expected a map \[height, width\], found shape \[1, 3, 12, 12\]/],
  ])("%s", async (file, words) => {
    expect(await refusal(["fit", file])).toMatch(words);
  });

  it("a fit model that does not exist", async () => {
    expect(await refusal(["fit", "image.npy", "--fit-model", "sinc"])).toMatch(
      /--fit-model "sinc": expected one of "gaussian"/,
    );
  });
});

const manifest = z.object({
  maps: z.record(
    z.string(),
    z.object({ verdict: z.string(), models: z.object({ a: z.unknown() }).partial().optional() }),
  ),
});
const optimum = z
  .object({
    reference: z.object({ values: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]) }),
  })
  .transform(({ reference: { values } }): Gaussian => {
    const [amplitude, centerX, centerY, sigmaX, sigmaY] = values;
    return { amplitude, centerX, centerY, sigmaX, sigmaY };
  });

const { maps } = manifest.parse({ maps: referenceFits });
const isRefused = (verdict: string): boolean => /^(error|refuse)/.test(verdict);
const pathOf = (name: string): string =>
  name === "s16_large1024" ? written(name, largeMap()) : referenceMapPath(name);

describe("the reference's maps", { concurrent: true }, () => {
  const regular = Object.entries(maps).filter(([, { verdict }]) => !isRefused(verdict));
  const refused = Object.entries(maps).filter(([, { verdict }]) => isRefused(verdict));

  it.each(regular)("%s: parameters to 1e-6 of the optimum", async (name, { models }) => {
    const found = valuesOf(await fitted(pathOf(name)));
    expect(farthest(found, optimum.parse(models?.a))).toBeLessThan(1e-6);
  });

  it.each(refused)("%s: no fit", async (name, { verdict }) => {
    const { code, stdout } = await run(["fit", pathOf(name), "--json"]);
    const { fit, warnings } = outcome.parse(JSON.parse(stdout));
    expect({ code, fit }).toEqual({ code: verdict.startsWith("error") ? 2 : 0, fit: null });
    expect(warnings).not.toEqual([]);
  });
});
