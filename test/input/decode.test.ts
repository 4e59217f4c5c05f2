import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage, encodeJpeg, encodePng } from "../../src/input/decode.ts";
import { pillow, pillowPath, pixel, pngOf, ruled, sharpOf } from "./pictures.ts";

/** Files with Pillow's pixels beside them. */
const files = readdirSync(pillowPath("files")).flatMap((name) =>
  name.endsWith(".npy") ? [name.replace(/\.npy$/, "")] : [],
);

describe("Pillow's pixels", () => {
  it.each(files)("%s", async (name) => {
    const { height, width, data } = await decodeImage(readFileSync(pillowPath(`files/${name}`)), false);
    const expected = pillow(`files/${name}`);
    expect([height, width, [...data]]).toEqual([expected.height, expected.width, [...expected.data]]);
  });

  it("of a phone's photograph with invalid parameters of its scan", async () => {
    const { height, width, data } = await decodeImage(
      readFileSync(pillowPath("files/invalid-sos.jpg")),
      false,
    );
    expect([height, width]).toEqual([300, 451]);
    expect(createHash("sha256").update(data).digest("hex")).toBe(
      "a76287ceacd550f2ee0fb00e872fc9a9d8ea310170a965c04ea624072c289876",
    );
  });
});

describe("a JPEG of irregular headers", () => {
  const irregular = readFileSync(pillowPath("files/spectral-selection.jpg"));

  it.each([
    ["its pixels' data end early", [0xff, 0xd9]],
    ["a restart is out of place", [0xff, 0xd5]],
  ])("is refused where %s", async (_, marker) => {
    const damaged = Uint8Array.from(irregular);
    damaged.set(marker, irregular.length - 60);
    await expect(decodeImage(damaged, false)).rejects.toThrow();
  });

  it.each([0.3, 0.9, 0.995])("is refused where it is cut to %d of its length", async (share) => {
    await expect(decodeImage(irregular.subarray(0, irregular.length * share), false)).rejects.toThrow();
  });
});

describe("decodeImage", () => {
  it("gives the pixels of a lossless file", async () => {
    const picture = ruled(12, 17);
    const webp = await sharpOf(picture).webp({ lossless: true }).toBuffer();
    for (const file of [await pngOf(picture), webp]) {
      const { height, width, data } = await decodeImage(file, false);
      expect([height, width, [...data]]).toEqual([12, 17, [...picture.data]]);
    }
  });

  it("drops alpha and keeps the colors beneath it", async () => {
    const pixels = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128);
    const png = await encodePng(pixels, 2, 1);
    expect([...(await decodeImage(png, false)).data]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it("repeats gray, of 8 and of 16 bits", async () => {
    const gray = sharp(Uint8Array.of(0, 7, 255), { raw: { width: 3, height: 1, channels: 1 } });
    const png8 = await gray.clone().toColourspace("b-w").png().toBuffer();
    const png16 = await gray.clone().toColourspace("grey16").png().toBuffer();
    for (const png of [png8, png16])
      expect([...(await decodeImage(png, false)).data]).toEqual([0, 0, 0, 7, 7, 7, 255, 255, 255]);
  });

  it("converts CMYK as Pillow does", async () => {
    const { data } = await decodeImage(readFileSync(pillowPath("cmyk.jpg")), false);
    expect([...data]).toEqual([...pillow("cmyk").data]);
  });

  it("ignores an embedded color profile", async () => {
    const picture = ruled(3, 3);
    const png = await sharpOf(picture).withIccProfile("p3", { attach: true }).png().toBuffer();
    const stored = await sharp(png, { ignoreIcc: true }).raw().toBuffer();
    expect([...stored]).not.toEqual([...picture.data]);
    expect([...(await decodeImage(png, false)).data]).toEqual([...stored]);
  });

  it("turns by the EXIF orientation only on request", async () => {
    const png = await sharpOf(ruled(2, 5)).withMetadata({ orientation: 6 }).png().toBuffer();
    const [asStored, turned] = [await decodeImage(png, false), await decodeImage(png, true)];
    expect([asStored.height, asStored.width]).toEqual([2, 5]);
    expect([turned.height, turned.width]).toEqual([5, 2]);
    expect(pixel(turned, 0, 1)).toEqual(pixel(asStored, 0, 0));
  });

  it.each([0.3, 0.7, 0.99])("refuses a JPEG cut to %d of its length", async (share) => {
    const jpeg = await sharpOf(ruled(64, 64)).jpeg().toBuffer();
    await expect(decodeImage(jpeg.subarray(0, jpeg.length * share), false)).rejects.toThrow();
  });

  it("refuses a JPEG with a wrong marker in its middle", async () => {
    const jpeg = await sharp(pillowPath("source.png")).jpeg().toBuffer();
    for (const marker of [0xd9, 0xc4]) {
      const damaged = Uint8Array.from(jpeg);
      damaged.set([0xff, marker], Math.floor(jpeg.length / 2));
      await expect(decodeImage(damaged, false)).rejects.toThrow();
    }
  });

  it("refuses a file that claims more pixels than it can hold", async () => {
    const png = Buffer.from(await pngOf(ruled(2, 2)));
    png.writeUInt32BE(200_000, 16);
    png.writeUInt32BE(200_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await expect(decodeImage(png, false)).rejects.toThrow(/pixel limit/);
  });
});

/** A small file of each format whose header claims 16,383 pixels a side or more. */
const bombs: Readonly<Record<string, (small: ReturnType<typeof sharpOf>) => Promise<Buffer>>> = {
  async jpeg(small) {
    const file = await small.jpeg().toBuffer();
    const frame = file.indexOf(Buffer.of(0xff, 0xc0));
    file.writeUInt16BE(65_500, frame + 5);
    file.writeUInt16BE(65_500, frame + 7);
    return file;
  },
  async webp(small) {
    const file = await small.webp().toBuffer();
    const frame = file.indexOf(Buffer.of(0x9d, 0x01, 0x2a));
    file.writeUInt16LE(16_383, frame + 3);
    file.writeUInt16LE(16_383, frame + 5);
    return file;
  },
  async gif(small) {
    const file = await small.gif().toBuffer();
    const picture = file.indexOf(Buffer.of(0x2c, 0, 0, 0, 0, 64, 0, 64, 0));
    for (const at of [6, 8, picture + 5, picture + 7]) file.writeUInt16LE(65_535, at);
    return file;
  },
  async tiff(small) {
    const file = await small.tiff({ compression: "deflate" }).toBuffer();
    const directory = file.readUInt32LE(4);
    for (let entry = 0; entry < file.readUInt16LE(directory); entry++) {
      const at = directory + 2 + 12 * entry;
      // ImageWidth and ImageLength, of type LONG.
      if ([256, 257].includes(file.readUInt16LE(at))) {
        file.writeUInt16LE(4, at + 2);
        file.writeUInt32LE(1_000_000, at + 8);
      }
    }
    return file;
  },
  async avif(small) {
    const file = await small.avif({ effort: 0 }).toBuffer();
    const extents = file.indexOf("ispe");
    file.writeUInt32BE(65_000, extents + 8);
    file.writeUInt32BE(65_000, extents + 12);
    return file;
  },
};

describe("a file that would be another thing", () => {
  it.each(Object.entries(bombs))("%s: more pixels than it can hold are not decoded", async (_, made) => {
    const file = await made(sharpOf(ruled(64, 64)));
    const before = process.memoryUsage().rss;
    await expect(decodeImage(file, false)).rejects.toThrow();
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  it.each([
    [
      "SVG",
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    ],
    [
      "SVG behind a declaration",
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ],
    ["PDF", "%PDF-1.4\n"],
    ["PAM", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\0"],
    ["nothing", ""],
  ])("%s is no photograph", async (_, text) => {
    await expect(decodeImage(Buffer.from(text), false)).rejects.toThrow(
      "Input is none of JPEG, PNG, WebP, GIF, TIFF, AVIF",
    );
  });
});

describe("a format that erfit does not read", () => {
  const box = (...brands: readonly string[]) =>
    Buffer.from(`\0\0\0\x20ftyp${brands.join("")}${"\0".repeat(16)}`, "latin1");
  it.each([
    ["HEIC", box("heic", "\0\0\0\0", "mif1", "heic")],
    ["HEIC", box("mif1", "\0\0\0\0", "mif1", "heic")],
    ["a video", box("qt  ", "\0\0\0\0", "qt  ")],
    ["JPEG 2000", Buffer.from("\0\0\0\x0cjP  \r\n\x87\n", "latin1")],
    ["JPEG XL", Buffer.from("\xff\x0a\xfa\x1f", "latin1")],
    ["Photoshop", Buffer.from("8BPS\0\x01")],
    ["a web page", Buffer.from("\n<!DOCTYPE html><html><head><title>404</title>")],
    ["a Git LFS pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\n")],
    ["an empty file", Buffer.alloc(0)],
    ["BMP of 16 bits a pixel", bitmapHeader({ bits: 16 })],
    ["BMP of run lengths", bitmapHeader({ bits: 8, compression: 1 })],
  ])("%s is named, with the formats that it reads", async (format, file) => {
    await expect(decodeImage(file, false)).rejects.toThrow(
      `Input is none of JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP, PBM/PGM/PPM (found ${format})`,
    );
  });
});

/** The header of a bitmap, without pixels. */
function bitmapHeader({ bits = 24, compression = 0, width = 9, height = 9 }): Buffer {
  const file = Buffer.alloc(54);
  file.write("BM");
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  file.writeUInt32LE(compression, 30);
  return file;
}

describe("BMP and Netpbm", () => {
  it.each([
    ["BMP", bitmapHeader({ width: 100_000, height: -100_000 })],
    ["PPM", Buffer.from("P6 100000 100000 255\n")],
  ])("%s: more pixels than the limit are not decoded", async (_, file) => {
    await expect(decodeImage(file, false)).rejects.toThrow(/pixel limit/);
  });

  it.each(["rgb.bmp", "palette-4.bmp", "rgb.ppm", "bitmap.pbm", "text.ppm"])(
    "%s cut short is refused",
    async (name) => {
      const file = readFileSync(pillowPath(`files/${name}`));
      await expect(decodeImage(file.subarray(0, file.length * 0.8), false)).rejects.toThrow();
      await expect(decodeImage(file.subarray(0, 20), false)).rejects.toThrow();
    },
  );

  it("PGM of 16 bits is scaled to 8", async () => {
    const file = Buffer.concat([Buffer.from("P5 2 1 65535\n"), Buffer.of(0x80, 0, 0xff, 0xff)]);
    expect([...(await decodeImage(file, false)).data]).toEqual([128, 128, 128, 255, 255, 255]);
  });
});

describe("encodePng", () => {
  it.each([3, 4])("keeps %d bytes a pixel", async (channels) => {
    const pixels = Uint8Array.from({ length: 6 * channels }, (_, i) => i * 9);
    const { data, info } = await sharp(await encodePng(pixels, 3, 2))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels, [...data]]).toEqual([3, 2, channels, [...pixels]]);
  });
});

describe("encodeJpeg", () => {
  it("keeps the colors of every pixel, also beside another hue", async () => {
    const [height, width] = [32, 48];
    const data = Uint8Array.from({ length: 3 * height * width }, (_, i) => {
      const [x, channel] = [Math.floor(i / 3) % width, i % 3];
      return channel === (x < 23 ? 0 : 2) ? 200 - Math.floor(i / (9 * width)) : 40;
    });
    const jpeg = await encodeJpeg({ height, width, data });
    const decoded = await decodeImage(jpeg, false);
    expect([decoded.height, decoded.width]).toEqual([height, width]);
    const away = decoded.data.map((value, i) => Math.abs(value - (data[i] ?? NaN)));
    expect(Math.max(...away)).toBeLessThan(40);
    expect(away.reduce((sum, value) => sum + value, 0) / away.length).toBeLessThan(4);
  });
});
