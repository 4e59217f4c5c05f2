import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inferTypes, runOnce } from "../../src/runtime/onnxruntime.ts";
import { openModel } from "../../src/runtime/open.ts";
import type { Value } from "../../src/graph/graph.ts";
import { sameShape } from "../../src/core/tensor.ts";
import { importModel } from "../../src/onnx/import.ts";
import { relativeL2 } from "../../test/relative-l2.ts";
import type { Reference } from "./exports.ts";
import { gradientWithDecisions } from "./flips.ts";
import type { Comparison } from "./rows.ts";
import { stridesOf } from "./strides.ts";

/** Relative L2 from PyTorch's gradient that counts as equal: float32 itself is at 1e-6 to 2e-5. */
const tolerance = 1e-4;

/**
 * How near to a kink, over the operator's largest input, float32 may decide otherwise than float64. Measured in the zoo:
 * 1.1e-7 at most.
 */
const roundingMargin = 1e-5;

/** Of the scalar in its flattened output. */
const indexOf = ({ shape, position }: Reference): number =>
  shape.reduce((index, extent, axis) => index * extent + (position[axis] ?? NaN), 0);

/** The output that has the scalar. */
function targetOf(
  outputs: readonly Value[],
  { output, shape }: Reference,
  remarks: readonly string[],
): Value {
  const target = outputs[output];
  if (target === undefined) throw new Error(`the network has no output ${output}`);
  if (sameShape(target.shape, shape)) return target;
  // Where the image decides sizes, the graph ends before them, and a remark names its last tensors.
  const found = `output "${target.name}" is [${target.shape.join(", ")}], PyTorch's [${shape.join(", ")}]`;
  throw new Error(remarks.find((remark) => remark.includes("the network ends at")) ?? found);
}

async function withDecisionsOfFloat64(path: string, reference: Reference) {
  const { graph, input } = await importModel(await readFile(path), {
    file: path,
    run: runOnce,
    infer: inferTypes,
    readExternal: (location) => readFile(join(dirname(path), location)),
  });
  const objective = { kind: "element" as const, index: indexOf(reference) };
  const request = { target: targetOf(graph.outputs, reference, []), objective, withRespectTo: input };
  const { image, inFloat64, decisions } = reference;
  const { gradient, ...rest } = await gradientWithDecisions(graph, request, image, decisions);
  return { ...rest, fromFloat64: relativeL2(gradient, inFloat64) };
}

const scalarOf = (target: Value, { position }: Reference): string => `${target.name}[${position.join(", ")}]`;

/** erfit's gradient of one element of an output with respect to the image, against PyTorch's. */
export async function compare(path: string, reference: Reference): Promise<Comparison> {
  const { network } = await openModel(path, { threads: 2 });
  const target = targetOf(network.graph?.outputs ?? [], reference, network.remarks);
  const program = await network.differentiate({
    target: target.name,
    objective: { kind: "element", index: indexOf(reference) },
  });
  const { gradient } = await program.run({ image: reference.image });
  await program.release();
  const measured = {
    scalar: scalarOf(target, reference),
    operators: [...new Set(network.tensors.map(({ operator }) => operator))],
    strides: stridesOf(network),
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
