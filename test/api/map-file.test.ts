import { join } from "node:path";
import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import { readMap, writeMap } from "../../src/index.ts";
import { folder } from "../cli/erfit.ts";

describe("maps in files", () => {
  it("written and read are the same", async () => {
    const file = join(folder, "maps", "map.npy");
    const map = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    await writeMap(file, map.transpose(1, 0));
    const read = await readMap(file);
    expect([read.shape, [...read.data]]).toEqual([
      [3, 2],
      [1, 4, 2, 5, 3, 6],
    ]);
    await expect(readMap(join(folder, "gone.npy"))).rejects.toThrow(/gone\.npy: no such file/);
  });
});
