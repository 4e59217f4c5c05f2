import { createHash } from "node:crypto";
import fc from "fast-check";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bases } from "../../../bench/fuzz/bases.ts";
import { casesOf, type Case } from "../../../bench/fuzz/cases.ts";
import { opened } from "../../../bench/fuzz/opened.ts";
import { ErfitError, messageOf } from "../../../src/core/error.ts";
import { keysOf } from "../../../src/core/required.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";

const files = {
  onnx: "net.onnx",
  tfjs: "model.json",
  npy: "array.npy",
  calibration: "calibration.json",
  sidecar: "net.json",
  classes: "classes.json",
  picture: "picture.png",
  state: "shard-1-of-7.state",
  cams: "cam.json",
  layers: "layers.json",
  journal: "cam.journal",
} as const;

/** Bytes, some behind the beginning of a real file. */
const beginnings = [
  "",
  "\u0008\u0008\u003a",
  "\x93NUMPY\x01\0\x40\0{'descr': '<f4', ",
  "\x89PNG\r\n\x1a\n",
  "\xff\xd8\xff\xe0",
];
const bytes = fc
  .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 200 }))
  .map(([beginning, rest]) => new Uint8Array([...Buffer.from(beginning, "latin1"), ...rest]));

/** JSON of any form, some with the fields that the files have. */
const field = fc.oneof(fc.jsonValue(), fc.constant("model.json"), fc.integer());
const json = fc
  .oneof(
    fc.jsonValue(),
    fc.record({
      modelTopology: fc.oneof(fc.jsonValue(), fc.record({ node: fc.array(field) })),
      weightsManifest: fc.array(fc.record({ paths: fc.array(field), weights: fc.array(field) })),
      input: field,
      output: fc.record({ classes: field }),
      preprocess: field,
      model: field,
      fit: field,
    }),
  )
  .map((value) => new TextEncoder().encode(JSON.stringify(value)));

describe("any bytes give a value or a typed error", () => {
  test.each(keysOf(files))("as %s", async (parser) => {
    const folder = await scratchFolder();
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, json), async (content) => {
        await fill(folder, { [files[parser]]: content });
        await opened[parser](join(folder, files[parser]), false).catch((thrown: unknown) => {
          if (!(thrown instanceof ErfitError)) throw thrown;
        });
      }),
      { numRuns: 150 },
    );
  });
});

/** A case in few bytes: comparing megabytes one by one takes long. */
const digestOf = ({ files, ...rest }: Case): unknown => ({
  ...rest,
  files: Object.entries(files).map(([name, content]) => [
    name,
    createHash("sha256").update(content).digest("hex"),
  ]),
});

test("the fuzzer's inputs are the same for the same seed, and others for another", async () => {
  const [first, again, other] = [await casesOf(1), await casesOf(1), await casesOf(2)];
  for (let index = 0; index < 30; index++) expect(digestOf(again(index))).toEqual(digestOf(first(index)));
  expect(digestOf(other(0))).not.toEqual(digestOf(first(0)));
});

/** Not every array of the fixtures is a map. */
test.each(keysOf(files).filter((parser) => parser !== "npy"))(
  "what the fuzzer changes is sound before: %s",
  async (parser) => {
    for (const { name, file, bytes: content, beside } of await bases[parser]()) {
      const folder = await scratchFolder();
      await fill(folder, { ...beside, [file]: content });
      const refusal = await opened[parser](join(folder, file), true).then(() => undefined, messageOf);
      expect(refusal, name).toBeUndefined();
    }
  },
);
