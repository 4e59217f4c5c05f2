import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { viewsOf, type View } from "../../src/input/crops.ts";
import type { ImageSource } from "../../src/input/listing.ts";
import { resolvePreprocessing } from "../../src/input/resolve.ts";
import { loadViews, type LoadedView } from "../../src/input/stream.ts";
import { fill, pngOf, ruled, scratchFolder } from "./pictures.ts";

const preprocessing = resolvePreprocessing({
  inputSize: [8, 8],
  preset: "tf",
  overrides: { resize: "none", mean: [0, 0, 0], std: [1, 1, 1] },
});

/** Pictures n.png of growing height, so that each tells which it is by its first pixel's row. */
async function pictures(count: number): Promise<readonly ImageSource[]> {
  const folder = await scratchFolder();
  const heights = Array.from({ length: count }, (_, n) => 8 + 2 * n);
  for (const [n, height] of heights.entries())
    await fill(folder, { [`${n}.png`]: await pngOf(ruled(height, 8)) });
  return heights.map((_, n) => ({ name: `${n}.png`, path: join(folder, `${n}.png`), kind: "photograph" }));
}

/** The same source; `read` is told when its file is asked for. */
const watched = (source: ImageSource, read: (name: string) => void): ImageSource => ({
  ...source,
  get path() {
    read(source.name);
    return source.path;
  },
});

async function all(views: readonly View[]): Promise<LoadedView[]> {
  const loaded: LoadedView[] = [];
  for await (const view of loadViews(views, preprocessing, "NHWC")) loaded.push(view);
  return loaded;
}

describe("a stream of views", () => {
  it("keeps the order of the list, each with its own pixels", async () => {
    const loaded = await all(viewsOf(await pictures(9), 1));
    expect(loaded.map(({ view }) => view.name)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${n}.png`));
    // The center crop of 8 rows begins at row n of picture n; green counts rows.
    expect(loaded.map(({ input }) => input?.tensor.data[1])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("gives each crop of a photograph its turn", async () => {
    const loaded = await all(viewsOf(await pictures(2), 3));
    expect(loaded.map(({ view }) => view.name)).toEqual([
      "0.png",
      "0.png#1",
      "0.png#2",
      "1.png",
      "1.png#1",
      "1.png#2",
    ]);
    const [whole, ...regions] = loaded.slice(0, 3).map(({ input }) => [...(input?.tensor.data ?? [])]);
    expect(regions.map((region) => region.join() === whole?.join())).toEqual([false, false]);
  });

  it("hands on what cannot be read as a problem, in its place", async () => {
    const [first, second] = await pictures(2);
    if (first === undefined || second === undefined) throw new Error("two pictures");
    const folder = await scratchFolder();
    const whole = await pngOf(ruled(40, 40));
    await fill(folder, { "cut.png": whole.subarray(0, whole.length / 2) });
    const cut: ImageSource = { name: "cut.png", path: join(folder, "cut.png"), kind: "photograph" };
    const gone: ImageSource = { name: "gone.png", path: join(folder, "gone.png"), kind: "photograph" };
    const loaded = await all(viewsOf([first, cut, gone, second], 1));
    expect(loaded.map(({ input }) => input !== null)).toEqual([true, false, false, true]);
    expect(loaded[1]?.problem).toContain(`${cut.path}: not a whole, readable image`);
    expect(loaded[2]?.problem).toContain(`${gone.path}: `);
    expect(loaded.filter(({ problem }) => problem !== undefined)).toHaveLength(2);
  });

  it("of nothing ends at once", async () => {
    expect(await all([])).toEqual([]);
  });
});

describe("reading ahead", () => {
  it("decodes a few views before they are asked for, and never the whole list", async () => {
    const asked = new Set<string>();
    const sources = (await pictures(12)).map((source) => watched(source, (name) => asked.add(name)));
    const aheadAt: number[] = [];
    const used = new Set<string>();
    for await (const { view } of loadViews(viewsOf(sources, 1), preprocessing, "NHWC")) {
      used.add(view.name);
      aheadAt.push(asked.size - used.size);
    }
    expect(aheadAt[0]).toBeGreaterThan(0);
    expect(Math.max(...aheadAt)).toBeLessThanOrEqual(4);
    expect(asked.size).toBe(12);
  });

  it("stops with the loop; what was in the making may fail unheard", async () => {
    const asked: string[] = [];
    const sources = (await pictures(8)).map((source, n) =>
      watched(source, (name) => {
        asked.push(name);
        if (n === 2) throw new TypeError("a fault of the program");
      }),
    );
    for await (const { view } of loadViews(viewsOf(sources, 1), preprocessing, "NHWC"))
      if (view.name === "0.png") break;
    await new Promise(setImmediate); // by now an unhandled rejection would have been told
    expect(new Set(asked).has("7.png")).toBe(false);
  });

  it("does not hide a fault that is not the image's", async () => {
    const sources = (await pictures(2)).map((source) =>
      watched(source, () => {
        throw new TypeError("a fault of the program");
      }),
    );
    await expect(all(viewsOf(sources, 1))).rejects.toThrow(TypeError);
  });
});
