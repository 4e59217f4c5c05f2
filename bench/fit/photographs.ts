import type { RealMap } from "../../src/core/tensor.ts";
import { normal } from "./normal.ts";
import type { Scenario } from "./scenarios.ts";

/** The Gaussian that the photographs scatter around, on a map of `side` x `side` pixels. */
export interface Subject {
  readonly side: number;
  readonly centerX: number;
  readonly centerY: number;
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/** The expected map of one photograph, up to a factor. */
type Envelope = (x: number, y: number) => number;

/** One photograph's envelope, drawn from the scenario. */
function envelopeOf(model: Subject, { jitter, loudness, misfit }: Scenario, random: () => number): Envelope {
  const centerX = model.centerX + jitter.center * random();
  const centerY = model.centerY + jitter.center * random();
  const wide = random();
  const width = Math.exp(jitter.width * wide);
  const { withWidth } = loudness;
  const loud = Math.exp(
    loudness.spread * (withWidth * wide + Math.sqrt(1 - withWidth * withWidth) * random()),
  );
  const [sigmaX, sigmaY] = [width * model.sigmaX, width * model.sigmaY];
  return (x, y) => {
    const square = ((x - centerX) / sigmaX) ** 2 + ((y - centerY) / sigmaY) ** 2;
    if (!misfit) return loud * Math.exp(-0.5 * square);
    const checker = 1 + 0.45 * Math.cos(Math.PI * x) + 0.45 * Math.cos(Math.PI * y);
    return (loud * Math.max(0, checker)) / (1 + square / 2) ** 2;
  };
}

/** Adds the map of one photograph to `into`: the positive part of noise under its envelope, as a rectified gradient is. */
function addPhotograph(
  into: Float64Array,
  model: Subject,
  scenario: Scenario,
  smooth: Smoothing,
  random: () => number,
): void {
  const envelope = envelopeOf(model, scenario, random);
  const noise = smooth(random);
  for (let i = 0; i < into.length; i++) {
    const value = noise[i] ?? 0;
    if (value > 0) into[i] = (into[i] ?? 0) + value * envelope(i % model.side, Math.floor(i / model.side));
  }
}

/** The blocks of an experiment: `count` photographs, dealt to them in turn. */
export function blocksOf(
  model: Subject,
  scenario: Scenario,
  { count, blocks, seed }: { readonly count: number; readonly blocks: number; readonly seed: number },
): RealMap[] {
  const { side } = model;
  const random = normal(seed);
  const smooth = smoothing(side, scenario.smoothing);
  const sums = Array.from({ length: blocks }, () => new Float64Array(side * side));
  for (let photograph = 0; photograph < count; photograph++) {
    const sum = sums[photograph % blocks];
    if (sum) addPhotograph(sum, model, scenario, smooth, random);
  }
  return sums.map((data) => ({ shape: [side, side], data }));
}

/** The map of infinitely many photographs, up to a factor: the mean of the envelopes, of as many as are drawn. */
export function populationMap(model: Subject, scenario: Scenario, draws: number): RealMap {
  const { side } = model;
  const random = normal(1);
  const data = new Float64Array(side * side);
  const varies = scenario.jitter.center > 0 || scenario.loudness.spread > 0;
  for (let draw = 0; draw < (varies ? draws : 1); draw++) {
    const envelope = envelopeOf(model, scenario, random);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + envelope(i % side, Math.floor(i / side));
  }
  return { shape: [side, side], data };
}

/** A field of standard normal noise, `side` x `side`. */
type Smoothing = (random: () => number) => Float64Array;

/** Noise whose neighbors are alike: independent noise under a Gaussian kernel, along x and then along y. */
function smoothing(side: number, sigma: number): Smoothing {
  if (sigma === 0) return (random) => Float64Array.from({ length: side * side }, random);
  const reach = Math.ceil(3 * sigma);
  const extent = side + 2 * reach;
  const raw = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const length = Math.hypot(...raw);
  const kernel = Float64Array.from(raw, (value) => value / length);
  const white = new Float64Array(extent * extent);
  const half = new Float64Array(extent * side);
  return (random) => {
    for (let i = 0; i < white.length; i++) white[i] = random();
    convolve(white, half, kernel, { rows: extent, columns: side, rowStep: extent, tapStep: 1 });
    const field = new Float64Array(side * side);
    convolve(half, field, kernel, { rows: side, columns: side, rowStep: side, tapStep: side });
    return field;
  };
}

interface Layout {
  readonly rows: number;
  readonly columns: number;
  /** From one row of the source to the next, and from one tap of the kernel to the next. */
  readonly rowStep: number;
  readonly tapStep: number;
}

function convolve(
  from: Float64Array,
  into: Float64Array,
  kernel: Float64Array,
  { rows, columns, rowStep, tapStep }: Layout,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      const start = row * rowStep + column;
      for (let tap = 0; tap < kernel.length; tap++)
        sum += (kernel[tap] ?? 0) * (from[start + tap * tapStep] ?? 0);
      into[row * columns + column] = sum;
    }
  }
}
