import type { Region, Size } from "./raster.ts";
import type { Interpolation } from "./preprocessing.ts";
import { cropRaster, type Raster } from "./raster.ts";

/**
 * Resampling to Pillow's arithmetic, bit for bit. Published networks were trained and are measured on Pillow's pixels;
 * a resampler that is merely as good (libvips, 0.24 gray levels away on average) moves a calibration's sigma by up to
 * 0.5 %, because decisions of ReLUs flip. So this one piece of image processing is erfit's own.
 */

interface Filter {
  /** Half the width of the kernel, in pixels of the coarser picture. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const filters: Readonly<Record<Exclude<Interpolation, "nearest">, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  hamming: {
    support: 1,
    weight: (x) =>
      Math.abs(x) < 1 ? sinc(Math.abs(x)) * (0.54 + 0.46 * Math.cos(Math.PI * Math.abs(x))) : 0,
  },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(x) {
      const [a, d] = [-0.5, Math.abs(x)];
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Weights are whole numbers of 2^-22, so that a sum of products with bytes is exact in 32 bits. */
const fractionBits = 22;
const one = 2 ** fractionBits;
const half = one / 2;

const toFixed = (weight: number): number => Math.trunc(weight * one + (weight < 0 ? -0.5 : 0.5));

/** Which pixels of one axis each pixel of the output is made of, and by what weights. */
interface Taps {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  /** `reach` places for each pixel of the output. */
  readonly weights: Int32Array;
  readonly reach: number;
}

/** Taps of the output's pixels from `begin` to `end`. A kernel is widened by the factor by which it reduces (antialiasing). */
function tapsOf(from: number, to: number, begin: number, end: number, { support, weight }: Filter): Taps {
  const scale = from / to;
  const widening = Math.max(1, scale);
  const reach = Math.ceil(support * widening) * 2 + 1;
  const [firsts, counts] = [new Int32Array(end - begin), new Int32Array(end - begin)];
  const weights = new Int32Array((end - begin) * reach);
  // Hot loop: indices are in range by construction.
  for (let pixel = begin; pixel < end; pixel++) {
    const center = (pixel + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support * widening + 0.5));
    const past = Math.min(from, Math.trunc(center + support * widening + 0.5));
    const real = Array.from({ length: past - first }, (_, k) =>
      weight((k + first - center + 0.5) * (1 / widening)),
    );
    const total = real.reduce((sum, value) => sum + value, 0);
    firsts[pixel - begin] = first;
    counts[pixel - begin] = real.length;
    weights.set(
      real.map((value) => toFixed(value * (1 / total))),
      (pixel - begin) * reach,
    );
  }
  return { firsts, counts, weights, reach };
}

/** A weighted sum back to a byte: rounded, and clipped to 0 … 255. */
const toByte = (sum: number): number => Math.min(255, Math.max(0, sum >> fractionBits));

/** Columns of the rows from `top` to `bottom`. */
function resampleColumns(source: Raster, taps: Taps, top: number, bottom: number): Raster {
  const { firsts, counts, weights, reach } = taps;
  const [width, stride] = [firsts.length, source.width * 3];
  const pixels = source.data;
  const data = new Uint8Array((bottom - top) * width * 3);
  let to = 0;
  for (let row = top * stride; row < bottom * stride; row += stride) {
    for (let x = 0; x < width; x++) {
      let [red, green, blue] = [half, half, half];
      let at = row + (firsts[x] ?? 0) * 3;
      const begin = x * reach;
      const end = begin + (counts[x] ?? 0);
      for (let tap = begin; tap < end; tap++) {
        const weight = weights[tap] ?? 0;
        red += Math.imul(pixels[at++] ?? 0, weight);
        green += Math.imul(pixels[at++] ?? 0, weight);
        blue += Math.imul(pixels[at++] ?? 0, weight);
      }
      data[to++] = toByte(red);
      data[to++] = toByte(green);
      data[to++] = toByte(blue);
    }
  }
  return { height: bottom - top, width, data };
}

/** Rows; the source begins at row `top` of the picture. */
function resampleRows(source: Raster, { firsts, counts, weights, reach }: Taps, top: number): Raster {
  const [height, stride] = [firsts.length, source.width * 3];
  const pixels = source.data;
  const data = new Uint8Array(height * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(half);
    for (let tap = 0; tap < (counts[y] ?? 0); tap++) {
      const weight = weights[y * reach + tap] ?? 0;
      const from = ((firsts[y] ?? 0) + tap - top) * stride;
      for (let i = 0; i < stride; i++) sums[i] = (sums[i] ?? 0) + Math.imul(pixels[from + i] ?? 0, weight);
    }
    for (let i = 0; i < stride; i++) data[y * stride + i] = toByte(sums[i] ?? 0);
  }
  return { height, width: source.width, data };
}

/**
 * A region of the picture at another size; columns first, each pass rounded to bytes, as in Pillow's `Image.resize`, which
 * leaves out a pass that changes nothing. Only what the region needs is computed.
 */
export function resizeRaster(
  source: Raster,
  [height, width]: Size,
  interpolation: Interpolation,
  region: Region = { top: 0, left: 0, height, width },
): Raster {
  if (interpolation === "nearest") return nearest(source, [height, width], region);
  const filter = filters[interpolation];
  const [bottom, right] = [region.top + region.height, region.left + region.width];
  if (height === source.height) {
    const rows = cropRaster(source, { ...region, left: 0, width: source.width });
    if (width === source.width) return cropRaster(rows, { ...region, top: 0 });
    return resampleColumns(rows, tapsOf(source.width, width, region.left, right, filter), 0, rows.height);
  }
  const taps = tapsOf(source.height, height, region.top, bottom, filter);
  const [top, past] = rowsRead(taps);
  if (width === source.width) {
    const columns = cropRaster(source, { top, left: region.left, height: past - top, width: region.width });
    return resampleRows(columns, taps, top);
  }
  const columns = tapsOf(source.width, width, region.left, right, filter);
  return resampleRows(resampleColumns(source, columns, top, past), taps, top);
}

/** Indices of the pixels whose centers are nearest; the sum of steps is Pillow's, with its rounding. */
function nearestOf(from: number, to: number, begin: number, end: number): readonly number[] {
  const step = from / to;
  const indices: number[] = [];
  let at = step * 0.5;
  for (let pixel = 0; pixel < end; pixel++) {
    if (pixel >= begin) indices.push(Math.min(from - 1, Math.trunc(at)));
    at += step;
  }
  return indices;
}

function nearest(source: Raster, [height, width]: Size, region: Region): Raster {
  const rows = nearestOf(source.height, height, region.top, region.top + region.height);
  const columns = nearestOf(source.width, width, region.left, region.left + region.width);
  const data = new Uint8Array(rows.length * columns.length * 3);
  let to = 0;
  for (const row of rows)
    for (const column of columns) {
      const at = (row * source.width + column) * 3;
      data.set(source.data.subarray(at, at + 3), to);
      to += 3;
    }
  return { height: rows.length, width: columns.length, data };
}

/** First row that is read, and the one past the last: both ends only ever move on. */
const rowsRead = ({ firsts, counts }: Taps): readonly [number, number] => [
  firsts[0] ?? 0,
  (firsts.at(-1) ?? 0) + (counts.at(-1) ?? 0),
];
