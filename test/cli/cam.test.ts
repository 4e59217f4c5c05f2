import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { calibrationSchema, type Calibration } from "../../src/calibration/schema.ts";
import { readMap } from "../../src/math/npy.ts";
import type { RealMap } from "../../src/math/tensor.ts";
import { camCases, goldenMap, paperSpread, worstShareOfRange, type CamCase } from "../cam/goldens.ts";
import { referencePath, withoutReference } from "../reference.ts";
import { folder, json, refusal, run, sampleModel, samplePhotograph } from "./erfit.ts";
import { array, sound, written } from "./networks.ts";

const outcome = z
  .object({
    layer: z.string(),
    methods: z.array(z.string()),
    images: z.array(
      z.strictObject({
        image: z.string(),
        classIndex: z.int(),
        class: z.string(),
        score: z.number(),
        probability: z.number(),
        files: z.array(z.string()),
      }),
    ),
    skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
    sheet: z.array(z.string()),
  })
  .strict();

const cam = async (...args: readonly string[]) => outcome.parse(await json(["cam", ...args]));
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
  it("two maps for each image and method, an overlay for photographs, no more", async () => {
    const out = join(folder, "files");
    const ready = array("ready.npy", mapOfZeros());
    const photograph = samplePhotograph("cat.jpg");
    const methods = ["--method", "grad-cam", "grad-cam++", "extended"];
    const {
      images,
      methods: named,
      skipped,
    } = await cam(sampleModel, photograph, ready, "--out", out, ...methods);
    expect({ named, skipped }).toEqual({ named: methods.slice(1), skipped: [] });
    expect(images.map(({ image }) => image)).toEqual(["cat.jpg", "ready.npy"]);
    const maps = (stem: string) =>
      methods.slice(1).flatMap((method) => [`${stem}.${method}.npy`, `${stem}.${method}.grid.npy`]);
    const overlays = methods.slice(1).map((method) => `cat.${method}.png`);
    expect(filesIn(out)).toEqual([...maps("cat"), ...maps("ready"), ...overlays].sort());
    expect(images.flatMap(({ files }) => files).sort()).toEqual(filesIn(out).map((file) => join(out, file)));
    expect(mapAt(join(out, "cat.extended.npy")).shape).toEqual([224, 224]);
    expect(mapAt(join(out, "cat.extended.grid.npy")).shape).toEqual([14, 14]);
    expect(Math.min(...mapAt(join(out, "cat.extended.npy")).data)).toBeLessThan(0);
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
    const files = document.images.flatMap((image) => image.files);
    expect(new Set(files).size).toBe(files.length);
    expect(filesIn(out)).toHaveLength(files.length);
    expect(filesIn(out)).toContain("two words.extended.npy");
    expect(filesIn(out)).toContain("y.jpg.extended.grid.npy");
  });

  it("a sheet of the photographs on request", async () => {
    const out = join(folder, "sheet");
    const photographs = ["cat.jpg", "rocket.jpg"].map(samplePhotograph);
    const words = ["--sheet", "--out", out, "--method", "grad-cam", "extended", "--calibration", samplePath];
    const { sheet } = await cam(sampleModel, ...photographs, ...words);
    expect(sheet).toEqual([join(out, "sheet.png"), join(out, "sheet.svg")]);
    const svg = readFileSync(join(out, "sheet.svg"), "utf8");
    for (const text of ["cat.jpg", "rocket.jpg", "Grad-CAM, bilinear", "Extended-CAM, Gaussian"])
      expect(svg).toContain(text);
    expect(readFileSync(join(out, "sheet.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

describe.concurrent("the class", () => {
  const of = async (...args: readonly string[]) => {
    const { images } = await cam(
      sampleModel,
      samplePhotograph("rocket.jpg"),
      "--out",
      join(folder, "c"),
      ...args,
    );
    return images.map(({ classIndex, class: name }) => ({ classIndex, name }));
  };

  it("by index and by label, in any case", async () => {
    const bird = [{ classIndex: 0, name: "bird" }];
    expect(await Promise.all([of("--class", "0"), of("--class", "Bird")])).toEqual([bird, bird]);
  });

  it("the predicted one where none is named: the largest output", async () => {
    const { images } = await cam(network, tensor, "--layer", "last", "--out", join(folder, "predicted"));
    const scores = await Promise.all(
      ["0", "1", "2"].map(async (index) => {
        const named = ["--class", index, "--out", join(folder, `class-${index}`)];
        return (await cam(network, tensor, "--layer", "last", ...named)).images[0]?.score ?? NaN;
      }),
    );
    expect(images[0]?.score).toBe(Math.max(...scores));
    expect(images[0]?.classIndex).toBe(scores.indexOf(Math.max(...scores)));
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    expect(images[0]?.probability).toBeCloseTo(Math.exp(Math.max(...scores)) / sum, 5);
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
    expect(gaussian.images.map(({ classIndex }) => classIndex)).toEqual(
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
      expectClose(gaussian, "extended", "extended.gaussian");
      expectClose(gaussian, "grad-cam", "grad-cam.gaussian");
      expectClose(bilinear, "extended", "extended.bilinear");
    }
  });
});
