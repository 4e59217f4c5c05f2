import { join } from "node:path";
import { listImages, type ImageSource } from "../../src/input/listing.ts";
import { fill, scratchFolder, sharpOf } from "../input/pictures.ts";
import { noise } from "../onnx/small-model.ts";

/** A JPEG of noise, another one for every seed. */
async function noisyJpeg(seed: number, height = 64, width = 68): Promise<Uint8Array> {
  const { data } = noise([height, width, 3], seed + 1);
  return sharpOf({ height, width, data: Uint8Array.from(data, (value) => 127.5 * (value + 1)) })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** Photographs 0.jpg, 1.jpg, …, in a folder that goes when the test ends; `spoil` may damage some. */
export async function photographs(
  count: number,
  spoil: (jpeg: Uint8Array, index: number) => Uint8Array = (jpeg) => jpeg,
): Promise<readonly ImageSource[]> {
  const folder = await scratchFolder();
  for (let index = 0; index < count; index++)
    await fill(folder, { [`${index}.jpg`]: spoil(await noisyJpeg(index), index) });
  return listImages(Array.from({ length: count }, (_, index) => join(folder, `${index}.jpg`)));
}

/** The first half of a file. */
export const truncated = (file: Uint8Array): Uint8Array => file.subarray(0, file.length / 2);
