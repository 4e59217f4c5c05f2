import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { geometryOf } from "../../src/engine/geometry.ts";
import { defaultLayer } from "../../src/engine/layers.ts";
import type { Network } from "../../src/engine/network.ts";
import { inferTypes, runOnce } from "../../src/engine/onnxruntime.ts";
import { openModel } from "../../src/engine/open.ts";
import { importModel } from "../../src/onnx/import.ts";
import { relativeL2 } from "../../test/relative-l2.ts";
import type { Reference } from "./exports.ts";
import { gradientWithDecisions } from "./flips.ts";
import type { Comparison } from "./rows.ts";

/** Relative L2 from PyTorch's gradient that counts as equal: float32 itself is at 1e-6 to 2e-5. */
const tolerance = 1e-4;

/**
 * How near to a kink, over the operator's largest input, float32 may decide otherwise than float64. Measured in the zoo:
 * 1.1e-7 at most.
 */
const roundingMargin = 1e-5;

async function withDecisionsOfFloat64(path: string, { index, image, inFloat64, decisions }: Reference) {
  const { graph, input } = await importModel(await readFile(path), {
    file: path,
    run: runOnce,
    infer: inferTypes,
    readExternal: (location) => readFile(join(dirname(path), location)),
  });
  const [target] = graph.outputs;
  if (target === undefined) throw new Error(`${path} has no output`);
  const request = { target, objective: { kind: "element" as const, index }, withRespectTo: input };
  const { gradient, ...rest } = await gradientWithDecisions(graph, request, image, decisions);
  return { ...rest, fromFloat64: relativeL2(gradient, inFloat64) };
}

/** Strides by which a default layer's cells may miss the image's size: Inception's stem has no padding, and loses 1.4. */
const mostStridesOff = 1.5;

/** By how many strides the default layer's cells miss the image's size, on the worse axis. */
function stridesOff(network: Network): number {
  const layer = defaultLayer(network);
  const { stride } = geometryOf(network, layer);
  const off = (pixels: number, cells: number, step: number) => Math.abs(pixels - cells * step) / step;
  return Math.max(
    off(network.input.height, layer.grid.height, stride[0]),
    off(network.input.width, layer.grid.width, stride[1]),
  );
}

/**
 * erfit's gradient of one logit with respect to the image, against PyTorch's.
 * @throws Error where the stride of the default layer cannot be right
 */
export async function compare(path: string, reference: Reference): Promise<Comparison> {
  const { network } = await openModel(path, { threads: 2 });
  const off = stridesOff(network);
  if (off > mostStridesOff)
    throw new Error(`the default layer's cells miss the image's size by ${off.toFixed(1)} strides`);
  const program = await network.differentiate({
    target: network.output.name,
    objective: { kind: "element", index: reference.index },
  });
  const { gradient } = await program.run({ image: reference.image });
  await program.release();
  const measured = {
    operators: [...new Set(network.tensors.map(({ operator }) => operator))],
    fromFloat64: relativeL2(gradient.data, reference.inFloat64),
    fromFloat32: relativeL2(gradient.data, reference.inFloat32),
  };
  if (Math.min(measured.fromFloat64, measured.fromFloat32) <= tolerance) return { ...measured, passed: true };
  const agreed = await withDecisionsOfFloat64(path, reference);
  return {
    ...measured,
    agreed,
    passed: agreed.fromFloat64 <= tolerance && agreed.margin <= roundingMargin,
  };
}
