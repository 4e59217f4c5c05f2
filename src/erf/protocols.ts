import type { Cell, CellObjective } from "../autodiff/objective.ts";
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { keysOf } from "../core/required.ts";

/** Collapses one image's gradient over the color channels and adds it to a sum. Returns the total of what it added. */
type Collapse = (channels: readonly Float32Array[], sum: Float64Array) => number;

/** The same of one image as an expression of a graph: colors `[3, height, width]` to `[height, width]`. */
type CollapseExpression = (g: Builder, rgb: Value) => Value;

/** A way to turn gradients of many images into one map. */
export interface Protocol {
  readonly title: string;
  readonly source: string;
  /** The scalar at the cell whose gradient is taken. */
  readonly objective: (cell: Cell) => CellObjective;
  readonly collapse: Collapse;
  readonly expression: CollapseExpression;
  /** Whether the map of many images is divided by its total (else it is a mean over images). */
  readonly normalize: boolean;
}

/** A collapse that acts pixel by pixel. `rgb` are the gradient's color channels at that pixel. */
const perPixel =
  (value: (r: number, g: number, b: number) => number): Collapse =>
  (channels, sum) => {
    const [red, green, blue] = channels;
    if (red === undefined || green === undefined || blue === undefined) {
      throw new Error(`a protocol collapses three color channels, not ${channels.length}`);
    }
    let mass = 0;
    for (let pixel = 0; pixel < sum.length; pixel++) {
      const contribution = value(red[pixel] ?? 0, green[pixel] ?? 0, blue[pixel] ?? 0);
      sum[pixel] = (sum[pixel] ?? 0) + contribution;
      mass += contribution;
    }
    return mass;
  };

const colorMean: CollapseExpression = (g, rgb) => g.reduceMean(rgb, [0], false);

const channelMean = (cell: Cell): CellObjective => ({ kind: "channel-mean", cell });

/** ERF protocols (DESIGN, "Protocols"). The first is the paper's and the default. */
export const protocols = {
  openerf: {
    title: "positive part of the mean over RGB",
    source: "Kim et al. 2021, 2023; OpenERF 0.6.1",
    objective: channelMean,
    collapse: perPixel((r, g, b) => Math.max(0, (r + g + b) / 3)),
    expression: (g, rgb) => g.relu(colorMean(g, rgb)),
    normalize: true,
  },
  absolute: {
    title: "absolute value of the mean over RGB",
    source: "common in scripts",
    objective: channelMean,
    collapse: perPixel((r, g, b) => Math.abs((r + g + b) / 3)),
    expression: (g, rgb) => g.abs(colorMean(g, rgb)),
    normalize: true,
  },
  replknet: {
    title: "positive parts summed over RGB, of the sum of rectified channels",
    source: "Ding et al. 2022 (RepLKNet)",
    objective: (cell) => ({ kind: "rectified-sum", cell }),
    collapse: perPixel((r, g, b) => Math.max(0, r) + Math.max(0, g) + Math.max(0, b)),
    expression: (g, rgb) => g.reduceSum(g.relu(rgb), [0], false),
    normalize: true,
  },
  signed: {
    title: "signed mean over RGB",
    source: "Luo et al. 2016",
    objective: channelMean,
    collapse: perPixel((r, g, b) => (r + g + b) / 3),
    expression: colorMean,
    normalize: false,
  },
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof protocols;
export const protocolNames: readonly ProtocolName[] = keysOf(protocols);
export const defaultProtocol: ProtocolName = "openerf";
