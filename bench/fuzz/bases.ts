import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import sharp from "sharp";
import { z } from "zod";
import { erfitVersion } from "../../src/io/version.ts";
import { asGraph } from "../../test/runtime/tfjs/twins/as-graph.ts";
import { asLayers } from "../../test/runtime/tfjs/twins/as-layers.ts";
import type { ModelFiles } from "../../test/runtime/tfjs/twins/files.ts";
import { smallTwin } from "../../test/runtime/tfjs/twins/network.ts";

/** A sound input: the file that is opened, and what has to lie beside it. */
export interface Base {
  readonly name: string;
  /** The file's name and bytes. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly beside: Readonly<Record<string, Uint8Array>>;
}

/** Beside the checkout, where it is; what ships with erfit is enough without it. */
const reference = "../shared/reference";

/** What erfit itself wrote. */
const results = "test/fixtures/results";

/** What erfit refuses as it is: nothing that a change could break. */
const refused = join("cases", "refused");

/** Weights make a file long, and its structure no richer. */
const longest = 2_000_000;

function filesIn(folder: string, ending: RegExp): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(folder, name));
}

const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

const fromDisk = (paths: readonly string[], file?: string): readonly Base[] =>
  paths
    .map((path) => ({ name: path, file: file ?? basename(path), bytes: read(path), beside: {} }))
    .filter(({ bytes }) => bytes.length <= longest);

/** A file with all that lies beside it, as erfit wrote it. */
function fromFolder(folder: string, file: string): readonly Base[] {
  const beside = filesIn(folder, /\.\w+$/)
    .map((path) => [relative(folder, path), read(path)] as const)
    .filter(([name]) => name !== file);
  return [{ name: folder, file, bytes: read(join(folder, file)), beside: Object.fromEntries(beside) }];
}

/** What a run of `erfit cam` that was killed leaves of the images of `cam.json`. */
function journalText(): string {
  const { images } = camsSchema.parse(JSON.parse(readFileSync(join(results, "cams", "cam.json"), "utf8")));
  const entries = images.map((outcome) => ({
    key: outcome.image,
    entry: { stem: outcome.image, bytes: 1, modified: 1, outcome },
  }));
  const lines = [{ journal: 1, erfit: erfitVersion, settings: journalSettings }, ...entries];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

const camsSchema = z.object({ images: z.array(z.looseObject({ image: z.string() })) });

/** Those of the fuzzer's journal. */
export const journalSettings = { model: "a model", methods: ["grad-cam", "extended"] } as const;

const encoded = (value: string | Uint8Array): Uint8Array =>
  typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);

function tfjsBase(name: string, { "model.json": json = "", ...shards }: ModelFiles): Base {
  const beside = Object.entries(shards).map(([shard, bytes]) => [shard, encoded(bytes)] as const);
  return { name, file: "model.json", bytes: encoded(json), beside: Object.fromEntries(beside) };
}

/** A photograph in every format that erfit reads, made small. */
async function pictures(): Promise<readonly Base[]> {
  const small = sharp("photos/cat.jpg").resize(96, 80);
  const formats: Readonly<Record<string, () => ReturnType<typeof small.jpeg>>> = {
    "baseline.jpg": () => small.clone().jpeg(),
    "progressive.jpg": () => small.clone().jpeg({ progressive: true }),
    "cmyk.jpg": () => small.clone().toColourspace("cmyk").jpeg(),
    "gray.png": () => small.clone().grayscale().png(),
    "alpha.png": () => small.clone().ensureAlpha(0.5).png(),
    "palette.png": () => small.clone().png({ palette: true }),
    "deep.png": () => small.clone().toColourspace("rgb16").png(),
    "lossy.webp": () => small.clone().webp(),
    "still.gif": () => small.clone().gif(),
    "deflated.tiff": () => small.clone().tiff({ compression: "deflate" }),
    "still.avif": () => small.clone().avif({ effort: 0 }),
  };
  return Promise.all(
    Object.entries(formats).map(async ([file, made]) => {
      const bytes = new Uint8Array(await made().toBuffer());
      return { name: file, file, bytes, beside: {} };
    }),
  );
}

export const bases = {
  onnx: () =>
    fromDisk(
      [
        ...filesIn("test/fixtures", /\.onnx$/).filter((path) => !path.includes(refused)),
        ...filesIn(join(reference, "gradients"), /\.onnx$/),
      ],
      "net.onnx",
    ).map((base) => ({ ...base, beside: { "weights.bin": new Uint8Array(4096) } })),
  npy: () =>
    fromDisk(
      [
        ...filesIn("test/fixtures", /\.npy$/),
        ...filesIn("test/core/numpy", /\.npy$/),
        ...filesIn(join(reference, "fits"), /\.npy$/),
      ],
      "array.npy",
    ),
  calibration: () => fromDisk(filesIn("test/fixtures", /calibration\.json$/)),
  sidecar: () =>
    fromDisk(["models/vgg16-sample.json"], "net.json").map((base) => ({
      ...base,
      beside: { "vgg16-sample.classes.json": read("models/vgg16-sample.classes.json") },
    })),
  classes: () =>
    fromDisk(["models/vgg16-sample.classes.json"], "classes.json").map((base) => ({
      ...base,
      beside: { "net.json": encoded(JSON.stringify({ output: { classes: "classes.json" } })) },
    })),
  picture: async () => [...fromDisk(filesIn("photos", /\.jpg$/)), ...(await pictures())],
  state: () => fromDisk(filesIn(results, /\.state$/), "shard-1-of-7.state"),
  cams: () => fromFolder(join(results, "cams"), "cam.json"),
  layers: () => fromFolder(join(results, "layers"), "layers.json"),
  journal: () => [{ name: "a journal", file: "cam.journal", bytes: encoded(journalText()), beside: {} }],
  tfjs: () => [
    tfjsBase("a graph of TF.js", asGraph(smallTwin)),
    tfjsBase("layers of TF.js", asLayers(smallTwin)),
  ],
} as const satisfies Readonly<Record<string, () => readonly Base[] | Promise<readonly Base[]>>>;

export type ParserName = keyof typeof bases;
