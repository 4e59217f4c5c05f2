import type { Tensor } from "../core/tensor.ts";
import { cellAt } from "../runtime/feature-grid.ts";
import { fixedSumsIn, type Layer } from "../runtime/layers.ts";
import type { Network } from "../runtime/network.ts";
import { protocols, type ProtocolName } from "./protocols.ts";

/**
 * How far the channels' gradients cancel in the scalar that is differentiated. The channels of a softmax, or of a
 * normalization without a scale, have the same sum for every image: each channel has a gradient, their mean has none, and the
 * computed one is rounding noise.
 */
export interface Cancellation {
  /** Index of the photograph that it was measured on. */
  readonly photograph: number;
  /**
   * Norm of the gradient over that of the gradient of the same channels with random signs: around 1 for features, around the
   * precision of float32 for noise. Null where neither has a gradient.
   */
  readonly left: number | null;
  /** Whether the sum is the same for every image, by the network's graph. */
  readonly fixedSum: boolean;
}

/** Less than this is rounding: float32 has 6e-8, which grows on its way through a network. */
const noise = 1e-5;

export const isNoise = ({ left, fixedSum }: Cancellation): boolean =>
  fixedSum || (left !== null && left < noise);

/** The one of the earlier photograph: what an undivided run would have measured. */
export const earlierOf = (a: Cancellation | null, b: Cancellation | null): Cancellation | null =>
  a === null || (b !== null && b.photograph < a.photograph) ? b : a;

/** What is probed. */
interface Probed {
  readonly layer: Layer;
  readonly cell: readonly [row: number, column: number];
  readonly protocol: ProtocolName;
}

/** The gradient of an image with the channels of the probed cell taken with random signs. */
export async function signedGradient(
  network: Network,
  { layer, cell: [row, column], protocol }: Probed,
  image: Tensor<"float32">,
  programs: number,
): Promise<Tensor<"float32">> {
  const program = await network.differentiate({
    target: layer.name,
    objective: { ...protocols[protocol].objective(cellAt(layer.grid, row, column)), signs: true },
    programs,
  });
  try {
    return (await program.run({ image })).gradient;
  } finally {
    await program.release();
  }
}

/** What is left of the channels' gradients in the one that is probed, on one photograph. */
export function cancellationOf(
  network: Network,
  { layer, protocol }: Probed,
  photograph: number,
  probed: Tensor<"float32">,
  signed: Tensor<"float32">,
): Cancellation {
  const ratio = norm(probed.data) / norm(signed.data);
  return {
    photograph,
    left: Number.isFinite(ratio) ? ratio : null,
    fixedSum: fixedSumsIn(network)(layer, protocols[protocol].objective(cellAt(layer.grid, 0, 0)).kind),
  };
}

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
