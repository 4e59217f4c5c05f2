import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { calibrationSchema, type Calibration } from "../../src/calibration/schema.ts";
import { readMap } from "../../src/core/npy.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { camCases, goldenMap, paperSpread, worstShareOfRange, type CamCase } from "../cam/goldens.ts";
import { referencePath, withoutReference } from "../reference.ts";
import { decodeImage } from "../../src/input/decode.ts";
import { noise } from "../onnx/small-model.ts";
import { folder, inCheckout, json, refusal, run, sampleModel, samplePhotograph } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";

const outcome = z.object({
  format: z.literal("erfit-cam"),
  layer: z.object({ name: z.string() }),
  columns: z.array(z.object({ key: z.string() })),
  images: z.array(
    z.strictObject({
      image: z.string(),
      photograph: z.string().nullable(),
      classes: z.array(
        z.strictObject({
          classIndex: z.int(),
          class: z.string(),
          score: z.number(),
          probability: z.number(),
          evenGradient: z.boolean().nullable(),
          maps: z.array(
            z.strictObject({
              column: z.string(),
              removedShare: z.number(),
              empty: z.boolean(),
              files: z.record(z.string(), z.string()),
            }),
          ),
        }),
      ),
    }),
  ),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  sheet: z.object({ rows: z.int(), files: z.array(z.string()) }),
  remarks: z.array(z.string()),
  provenance: z.object({ erfit: z.string(), engine: z.string() }),
});

const cam = async (...args: readonly string[]) => outcome.parse(await json(["cam", ...args]));

/** Names of the files that a document lists, each once. */
const listedFiles = ({ images }: z.infer<typeof outcome>): readonly string[] => [
  ...new Set(
    images.flatMap(({ photograph, classes }) => [
      ...(photograph === null ? [] : [photograph]),
      ...classes.flatMap(({ maps }) => maps.flatMap(({ files }) => Object.values(files))),
    ]),
  ),
];
const mapAt = (path: string): RealMap => readMap(readFileSync(path), path);
const filesIn = (path: string): readonly string[] => readdirSync(path).sort();

function writeCalibration(name: string, calibration: Calibration): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(calibration));
  return path;
}

/** What `erfit calibrate` wrote for the sample; tests change its numbers. */
let calibrated: Calibration;
let samplePath: string;
beforeAll(async () => {
  const out = join(folder, "sample");
  await json(["calibrate", sampleModel, samplePhotograph(""), "--limit", "3", "--out", out]);
  samplePath = join(out, "calibration.json");
  calibrated = calibrationSchema.parse(JSON.parse(readFileSync(samplePath, "utf8")));
});

const network = written("net.onnx", sound);
const tensor = array("x.npy");

describe.concurrent("files", () => {
  it("map, grid and overlay of each image and method, cam.json, no more", async () => {
    const out = join(folder, "files");
    const ready = array("ready.npy", mapOfZeros());
    const photograph = samplePhotograph("cat.jpg");
    const methods = ["--method", "grad-cam", "grad-cam++", "extended"];
    const document = await cam(sampleModel, photograph, ready, "--out", out, ...methods);
    const { images, columns, skipped } = document;
    const keys = ["grad-cam.bilinear", "grad-cam++.bilinear", "extended.bilinear"];
    expect({ columns: columns.map(({ key }) => key), skipped }).toEqual({ columns: keys, skipped: [] });
    expect(images.map(({ image }) => image)).toEqual(["cat.jpg", "ready.npy"]);
    const maps = (stem: string) =>
      methods.slice(1).flatMap((method) => [`${stem}.${method}.bilinear.npy`, `${stem}.${method}.grid.npy`]);
    const overlays = keys.map((key) => `cat.${key}.png`);
    const seen = ["cat.input.png", null];
    expect(images.map((image) => image.photograph)).toEqual(seen);
    expect(filesIn(out)).toEqual(
      [...maps("cat"), ...maps("ready"), ...overlays, "cat.input.png", "cam.json"].sort(),
    );
    const { height, width } = await decodeImage(readFileSync(join(out, "cat.input.png")), false);
    expect([height, width]).toEqual([224, 224]);
    expect([...listedFiles(document), "cam.json"].sort()).toEqual(filesIn(out));
    expect(mapAt(join(out, "cat.extended.bilinear.npy")).shape).toEqual([224, 224]);
    expect(mapAt(join(out, "cat.extended.grid.npy")).shape).toEqual([14, 14]);
    expect(Math.min(...mapAt(join(out, "cat.extended.bilinear.npy")).data)).toBeLessThan(0);
    const kept: unknown = JSON.parse(readFileSync(join(out, "cam.json"), "utf8"));
    expect(outcome.parse(kept)).toEqual(document);
  });

  it("of every column and class under a name of its own, and those alone that are asked for", async () => {
    const out = join(folder, "columns");
    const inputs = [array("one.npy"), array("two.npy", varied())];
    const document = await cam(
      ...[network, ...inputs, "--layer", "last", "--out", out, "--write", "maps", "grids"],
      ...["--method", "grad-cam:nearest", "extended", "--upsampling", "bilinear", "bicubic"],
      ...["--control", "shuffled", "random", "other-image", "--class", "0", "top2"],
    );
    expect(document.columns.map(({ key }) => key).sort()).toEqual([
      ...["extended-other-image.bicubic", "extended-other-image.bilinear"],
      ...["extended-shuffled.bicubic", "extended-shuffled.bilinear", "extended.bicubic", "extended.bilinear"],
      ...["grad-cam-other-image.nearest", "grad-cam-shuffled.nearest", "grad-cam.nearest"],
      ...["random.bicubic", "random.bilinear", "random.nearest"],
    ]);
    const [one, two] = document.images;
    for (const image of [one, two]) {
      const indices = image?.classes.map(({ classIndex }) => classIndex) ?? [];
      expect(indices[0]).toBe(0);
      expect(new Set(indices).size).toBe(indices.length);
      expect(indices.length).toBeGreaterThanOrEqual(2);
    }
    const classes = document.images.reduce((sum, image) => sum + image.classes.length, 0);
    // 12 maps and 7 grids a class: the grid is the same by every upsampling.
    expect(listedFiles(document)).toHaveLength(classes * (12 + 7));
    expect([...listedFiles(document), "cam.json"].sort()).toEqual(filesIn(out));
    const grid = (name: string) => [...mapAt(join(out, `${name}.grid.npy`)).data];
    const [first = NaN] = one?.classes.map(({ classIndex }) => classIndex) ?? [];
    const base = `class-${first}.extended`;
    expect(grid(`one.${base}-shuffled`)).not.toEqual(grid(`one.${base}`));
    expect(grid(`one.${base}-shuffled`).sort()).toEqual(grid(`one.${base}`).sort());
    expect(grid(`one.${base}-other-image`)).toEqual(grid(`two.${base}`));
    expect(grid(`two.${base}-other-image`)).toEqual(grid(`one.${base}`));
  });

  it("none but the record where nothing is to be written", async () => {
    const out = join(folder, "none");
    await cam(network, tensor, "--layer", "last", "--out", out, "--write", "none");
    expect(filesIn(out)).toEqual(["cam.json"]);
  });

  it("images of one name keep apart, whatever tells them from one another", async () => {
    mkdirSync(join(folder, "a"));
    mkdirSync(join(folder, "b"));
    for (const name of ["a/x.npy", "b/x.npy", "a/y.npy", "a_y.npy", "two words.npy"])
      copyFileSync(tensor, join(folder, name));
    copyFileSync(samplePhotograph("cat.jpg"), join(folder, "y.jpg"));
    const images = ["a/x.npy", "b/x.npy", "a/y.npy", "a_y.npy", "y.jpg", "two words.npy"];
    const paths = images.map((image) => join(folder, image));
    const out = join(folder, "apart");
    const crop = ["--resize", "12", "--crop", "12", "--layer", "last"];
    const document = await cam(network, ...paths, "--out", out, ...crop);
    expect(listedFiles(document)).toHaveLength(6 * 2 + 2);
    expect(filesIn(out)).toHaveLength(6 * 2 + 2 + 1);
    expect(filesIn(out)).toContain("two words.extended.bilinear.npy");
    expect(filesIn(out)).toContain("y.jpg.extended.grid.npy");
  });

  it("a sheet of the photographs on request, with as many rows as asked for", async () => {
    const out = join(folder, "sheet");
    const photographs = ["cat.jpg", "rocket.jpg", "coffee.jpg"].map(samplePhotograph);
    const words = ["--sheet", "--out", out, "--method", "grad-cam", "extended", "--calibration", samplePath];
    const { code, stdout, stderr } = await run([
      ...["cam", sampleModel, ...photographs, ...words, "--json"],
      ...["--sheet-rows", "2", "--color-scale", "column"],
    ]);
    expect(code, stderr).toBe(0);
    const { sheet } = outcome.parse(JSON.parse(stdout));
    expect(sheet).toEqual({ rows: 2, files: [join(out, "sheet.svg"), join(out, "sheet.png")] });
    expect(stderr).toMatch(/the sheet shows 2 of 3 rows; --sheet-rows/);
    const svg = readFileSync(join(out, "sheet.svg"), "utf8");
    for (const text of ["cat.jpg: other mammal, probability 0.996", "rocket.jpg", "Extended-CAM", "Gaussian"])
      expect(svg).toContain(text);
    expect(svg).not.toContain("coffee.jpg");
    expect(readFileSync(join(out, "sheet.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

describe.concurrent("options that change the map", () => {
  const drawn = async (name: string, ...how: readonly string[]) => {
    const out = join(folder, name);
    const document = await cam(network, tensor, "--layer", "last", "--class", "1", "--out", out, ...how);
    return {
      document,
      map: mapAt(join(out, listedFiles(document).find((file) => !file.includes("grid")) ?? "")),
    };
  };

  it("ReLU, its share, and the signed map", async () => {
    const [signed, rectified] = await Promise.all([
      drawn("signed", "-m", "extended"),
      drawn("rectified", "-m", "extended", "--relu", "-u", "nearest"),
    ]);
    expect(Math.min(...signed.map.data)).toBeLessThan(0);
    expect(Math.min(...rectified.map.data)).toBe(0);
    const share = rectified.document.images[0]?.classes[0]?.maps[0]?.removedShare ?? NaN;
    const grid = mapAt(join(folder, "signed", "x.extended.grid.npy")).data;
    const mass = (cells: Float64Array) => cells.reduce((sum, value) => sum + Math.abs(value), 0);
    expect(share).toBeCloseTo(mass(grid.filter((value) => value < 0)) / mass(grid), 12);
    expect(share).toBeGreaterThan(0.01);
    const words = `The ReLU removes ${(100 * share).toFixed(1)} % of Extended-CAM's mass.`;
    expect(rectified.document.remarks).toContain(words);
    expect(signed.document.remarks.join()).not.toMatch(/removes/);
  });

  it("normalization to 0 and 1", async () => {
    const { map } = await drawn("normalized", "--normalize", "min-max");
    expect([Math.min(...map.data), Math.max(...map.data)]).toEqual([0, 1]);
  });

  it("the probability in place of the logit", async () => {
    const [logit, probability] = await Promise.all([drawn("logit"), drawn("p", "--score", "probability")]);
    const [a, b] = [logit, probability].map(({ document }) => document.images[0]?.classes[0]);
    expect(a?.score).toBe(b?.score);
    expect(probability.map.data).not.toEqual(logit.map.data);
  });

  it("a network whose gradient is even is said to be one", async () => {
    const { document } = await drawn("even");
    expect(document.images[0]?.classes[0]?.evenGradient).toBe(true);
    expect(document.remarks.join()).toMatch(
      /same at every cell of "last".*differs from Grad-CAM by the ReLU/,
    );
    const { remarks, images } = await cam(
      sampleModel,
      samplePhotograph("cat.jpg"),
      "--out",
      join(folder, "uneven"),
    );
    expect(images[0]?.classes[0]?.evenGradient).toBe(false);
    expect(remarks.join()).not.toMatch(/same at every cell/);
  });
});

describe("a run that is killed", () => {
  const out = join(folder, "killed");
  const journal = join(out, "cam.journal");
  const images = Array.from({ length: 40 }, (_, k) => join(folder, `killed-${k}.jpg`));
  const words = ["cam", sampleModel, ...images, "--out", out, "--write", "maps"];

  it("goes on where it stopped, and refuses other settings until then", async () => {
    for (const [k, image] of images.entries())
      copyFileSync(samplePhotograph(k % 2 === 0 ? "cat.jpg" : "rocket.jpg"), image);
    const lines = () => (existsSync(journal) ? readFileSync(journal, "utf8").split("\n").length - 2 : 0);
    await killedOnce(words, () => lines() >= 3);
    const before = lines();
    expect(before).toBeGreaterThanOrEqual(3);
    expect(existsSync(join(out, "cam.json"))).toBe(false);

    expect(await refusal([...words, "--method", "grad-cam"])).toMatch(
      /cam\.journal was left by another run: columns: \["extended\.bilinear"\] there, \["grad-cam\.bilinear"\] here — .*--out.*--restart/,
    );
    const changed = images[0] ?? "";
    copyFileSync(samplePhotograph("coffee.jpg"), changed);
    const removed = join(out, "killed-1.extended.bilinear.npy");
    rmSync(removed);
    const { code, stdout } = await run(words);
    expect(code).toBe(0);
    const [, resumed = ""] = /(\d+) photographs? of these were done before/.exec(stdout) ?? [];
    expect(Number(resumed)).toBe(before - 2);
    expect(existsSync(journal)).toBe(false);
    expect(filesIn(out)).toEqual(
      [...images.map((_, k) => `killed-${k}.extended.bilinear.npy`), "cam.json"].sort(),
    );
    const kept = outcome.parse(JSON.parse(readFileSync(join(out, "cam.json"), "utf8")));
    expect(kept.images.map(({ image }) => image)).toEqual(images.map((_, k) => `killed-${k}.jpg`));
    expect(kept.images[0]?.classes[0]?.class).toBe("food or plant");
  });
});

describe.concurrent("options are refused", () => {
  it.each([
    [
      "that nothing reads",
      ["--noise", "0.5"],
      /--noise is for Smooth Grad-CAM\+\+: nothing here would read it/,
    ],
    [
      "of a method that is none",
      ["--method", "gradcam"],
      /--method: expected one of "cam", "grad-cam", .*; found 'gradcam'/,
    ],
    [
      "of a control that is none",
      ["--control", "noise"],
      /--control "noise": expected one of "random", "shuffled"/,
    ],
    [
      "for another image where there is none",
      ["--control", "other-image"],
      /there is no other photograph that can be read/,
    ],
    ["that contradict", ["--write", "none", "maps"], /--write none maps: none stands alone/],
    [
      "for a sheet without rows",
      ["--sheet", "--sheet-rows", "0"],
      /--sheet-rows: expected a whole number, 1 or more/,
    ],
  ])("%s", async (_, words, message) => {
    const line = await refusal([
      ...["cam", network, tensor, "--layer", "last"],
      ...["--out", join(folder, "unread"), ...words],
    ]);
    expect(line).toMatch(message);
  });
});

describe.concurrent("the class", () => {
  const of = async (...args: readonly string[]) => {
    const { images } = await cam(
      sampleModel,
      samplePhotograph("rocket.jpg"),
      "--out",
      join(folder, `class-${args.join("-")}`),
      ...args,
    );
    return images.flatMap(({ classes }) =>
      classes.map(({ classIndex, class: name }) => ({ classIndex, name })),
    );
  };

  it("by index and by label, in any case", async () => {
    const bird = [{ classIndex: 0, name: "bird" }];
    expect(await Promise.all([of("--class", "0"), of("--class", "Bird")])).toEqual([bird, bird]);
  });

  it("several, and the highest scores: each once, the given ones first", async () => {
    const explained = async (...classes: readonly string[]) => {
      const out = join(folder, `several-${classes.join("-")}`);
      const { images } = await cam(network, tensor, "--layer", "last", "--out", out, "--class", ...classes);
      return images.flatMap((image) => image.classes);
    };
    const ranked = await explained("top3");
    const indices = ranked.map(({ classIndex }) => classIndex);
    expect(ranked.map(({ score }) => score)).toEqual(ranked.map(({ score }) => score).sort((a, b) => b - a));
    expect(new Set(indices)).toEqual(new Set([0, 1, 2]));
    const last = indices[2] ?? NaN;
    const both = await explained(String(last), "top2");
    expect(both.map(({ classIndex }) => classIndex)).toEqual([last, ...indices.slice(0, 2)]);
  });

  it("the predicted one where none is named: the largest output", async () => {
    const { images } = await cam(network, tensor, "--layer", "last", "--out", join(folder, "predicted"));
    const scores = await Promise.all(
      ["0", "1", "2"].map(async (index) => {
        const named = ["--class", index, "--out", join(folder, `class-${index}`)];
        return (await cam(network, tensor, "--layer", "last", ...named)).images[0]?.classes[0]?.score ?? NaN;
      }),
    );
    const [one] = images[0]?.classes ?? [];
    expect(one?.score).toBe(Math.max(...scores));
    expect(one?.classIndex).toBe(scores.indexOf(Math.max(...scores)));
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    expect(one?.probability).toBeCloseTo(Math.exp(Math.max(...scores)) / sum, 5);
  });

  it.each([
    [
      "a label that no class has",
      ["--class", "birdd"],
      /"birdd" is not one of the model's 11 classes — nearest: bird/,
    ],
    ["an index too high", ["--class", "11"], /class 11 does not exist.*"logits" has 11 classes, 0 to 10/],
  ])("%s is refused", async (_, args, words) => {
    expect(await refusal(["cam", sampleModel, samplePhotograph("rocket.jpg"), ...args])).toMatch(words);
  });
});

describe.concurrent("the calibration", () => {
  const image = samplePhotograph("rocket.jpg");
  const using = (path: string, ...more: readonly string[]) => [
    ...["cam", sampleModel, image, "--calibration", path],
    ...["--out", join(folder, "calibrated"), ...more],
  ];

  it("of another model is refused, with both named", async () => {
    const sha256 = "0".repeat(64);
    const path = writeCalibration("model.json", {
      ...calibrated,
      model: { ...calibrated.model, file: "other.onnx", sha256 },
    });
    expect(await refusal(using(path))).toMatch(/other\.onnx \(sha256 0{12}…\), not of vgg16-sample\.onnx/);
  });

  it("of another layer is refused, and passes where any calibration will do", async () => {
    expect(await refusal(using(samplePath, "--layer", "block4_conv3"))).toMatch(
      /layer "block5_conv3", not of "block4_conv3" — .*--any-calibration/,
    );
    const { code } = await run(using(samplePath, "--layer", "block4_conv3", "--any-calibration"));
    expect(code).toBe(0);
  });

  it("of other preprocessing is refused with the way round, and warns on the terminal and in cam.json where that is small", async () => {
    const small = ["--method", "extended", "--write", "none"];
    expect(await refusal(using(samplePath, ...small, "--preprocessing", "tf"))).toMatch(
      /measured with other preprocessing: resize: shorter side 224, .* \(there\), shorter side 256, .* — preprocess as it was measured \(by its sidecar vgg16-sample\.json; --preprocessing and its options\).*--any-calibration/,
    );
    const out = join(folder, "preprocessing");
    const args = ["cam", sampleModel, image, "-c", samplePath, "--out", out, ...small];
    const { code, stderr } = await run([...args, "--mean", "100,100,100"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^warning OTHER_PREPROCESSING: .*sample.calibration\.json was measured .*: mean: 103\.9,116\.8,123\.7 \(there\), 100,100,100 \(here\)/m,
    );
    const warned = z.object({ warnings: z.array(z.object({ code: z.string() })) });
    const inFolder = () => warned.parse(JSON.parse(readFileSync(join(out, "cam.json"), "utf8"))).warnings;
    expect(inFolder().map(({ code: name }) => name)).toEqual(["OTHER_PREPROCESSING"]);
    const narrow = await run([...args, "--sigma", "3,30", "-q"]);
    expect(narrow.code, narrow.stderr).toBe(0);
    expect(inFolder().map(({ code: name }) => name)).toEqual(["SIGMA_BELOW_STRIDE"]);
  });

  it("without a fit is refused", async () => {
    const path = writeCalibration("empty.json", { ...calibrated, fit: null });
    expect(await refusal(using(path))).toMatch(/empty\.json holds no Gaussian/);
  });

  it.each([
    ["missing", "gone.json", undefined, /gone\.json/],
    ["no JSON", "words.json", "words", /words\.json: not JSON/],
    ["no calibration", "list.json", "[]", /list\.json: not an erfit calibration/],
  ])("%s is refused", async (_, name, text, words) => {
    if (text !== undefined) writeFileSync(join(folder, name), text);
    expect(await refusal(using(join(folder, name)))).toMatch(words);
  });

  it("is asked for by Gaussian upsampling alone", async () => {
    const plain = ["cam", network, tensor, "--layer", "last"];
    const remedy = /--upsampling gaussian needs a calibration.*erfit calibrate/;
    expect(await refusal([...plain, "--upsampling", "gaussian"])).toMatch(remedy);
    const { code, stderr } = await run([...plain, "--out", join(folder, "plain")]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/no calibration given: .*bilinearly/);
  });
});

describe.concurrent("images that cannot be used", () => {
  it("are skipped among good ones, counted and named", async () => {
    const cut = join(folder, "cut.jpg");
    writeFileSync(cut, readFileSync(samplePhotograph("cat.jpg")).subarray(0, 9000));
    const wrong = array("wrong.npy");
    const images = [samplePhotograph("cat.jpg"), cut, wrong];
    const { images: used, skipped } = await cam(sampleModel, ...images, "--out", join(folder, "some"));
    expect(used.map(({ image }) => image)).toEqual(["cat.jpg"]);
    expect(skipped.map(({ name }) => name)).toEqual(["cut.jpg", "wrong.npy"]);
    expect(skipped[1]?.reason).toMatch(/\[1, 3, 12, 12\].*\[1, 3, 224, 224\]/);
  });

  it("are refused where there is no other", async () => {
    const wrong = array("alone.npy");
    expect(await refusal(["cam", sampleModel, wrong])).toMatch(
      /alone\.npy could not be used: .*\[1, 3, 12, 12\].*\[1, 3, 224, 224\]/,
    );
  });
});

/** Starts the command and kills it once it has come so far. */
async function killedOnce(args: readonly string[], far: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [inCheckout("bin/erfit.js"), ...args], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  while (!far() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGKILL");
  await ended;
}

/** A ready input of the small network, unlike `x.npy`. */
const varied = () => noise(imageShape, 9);

/** A ready input of the sample. */
function mapOfZeros() {
  return { dtype: "float32", shape: [1, 3, 224, 224], data: new Float32Array(3 * 224 * 224) } as const;
}

const absent = withoutReference("CAMs of pytorch-grad-cam and of Eq. 4 through the command line");
const cases = absent ? [] : camCases();
const models = [...new Set(cases.map(({ model }) => model))];

/** The calibration with Table 1's sigmas, made out to another model. */
function table1(model: string, layer: string, [, , height, width]: CamCase["inputShape"]): Calibration {
  const { fit, ...rest } = calibrated;
  if (fit === null) throw new Error("the sample's calibration has no fit");
  const { sigmaX, sigmaY } = paperSpread(height, width);
  const sha256 = createHash("sha256")
    .update(readFileSync(modelPath(model)))
    .digest("hex");
  const input = { ...rest.model.input, shape: [1, 3, height, width] };
  return {
    ...rest,
    model: { file: `${model}.onnx`, sha256, input },
    layer: { ...rest.layer, name: layer },
    preprocessing: { source: "the test: its inputs are ready tensors" },
    fit: { ...fit, sigmaX: { ...fit.sigmaX, value: sigmaX }, sigmaY: { ...fit.sigmaY, value: sigmaY } },
  };
}

const modelPath = (model: string): string => referencePath("models", `${model}.onnx`);
const targetOf = z.object({ target: z.string(), classIndex: z.int() });

describe.skipIf(absent)("maps of the reference, to 1e-4 of their range", { concurrent: true }, () => {
  it.each(models)("%s", async (model) => {
    const ours = cases.filter((each) => each.model === model);
    const { target } = targetOf.parse(ours[0]);
    const shape = ours[0]?.inputShape ?? [1, 3, 0, 0];
    const calibration = writeCalibration(`${model}.json`, table1(model, target, shape));
    const inputs = ours.map((each) => referencePath("cams", model, String(each.case), "input.npy"));
    const drawn = async (name: string, ...how: readonly string[]) => {
      const out = join(folder, model, name);
      const { images } = await cam(modelPath(model), ...inputs, "--layer", target, "--out", out, ...how);
      return { out, images };
    };
    const [gaussian, bilinear] = await Promise.all([
      drawn(
        "gaussian",
        "--method",
        "grad-cam",
        "grad-cam++",
        "extended",
        "-u",
        "gaussian",
        "-c",
        calibration,
      ),
      drawn("bilinear", "--method", "extended", "--upsampling", "bilinear"),
    ]);
    expect(gaussian.images.map(({ classes }) => classes[0]?.classIndex)).toEqual(
      ours.map((each) => targetOf.parse(each).classIndex),
    );
    for (const of of ours) {
      const expectClose = ({ out }: { readonly out: string }, file: string, golden: string) => {
        const found = mapAt(join(out, `${of.case}_input.${file}.npy`));
        expect(worstShareOfRange(found, goldenMap(of, golden)), golden).toBeLessThan(1e-4);
      };
      expectClose(gaussian, "grad-cam.grid", "grad-cam.grid");
      expectClose(gaussian, "grad-cam++.grid", "grad-cam++.grid");
      expectClose(gaussian, "extended.grid", "extended.grid");
      expectClose(gaussian, "extended.gaussian", "extended.gaussian");
      expectClose(gaussian, "grad-cam.gaussian", "grad-cam.gaussian");
      expectClose(bilinear, "extended.bilinear", "extended.bilinear");
    }
  });
});
