import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { calibrationSchema } from "../../src/calibration/schema.ts";
import { readMap } from "../../src/core/npy.ts";
import { noise } from "../onnx/small-model.ts";
import { expectPlainWords, folder, inCheckout, json, run, sampleModel, samplePhotograph } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";

const calibrated = calibrationSchema.extend({ files: z.array(z.string()) });
const probed = calibrationSchema
  .omit({ fit: true, convergence: true, shape: true })
  .extend({ files: z.array(z.string()) });

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

const network = written("net.onnx", sound);
/** The small network takes photographs as they come; its last layer is found by itself. */
const probe = async (...args: readonly string[]) => probed.parse(await json(["probe", network, ...args]));

describe.concurrent("erfit calibrate on the bundled sample", () => {
  const photographs = samplePhotograph("");

  it("prints the calibration alone, and writes it with map and figure", async () => {
    const out = join(folder, "sample");
    const args = ["calibrate", sampleModel, photographs, "--limit", "3", "--out", out];
    const { code, stdout, stderr } = await run([...args, "--json"]);
    expect(code, stderr).toBe(0);
    const { files, ...document } = calibrated.parse(JSON.parse(stdout));
    const names = ["calibration.json", "erf.npy", "erf.svg", "erf.png"];
    expect(files).toEqual(names.map((name) => join(out, name)));
    expect(readdirSync(out).sort()).toEqual([...names].sort());

    const record = calibrationSchema.parse(JSON.parse(readFileSync(join(out, "calibration.json"), "utf8")));
    expect(record).toEqual(document);
    expect(record).toMatchObject({
      model: { file: "vgg16-sample.onnx" },
      layer: { name: "block5_conv3", shape: [1, 512, 14, 14], cell: [7, 7], stride: [16, 16] },
      protocol: "openerf",
      images: { views: 3, photographs: 3, cropsPerPhotograph: 1, skipped: [] },
      preprocessing: { source: "sidecar vgg16-sample.json" },
    });
    expect(record.fit?.sigmaX.value).toBeGreaterThan(20);
    expect(record.fit?.sigmaX.value).toBeLessThan(45);

    const map = readMap(readFileSync(join(out, "erf.npy")), "erf.npy");
    expect(map.shape).toEqual([224, 224]);
    expect(sum(map.data)).toBeCloseTo(1, 12);
    expect(readFileSync(join(out, "erf.npy")).subarray(0, 80).toString("latin1")).toContain("'<f8'");
    expect(readFileSync(join(out, "erf.svg"), "utf8")).toMatch(/^<svg /);
    expect(readFileSync(join(out, "erf.png")).subarray(1, 4).toString()).toBe("PNG");
    expectPlainWords(stderr);
    expect(stderr).toMatch(/preprocessing: sidecar vgg16-sample\.json/);
    expect(stderr).not.toContain("sigma_X"); // the document has it
  });
});

describe.concurrent("what is fitted", () => {
  const inputs = Array.from({ length: 5 }, (_, k) => array(`fitted-${k}.npy`, noise(imageShape, 60 + k)));
  const calibrate = (model: string) => ["calibrate", network, ...inputs, "--fit-model", model];

  it("another model, or several side by side", async () => {
    const out = join(folder, "models");
    const [isotropic, auto] = await Promise.all(
      ["isotropic", "auto"].map(async (model) =>
        calibrated.parse(await json([...calibrate(model), "--out", join(out, model)])),
      ),
    );
    expect(isotropic?.fit?.model).toBe("isotropic");
    expect(isotropic?.fit?.sigmaX).toEqual(isotropic?.fit?.sigmaY);
    expect(auto?.fit?.model).toBe("gaussian");
    expect(auto?.comparison?.alternatives.map(({ model }) => model)).toContain("isotropic");
    const written = calibrationSchema.parse(
      JSON.parse(readFileSync(join(out, "auto", "calibration.json"), "utf8")),
    );
    expect(written.comparison).toEqual(auto?.comparison);
  });

  it("is told on one screen", async () => {
    const { code, stdout } = await run([
      ...calibrate("gaussian"),
      "--verbose",
      "--out",
      join(folder, "screen"),
    ]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(45);
    expect(lines.slice(0, -1).filter((line) => line.length > 100)).toEqual([]);
    expect(stdout).toMatch(/^warning FEW_PHOTOGRAPHS: Only 5 photographs/m);
    expect(stdout).toMatch(/^photographs +as many as [\d.]+ of equal weight, of 5;/m);
  });
});

describe.concurrent("what is probed", () => {
  const photographs = join(folder, "photographs");
  mkdirSync(join(photographs, "more"), { recursive: true });
  copyFileSync(samplePhotograph("cat.jpg"), join(photographs, "cat.jpg"));
  copyFileSync(samplePhotograph("rocket.jpg"), join(photographs, "more", "rocket.jpg"));
  writeFileSync(join(photographs, "notes.md"), "not an image");
  const cut = join(folder, "cut.jpg");
  writeFileSync(cut, readFileSync(samplePhotograph("cat.jpg")).subarray(0, 9000));

  it("folders to their depths, globs, lists, single files: each image once", async () => {
    const list = join(folder, "list.txt");
    writeFileSync(list, "# two of them\nphotographs/cat.jpg\n\nphotographs/more/rocket.jpg\n");
    const sources = [
      [photographs],
      ["photographs/**/*.jpg"],
      [list],
      [join(photographs, "cat.jpg"), join(photographs, "more", "rocket.jpg"), photographs],
    ];
    const found = await Promise.all(
      sources.map((source, k) => probe(...source, "--out", join(folder, `source-${k}`))),
    );
    for (const { images } of found) expect(images).toMatchObject({ views: 2, photographs: 2, skipped: [] });
    const maps = found.map((_, k) => readFileSync(join(folder, `source-${k}`, "erf.npy")));
    for (const map of maps) expect(map.equals(maps[0] ?? map)).toBe(true);
  });

  it("ready tensors, their axis of one image present or not", async () => {
    const inputs = [array("one.npy"), array("two.npy", noise(imageShape.slice(1), 4))];
    const out = join(folder, "tensors");
    const { images, protocol } = await probe(...inputs, "--out", out, "--protocol", "absolute");
    expect({ count: images.views, protocol }).toEqual({ count: 2, protocol: "absolute" });
    expect(sum(readMap(readFileSync(join(out, "erf.npy")), "erf.npy").data)).toBeCloseTo(1, 12);
  });

  it("several crops of a photograph, one of a tensor; no more images than --limit", async () => {
    const inputs = [photographs, array("single.npy")];
    const { images } = await probe(...inputs, "--crops", "3", "--out", join(folder, "crops"));
    expect(images).toMatchObject({ views: 7, photographs: 3, cropsPerPhotograph: 3 });
    const limited = await probe(...inputs, "--limit", "1", "--out", join(folder, "limited"));
    expect(limited.images.views).toBe(1);
  });

  it("a truncated JPEG among good ones is skipped, counted and named", async () => {
    const { images, warnings } = await probe(photographs, cut, "--out", join(folder, "skipping"));
    expect(images.views).toBe(2);
    expect(images.skipped).toEqual([
      { name: "cut.jpg", reason: expect.stringContaining("cut.jpg") as string },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(["IMAGES_SKIPPED"]);
    expect(warnings[0]?.message).toMatch(/1 of 3 .*cut\.jpg/);
  });

  it("several at a time, to the same bits as one by one", async () => {
    const inputs = Array.from({ length: 9 }, (_, k) => array(`at-once-${k}.npy`, noise(imageShape, 20 + k)));
    const maps = await Promise.all(
      ["1", "2", "5"].map(async (threads) => {
        const out = join(folder, `threads-${threads}`);
        const { images } = await probe(...inputs, "--threads", threads, "--out", out);
        expect(images.views).toBe(9);
        return readFileSync(join(out, "erf.npy"));
      }),
    );
    for (const map of maps) expect(map.equals(maps[0] ?? map)).toBe(true);
  });

  it("in a random order on request, the same for the same seed", async () => {
    const inputs = Array.from({ length: 9 }, (_, k) => array(`mixed-${k}.npy`, noise(imageShape, 40 + k)));
    const of = async (...options: readonly string[]) =>
      (await probe(...inputs, ...options, "--limit", "4", "--out", join(folder, "mixed"))).images;
    const [listed, once, again, other] = [
      await of(),
      await of("--shuffle", "3"),
      await of("--shuffle", "3"),
      await of("--shuffle", "4"),
    ];
    expect([listed.shuffled, once.shuffled]).toEqual([null, 3]);
    expect(again.sha256).toBe(once.sha256);
    expect(new Set([listed.sha256, once.sha256, other.sha256]).size).toBe(3);
  });

  it("one cell of a layer, which modules name too", async () => {
    const where = ["--layer", "stem.act", "--cell", "2,5", "--out", join(folder, "cell")];
    const { layer } = await probe(array("cell.npy"), ...where);
    expect(layer).toMatchObject({ name: "active", module: "stem.act", cell: [2, 5] });
    const resnet = inCheckout("test/fixtures/gradients/resnet_tiny");
    const module = ["--layer", "m.layer4", "--out", join(folder, "module")];
    const input = join(resnet, "input_0.npy");
    const found = probed.parse(await json(["probe", join(resnet, "model.onnx"), input, ...module]));
    expect(found.layer).toMatchObject({ name: "relu_11", module: "m.layer4.0.act2" });
  });
});

describe.concurrent("what is said", () => {
  it("results go to outputs/<model>.<layer>.probe where nothing is said, apart from a calibration's", async () => {
    const { files } = await probe(array("default.npy"));
    expect(files).toEqual(["erf.npy", "probe.json"].map((name) => join("outputs", "net.last.probe", name)));
    expect(readdirSync(join(folder, "outputs", "net.last.probe")).sort()).toEqual(["erf.npy", "probe.json"]);
  });

  it("assumed preprocessing is said aloud; with --quiet nothing is said on stderr", async () => {
    const args = (out: string) => ["probe", network, array("quiet.npy"), "--out", join(folder, out)];
    const [loud, quiet] = await Promise.all([
      run(args("loud")),
      run([...args("quiet"), "--quiet", "--json"]),
    ]);
    expect(loud.stderr).toMatch(/preprocessing is assumed: timm with ImageNet mean and std/);
    expect(loud.stdout).toMatch(/^ERF of "last" over 1 photograph -> /);
    expect(quiet).toMatchObject({ code: 0, stderr: "" });
    probed.parse(JSON.parse(quiet.stdout));
  });
});
