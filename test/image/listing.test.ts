import { basename, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { listImages } from "../../src/image/listing.ts";
import { fill, scratchFolder } from "./pictures.ts";

/** A folder of empty files. */
async function folderOf(...files: readonly string[]): Promise<string> {
  const folder = await scratchFolder();
  await fill(folder, Object.fromEntries(files.map((file) => [file, ""])));
  return folder;
}

const namesOf = async (...inputs: readonly string[]): Promise<readonly string[]> =>
  (await listImages(inputs)).map(({ name }) => name);

describe("a folder", () => {
  it("is searched to its depths, for images alone", async () => {
    const folder = await folderOf("b.JPEG", "a.png", "deep/er/c.npy", "notes.md", "list.txt", ".hidden.jpg");
    const sources = await listImages([folder]);
    expect(sources).toEqual([
      { name: "a.png", path: join(folder, "a.png"), kind: "photograph" },
      { name: "b.JPEG", path: join(folder, "b.JPEG"), kind: "photograph" },
      { name: "c.npy", path: join(folder, "deep/er/c.npy"), kind: "tensor" },
    ]);
  });

  it("is sorted as Python's sorted() sorts", async () => {
    // sorted(["B.png", "a.png", "a-b.png", "a/z.png", "é.png", "\uFB01.png", "😀.png", "a10.png", "a9.png"])
    const sorted = [
      "B.png",
      "a-b.png",
      "a.png",
      "a/z.png",
      "a10.png",
      "a9.png",
      "é.png",
      "\uFB01.png",
      "😀.png",
    ];
    const folder = await folderOf(...sorted.toReversed());
    const sources = await listImages([folder]);
    expect(sources.map(({ path }) => relative(folder, path))).toEqual(sorted);
  });

  it("may have a glob's characters in its name", async () => {
    const folder = await folderOf("[1] (a)/x*.png");
    expect(await namesOf(join(folder, "[1] (a)"))).toEqual(["x*.png"]);
    expect(await namesOf(join(folder, "[1] (a)", "x*.png"))).toEqual(["x*.png"]);
  });

  it("without images is an error that says what counts", async () => {
    const folder = await folderOf("notes.md");
    await expect(listImages([folder])).rejects.toMatchObject({
      message: `${folder}: no image in this folder`,
      remedy: expect.stringContaining(".jpg, .jpeg, .png") as string,
      kind: "input",
    });
  });
});

describe("a glob", () => {
  it("matches images alone, sorted", async () => {
    const folder = await folderOf("cats/2.jpg", "cats/1.jpg", "cats/readme.md", "dogs/3.jpg");
    expect(await namesOf(join(folder, "{cats,dogs}", "*"))).toEqual(["1.jpg", "2.jpg", "3.jpg"]);
  });

  it("that matches nothing is an error", async () => {
    const folder = await folderOf("1.jpg");
    await expect(listImages([join(folder, "*.png")])).rejects.toThrow(/\*\.png: matches no image$/);
  });
});

describe("a list file", () => {
  it("is read line by line, relative to itself, in its own order", async () => {
    const folder = await folderOf("photos/b.jpg", "photos/a.jpg", "top.png");
    const absolute = join(folder, "top.png");
    await fill(folder, {
      "lists/mine.txt": `\uFEFF# a comment\r\n../photos/b.jpg\r\n\r\n  ../photos/a.jpg  \n${absolute}`,
    });
    expect(await namesOf(join(folder, "lists/mine.txt"))).toEqual(["b.jpg", "a.jpg", "top.png"]);
  });

  it("names its line where a file is missing, or is no image", async () => {
    const folder = await folderOf("a.jpg", "model.onnx");
    await fill(folder, {
      "missing.txt": "a.jpg\n\nb.jpg",
      "wrong.txt": "model.onnx",
      "empty.txt": "# nothing\n",
    });
    await expect(listImages([join(folder, "missing.txt")])).rejects.toThrow(
      /missing\.txt, line 3: b\.jpg: no such file/,
    );
    await expect(listImages([join(folder, "wrong.txt")])).rejects.toThrow(
      /line 1: model\.onnx: not an image/,
    );
    await expect(listImages([join(folder, "empty.txt")])).rejects.toThrow(/empty\.txt: lists no image/);
  });
});

describe("several inputs", () => {
  it("keep their order, and each image comes once", async () => {
    const folder = await folderOf("b.jpg", "a.jpg");
    expect(await namesOf(join(folder, "b.jpg"), folder, `${folder}/./a.jpg`)).toEqual(["b.jpg", "a.jpg"]);
  });

  it("have names that tell them apart, as short as may be", async () => {
    const folder = await folderOf("x/cats/1.jpg", "x/dogs/1.jpg", "y/dogs/1.jpg", "y/2.jpg");
    expect(await namesOf(folder)).toEqual(["cats/1.jpg", "x/dogs/1.jpg", "2.jpg", "y/dogs/1.jpg"]);
  });

  it("one file: an image, or an error", async () => {
    const folder = await folderOf("a.jpg", "model.onnx");
    expect((await listImages([join(folder, "a.jpg")])).map(({ path }) => basename(path))).toEqual(["a.jpg"]);
    await expect(listImages([join(folder, "none.jpg")])).rejects.toThrow(
      /none\.jpg: no such file or folder$/,
    );
    await expect(listImages([join(folder, "model.onnx")])).rejects.toThrow(/model\.onnx: not an image$/);
  });
});
