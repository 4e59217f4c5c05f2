import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import { onTestFinished } from "vitest";
import type { Raster } from "../../src/input/raster.ts";
import { readNpy } from "../../src/core/npy.ts";

/** An empty folder that goes when the test ends. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "erfit-image-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Writes files, by path within the folder. */
export async function fill(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A picture whose red is the column, whose green is the row, and whose blue is 200. */
export function ruled(height: number, width: number): Raster {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) data.set([i % width, Math.floor(i / width), 200], i * 3);
  return { height, width, data };
}

export const sharpOf = ({ height, width, data }: Raster): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

export const pngOf = (raster: Raster): Promise<Uint8Array> => sharpOf(raster).png().toBuffer();

/** Red, green and blue. */
export const pixel = ({ width, data }: Raster, y: number, x: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

/** A file beside the tests. */
export const fixture = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export const pillowPath = (name: string): string => fixture(`pillow/${name}`);

/** Pixels as Pillow has them. */
export function pillow(name: string): Raster {
  const { shape, data } = readNpy(readFileSync(pillowPath(`${name}.npy`)), name);
  const [height, width] = shape;
  if (height === undefined || width === undefined || !(data instanceof Uint8Array))
    throw new Error(`${name}: not pixels`);
  return { height, width, data };
}

/** Mean and largest difference of two arrays of one length. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): { mean: number; max: number } {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length}`);
  const differences = Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN)));
  return {
    mean: differences.reduce((sum, value) => sum + value, 0) / a.length,
    max: differences.reduce((largest, value) => Math.max(largest, value), 0),
  };
}
