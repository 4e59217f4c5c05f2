import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { copiesIn, copiesText, withCopies } from "../../src/input/duplicates.ts";
import { listImages } from "../../src/input/listing.ts";
import { fill, scratchFolder } from "./pictures.ts";

const copiesOf = async (files: Readonly<Record<string, string | Uint8Array>>) => {
  const folder = await scratchFolder();
  await fill(folder, files);
  const sources = await withCopies(await listImages([folder]));
  return Object.fromEntries(
    sources.flatMap(({ name, copyOf }) => (copyOf === undefined ? [] : [[name, copyOf]])),
  );
};

/** Bytes that differ from others' in one place. */
const long = (at: number): Uint8Array => new Uint8Array(20_000).fill(7).with(at, 8);

describe("copies of photographs", () => {
  it("are found by their bytes, whatever their names", async () => {
    const files = { "a.jpg": "one", "b.png": "one", "deep/c.jpg": "one", "d.jpg": "two", "e.jpg": "three" };
    expect(await copiesOf(files)).toEqual({ "b.png": "a.jpg", "c.jpg": "a.jpg" });
  });

  it("are equal to the last byte", async () => {
    const files = { "a.jpg": long(0), "b.jpg": long(10_000), "c.jpg": long(19_999), "d.jpg": long(0) };
    expect(await copiesOf(files)).toEqual({ "d.jpg": "a.jpg" });
  });

  it("empty files are none, and files that are gone do no harm", async () => {
    expect(await copiesOf({ "a.jpg": "", "b.jpg": "" })).toEqual({});
    const gone = { name: "gone.jpg", path: join("nowhere", "gone.jpg"), kind: "photograph" } as const;
    expect(await withCopies([gone, { ...gone, name: "gone2.jpg" }])).toHaveLength(2);
  });

  it("are counted, and one is named", async () => {
    const folder = await scratchFolder();
    await fill(folder, { "a.jpg": "one", "b.jpg": "one", "c.jpg": "one" });
    const copies = copiesIn(await withCopies(await listImages([folder])));
    expect(copies).toEqual({ count: 2, example: "b.jpg is a.jpg" });
    expect(copiesText(copies)).toMatch(
      /^2 photographs have the bytes of others, such as: b\.jpg is a\.jpg\./,
    );
  });
});
