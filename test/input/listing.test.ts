import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readRegular } from "../../src/io/read.ts";
import { listImages } from "../../src/input/listing.ts";
import { fill, pngOf, ruled, scratchFolder } from "./pictures.ts";

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

  it("holds each file once, whatever links lead to it", async () => {
    const folder = await folderOf("a.jpg", "deep/c.jpg");
    await symlink("a.jpg", join(folder, "b.jpg"));
    await link(join(folder, "a.jpg"), join(folder, "hard.jpg"));
    await symlink(".", join(folder, "self"));
    await symlink("..", join(folder, "deep/up"));
    await symlink(join(folder, "deep"), join(folder, "aaa"));
    expect((await listImages([folder])).map(({ path }) => relative(folder, path))).toEqual([
      "a.jpg",
      "deep/c.jpg",
    ]);
    expect(await namesOf(join(folder, "b.jpg"), folder)).toEqual(["b.jpg", "c.jpg"]);
    expect(await namesOf(join(folder, "**/*.jpg"))).toEqual(["a.jpg", "c.jpg"]);
  });

  it("may hold links to folders elsewhere, and links to nothing", async () => {
    const [folder, elsewhere] = [await folderOf("a.jpg"), await folderOf("x.jpg")];
    await symlink(elsewhere, join(folder, "b"));
    await symlink("gone.jpg", join(folder, "c.jpg"));
    expect(await namesOf(folder)).toEqual(["a.jpg", "x.jpg", "c.jpg"]);
  });

  it.each(["a\\b", "[1]", "x (2)", "{x,y}", "!not", "#1", " space ", "a*b", "~", "+(a)", "ä"])(
    "may be called %s",
    async (name) => {
      const folder = await folderOf(
        `${name}/1.jpg`,
        `${name}/2.png`,
        "1/other.jpg",
        "2/other.jpg",
        "x/3.jpg",
      );
      expect(await namesOf(join(folder, name))).toEqual(["1.jpg", "2.png"]);
      expect(await namesOf(`${folder}/${name}/*.jpg`)).toEqual(["1.jpg"]);
      expect(await namesOf(`${folder}/${name}/1.jpg`)).toEqual(["1.jpg"]);
    },
  );

  it.skipIf(process.platform !== "linux")("and its files may have names that are not UTF-8", async () => {
    const folder = await folderOf("a.jpg");
    const latin1 = (path: string) => Buffer.from(join(folder, path), "latin1");
    await mkdir(latin1("é"));
    await writeFile(latin1("é/è.jpg"), "e");
    await writeFile(latin1("é/ê.jpg"), "ee");
    const sources = await listImages([folder]);
    expect(sources.map(({ kind }) => kind)).toHaveLength(3);
    const contents = await Promise.all(sources.map(({ path }) => readRegular(path)));
    expect(contents.map(String)).toEqual(["", "e", "ee"]);
    // As Node has it from the command line.
    expect(await listImages([join(folder, "\ufffd")])).toHaveLength(2);
    await expect(listImages([join(folder, "\ufffd/\ufffd.jpg")])).rejects.toThrow(/several files/);
    await writeFile(join(folder, "list.txt"), Buffer.from("é/ê.jpg\r\n", "latin1"));
    expect(await listImages([join(folder, "list.txt")])).toMatchObject([{ path: sources[2]?.path }]);
  });

  it("holds photographs without an extension, and with one in capitals", async () => {
    const folder = await folderOf("README", "a.JPG", "b.Jfif", "c.BMP");
    await fill(folder, { "0a1b2c": await pngOf(ruled(2, 2)), noise: "text" });
    expect(await namesOf(folder)).toEqual(["0a1b2c", "a.JPG", "b.Jfif", "c.BMP"]);
    expect(await namesOf(join(folder, "0a1b2c"))).toEqual(["0a1b2c"]);
  });

  it("of formats that erfit does not read is an error that names them", async () => {
    const folder = await folderOf("1.HEIC", "2.heic", "3.jp2", "notes.md");
    await expect(listImages([folder])).rejects.toMatchObject({
      message: `${folder}: no image in this folder that erfit reads, but 3 of .heic, .jp2`,
      remedy: expect.stringMatching(/^Convert them to JPEG or PNG\. Images end in \.jpg, /) as string,
    });
    await expect(listImages([join(folder, "1.HEIC")])).rejects.toMatchObject({
      message: `${join(folder, "1.HEIC")}: not an image`,
      remedy: expect.stringMatching(/^Convert it to JPEG or PNG\. /) as string,
    });
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

  it.each([
    ["x (1)*.jpg", ["x (1) b.jpg"]],
    ["x [[]2]*", ["x [2].jpg"]],
    ["x [2]*", ["x [2].jpg"]],
    ["{y,z}?.jpg", ["{y,z}1.jpg"]],
    ["x \\(1\\)*", ["x (1) b.jpg"]],
    ["@(q|r).jpg", ["q.jpg", "r.jpg"]],
    ["[qr].jpg", ["q.jpg", "r.jpg"]],
    ["./*q.jpg", ["q.jpg"]],
  ])("matches %s, brackets as themselves where they match nothing else", async (pattern, names) => {
    const folder = await folderOf("x (1) b.jpg", "x [2].jpg", "{y,z}1.jpg", "q.jpg", "r.jpg");
    expect(await namesOf(`${folder}/${pattern}`)).toEqual(names);
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

  it.each([
    ["path label", "sym/a.jpg 281\n"],
    ["path and several labels", "sym/a.jpg 1 0 1\n"],
    ["path, tab, label", "sym/a.jpg\ttabby cat\n"],
    ["quoted", '"sym/a.jpg"\n'],
    ["quoted once", "'sym/a.jpg'\n"],
    ["with a comma", '"sym/b, c.jpg",3\n'],
    ["with spaces and a label", "sym/d e.jpg 7\n"],
    ["with a heading", "image_path,label\nsym/a.jpg,3\n"],
    ["path in another column", '"id","label","file"\n3,"cat, tabby","sym/a.jpg"\n'],
    ["separators of Windows", ".\\sym\\a.jpg\r\n"],
    ["old line ends", "# list\rsym/a.jpg\r"],
    ["like a comment", "#1.jpg\n# comment\n"],
    ["UTF-16, as PowerShell writes it", Buffer.from("\ufeffsym/a.jpg\r\n", "utf16le")],
    ["UTF-16 without a mark", Buffer.from("sym/a.jpg\r\n", "utf16le")],
    ["UTF-16, big-endian", Buffer.from("\ufeffsym/a.jpg\r\n", "utf16le").swap16()],
    ["UTF-16, big-endian, without a mark", Buffer.from("sym/a.jpg\r\n", "utf16le").swap16()],
    ["Latin-1", Buffer.from("sym/ü.jpg\n", "latin1")],
  ])("reads a line: %s", async (_, content) => {
    const folder = await folderOf("sym/a.jpg", "sym/b, c.jpg", "sym/d e.jpg", "#1.jpg", "sym/ü.jpg");
    for (const name of ["list.txt", "list.csv"]) {
      await fill(folder, { [name]: content });
      expect(await namesOf(join(folder, name))).toHaveLength(1);
    }
  });

  it("knows the home folder by ~", async () => {
    const folder = await folderOf("a.jpg");
    await fill(folder, { "list.txt": "~/a.jpg\n" });
    vi.stubEnv("HOME", folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(await namesOf(join(folder, "list.txt"), "~/a.jpg")).toEqual(["a.jpg"]);
  });

  it.each([
    ["images/gone.jpg\n", /line 1: images\/gone\.jpg: no such file/, /a label may follow/],
    ["a.jpg\nhttps://example.org/b.jpg\n", /line 2: https:.*: no such file/, /Download it/],
    ["sym\n", /line 1: sym: this is a folder/, /as an input/],
  ])("says what is wrong with %j", async (content, message, remedy) => {
    const folder = await folderOf("a.jpg", "sym/a.jpg");
    await fill(folder, { "list.txt": content });
    await expect(listImages([join(folder, "list.txt")])).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
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
