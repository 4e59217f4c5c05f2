import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLabels } from "../../../src/tasks/evaluate/labels.ts";
import { listImages } from "../../../src/input/listing.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";

const names = ["cat", "dog, brown", "egg", "fish"];

/** The classes of a folder's photographs, by a file of labels beside it. */
async function classesBy(content: string | Uint8Array): Promise<Readonly<Record<string, number>>> {
  const folder = await scratchFolder();
  await fill(folder, {
    "photos/sub/a.jpg": "",
    "photos/b c.jpg": "",
    "photos/d, e.jpg": "",
    "labels.txt": content,
  });
  const sources = await listImages([join(folder, "photos")]);
  return Object.fromEntries(await readLabels(join(folder, "labels.txt"), sources, names, 4));
}

const expected = { "a.jpg": 2, "b c.jpg": 3, "d, e.jpg": 1 };

describe("labels in a file", () => {
  it.each([
    ["commas", 'image,class\na.jpg,egg\nb c.jpg,3\n"d, e.jpg",1\n'],
    ["quoted classes", 'a.jpg,"egg"\nb c.jpg,fish\n"d, e.jpg","dog, brown"\n'],
    ["spaces, as ImageNet's lists", "a.jpg 2\nb c.jpg 3\nd, e.jpg\t1\n"],
    ["tabs", "# made by hand\na.jpg\tegg\nb c.jpg\tfish\nd, e.jpg\tdog, brown\n".replace("dog, brown", "1")],
    ["paths from some folder on", "sub/a.jpg 2\nphotos/b c.jpg 3\n./photos/d, e.jpg\t1\n"],
    ["separators of Windows", "sub\\a.jpg,2\r\nphotos\\b c.jpg,3\r\nphotos\\d, e.jpg,1\r\n"],
    ["UTF-16", Buffer.from("\ufeffa.jpg,2\r\nb c.jpg,3\r\nd, e.jpg,1\r\n", "utf16le")],
  ])("%s", async (_, content) => {
    expect(await classesBy(content)).toEqual(expected);
  });

  it("names the line that is none", async () => {
    await expect(classesBy("a.jpg,2\nb\n")).rejects.toThrow(/labels\.txt, line 2: "b" is not image,class/);
  });
});

describe("labels by folder", () => {
  /** Classes of a photograph in each folder, in the folders' order. */
  async function classesOf(...folders: readonly string[]): Promise<readonly number[]> {
    const folder = await scratchFolder();
    await fill(folder, Object.fromEntries(folders.map((name, k) => [`${name}/${k}.jpg`, ""])));
    const labels = await readLabels("folders", await listImages([folder]), ["zebra", "ant", "fish"], 3);
    return folders.map((_, k) => labels.get(`${k}.jpg`) ?? NaN);
  }

  it("are the classes that the folders name, also where there is a folder for each class", async () => {
    expect(await classesOf("ant", "fish", "zebra")).toEqual([1, 2, 0]);
    expect(await classesOf("2", "0", "1")).toEqual([2, 0, 1]);
    expect(await classesOf("fish", "zebra")).toEqual([2, 0]);
  });

  it("are the folders' places where they name none", async () => {
    expect(await classesOf("n02", "n01", "n03")).toEqual([1, 0, 2]);
  });
});
