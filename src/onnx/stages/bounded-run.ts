import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { float32, numbersOf, sizeOf, type Tensor } from "../../core/tensor.ts";
import type { Value } from "../../graph/graph.ts";
import { applies, inputOf, nameOf, nodesBefore, usesOf } from "../file/node.ts";
import { rawLength } from "../file/stored-bytes.ts";
import { subModel } from "../file/wire.ts";
import type { Runtime } from "../runtime.ts";
import { bytesOf, isSlow, mostBytes, mostTimesWeights } from "./bounds.ts";
import type { KnownTensors } from "./known-tensors.ts";

export type BoundedRun = (names: readonly string[]) => Promise<Readonly<Record<string, Tensor>>>;

/**
 * Runs the part of a graph that computes some tensors from what is known, once it is known to take little time and memory;
 * zeros stand for the image. Divisors that it has to compute first become known.
 */
export function boundedRun(
  tensors: KnownTensors,
  image: Value | undefined,
  runtime: Runtime,
  purpose: string,
): BoundedRun {
  const { file, initializers } = tensors.graph;
  const weights = [...initializers.values()].reduce((sum, tensor) => sum + rawLength(tensor), 0);
  const most = Math.max(mostBytes, mostTimesWeights * weights);

  /** The nodes that compute `names` from what is known. */
  const nodesFor = (names: readonly string[]): readonly NodeProto[] =>
    nodesBefore(
      tensors.graph.nodes.filter(
        ({ output }) => !output.every((name) => name === "" || tensors.isKnown(name)),
      ),
      names,
      (node) => usesOf(node).filter((name) => !tensors.isKnown(name)),
    );

  async function run(names: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    await checkDivisors(nodesFor(names));
    const nodes = nodesFor(names); // without the divisors, which are known now
    checkSize(nodes);
    const used = new Set(nodes.flatMap(usesOf));
    const inputs = image !== undefined && used.has(image.name) ? [image] : [];
    const model = subModel(tensors.graph, {
      nodes: tensors.apart(nodes, inputs),
      inputs,
      outputs: names,
      constants: tensors.stored(used),
    });
    const zeros = ({ name, shape }: Value) =>
      [name, float32(shape, new Float32Array(sizeOf(shape)))] as const;
    return runtime.run(model, Object.fromEntries(inputs.map(zeros)), purpose);
  }

  /** Integers divided by -1 end the process: -2^63 has no opposite (x86, ONNX Runtime 1.30). */
  async function checkDivisors(nodes: readonly NodeProto[]): Promise<void> {
    const divisions = nodes.filter((node) => {
      const [output] = node.output;
      const type = output === undefined ? undefined : tensors.types.get(output);
      return applies(node, "Div", "Mod") && (type === undefined || type.dtype?.startsWith("int") === true);
    });
    const computed = divisions
      .flatMap(({ input }) => input.slice(1, 2))
      .filter((name) => tensors.constant(name) === undefined);
    if (computed.length > 0)
      for (const [name, tensor] of Object.entries(await run([...new Set(computed)])))
        tensors.add(name, tensor);
    for (const node of divisions) {
      const divisor = tensors.constant(inputOf(node, 1));
      if (divisor === undefined || (divisor.dtype.startsWith("int") && numbersOf(divisor).includes(-1)))
        throw new ErfitError(`${file}: ${nameOf(node)} divides whole numbers by -1`);
    }
  }

  function checkSize(nodes: readonly NodeProto[]): void {
    const sizes = nodes.flatMap((node) =>
      node.output.map((name) => {
        const type = tensors.types.get(name);
        return { node, bytes: type === undefined ? 0 : bytesOf(type) };
      }),
    );
    const slow = sizes.find(({ node, bytes }) => isSlow(node, bytes, most));
    if (slow !== undefined)
      throw new ErfitError(
        `${file}: to ${purpose}, ${nameOf(slow.node)} would resize to ${slow.bytes} bytes by cubic splines, which takes too long`,
        { remedy: "export the model with the resized constant in place of this node" },
      );
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= most) return;
    const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    throw new ErfitError(
      `${file}: to ${purpose} would take ${total} bytes, ${largest.bytes} of them for ${nameOf(largest.node)}; erfit takes ${most}`,
    );
  }

  return run;
}
