import type { Cell, CellObjective } from "../autodiff/objective.ts";
import { arrays, type Unary } from "../core/algebra.ts";
import { keysOf } from "../core/required.ts";

/** What a protocol is made of. */
interface Definition {
  readonly title: string;
  readonly source: string;
  /** The scalar at the cell whose gradient is taken. */
  readonly objective: (cell: Cell) => CellObjective;
  /** One image's gradient `[3, ...]` collapsed over its color channels, in a run and in an exported graph. */
  readonly expression: Unary;
  /** Whether the map of many images is divided by its total (else it is a mean over images). */
  readonly normalize: boolean;
}

/** A way to turn gradients of many images into one map. */
export interface Protocol extends Definition {
  /** Collapses one image's gradient and adds it to a sum. Returns the total of what it added. */
  readonly collapse: (channels: readonly Float32Array[], sum: Float64Array) => number;
}

const protocol = (definition: Definition): Protocol => ({
  ...definition,
  collapse(channels, sum) {
    if (channels.length !== 3)
      throw new Error(`a protocol collapses three color channels, not ${channels.length}`);
    const gradient = new Float32Array(3 * sum.length);
    channels.forEach((channel, k) => {
      gradient.set(channel, k * sum.length);
    });
    const { data } = definition.expression(arrays, { shape: [3, sum.length], data: gradient });
    let mass = 0;
    // Hot loop: indices are in range by construction.
    for (let pixel = 0; pixel < sum.length; pixel++) {
      const contribution = data[pixel] ?? 0;
      sum[pixel] = (sum[pixel] ?? 0) + contribution;
      mass += contribution;
    }
    return mass;
  },
});

const channelMean = (cell: Cell): CellObjective => ({ kind: "channel-mean", cell });
const colorMean: Unary = (g, rgb) => g.reduceMean(rgb, [0], false);

/** ERF protocols. The first is the paper's and the default. */
export const protocols = {
  openerf: protocol({
    title: "positive part of the mean over RGB",
    source: "Kim et al. 2021, 2023; OpenERF 0.6.1",
    objective: channelMean,
    expression: (g, rgb) => g.relu(colorMean(g, rgb)),
    normalize: true,
  }),
  absolute: protocol({
    title: "absolute value of the mean over RGB",
    source: "common in scripts",
    objective: channelMean,
    expression: (g, rgb) => g.abs(colorMean(g, rgb)),
    normalize: true,
  }),
  replknet: protocol({
    title: "positive parts summed over RGB, of the sum of rectified channels",
    source: "Ding et al. 2022 (RepLKNet)",
    objective: (cell) => ({ kind: "rectified-sum", cell }),
    expression: (g, rgb) => g.reduceSum(g.relu(rgb), [0], false),
    normalize: true,
  }),
  signed: protocol({
    title: "signed mean over RGB",
    source: "Luo et al. 2016",
    objective: channelMean,
    expression: colorMean,
    normalize: false,
  }),
};

export type ProtocolName = keyof typeof protocols;
export const protocolNames: readonly ProtocolName[] = keysOf(protocols);
export const defaultProtocol: ProtocolName = "openerf";
