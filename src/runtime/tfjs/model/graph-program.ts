import { io, type Tensor } from "@tensorflow/tfjs-core";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import { ErfitError } from "../../../core/error.ts";
import type { GraphNode, TfjsFile } from "./files.ts";
import { imageLike, placeholderShape } from "./graph-input.ts";
import { requireSize, requireSizeOf } from "./graph-sizes.ts";
import { nodeOf, stepsOf } from "./graph-steps.ts";
import { refuseUntaken } from "./graph-untaken.ts";
import { imageInput } from "./image-input.ts";
import { words } from "../words.ts";
import { needed, reachedFrom, type Program } from "./program.ts";
import { surveyed } from "./survey.ts";
import { unfused } from "./unfused.ts";

/** The outputs that the file names; where it names none, all that nobody reads. */
function endsOf(nodes: readonly GraphNode[], outputs: readonly string[]): readonly string[] {
  const names = new Set(nodes.map(({ name }) => name));
  const named = outputs.map(nodeOf).filter((name) => names.has(name));
  if (named.length > 0) return [...new Set(named)];
  const read = new Set(nodes.flatMap(({ input }) => input.map(nodeOf)));
  return nodes
    .filter(({ name, op }) => !read.has(name) && op !== "Const" && op !== "Placeholder")
    .map(({ name }) => name);
}

/** Nodes of which more than the first output is read. */
const ofSeveral = (nodes: readonly GraphNode[]): ReadonlySet<string> =>
  new Set(nodes.flatMap(({ input }) => input.filter((one) => /:[1-9]\d*$/.test(one)).map(nodeOf)));

/** Opens a graph model. @throws ErfitError in TF.js's own words where it cannot read one */
export async function graphProgram(
  {
    nodes: fusedNodes,
    topology,
    outputs,
    weightSpecs,
    weightData,
  }: TfjsFile & { nodes: readonly GraphNode[] },
  path: string,
  inputName: string | undefined,
): Promise<Program> {
  const nodes = fusedNodes.flatMap(unfused);
  const image = imageInput(imageLike(nodes), path, inputName);
  const ends = endsOf(nodes, outputs);
  const modelTopology = { versions: {}, ...topology, node: nodes };
  const model = await loadGraphModel(io.fromMemory({ modelTopology, weightSpecs, weightData })).catch(
    (thrown: unknown) => {
      throw new ErfitError(`${path}: TF.js cannot read the graph model: ${words(thrown)}`, {
        cause: thrown,
      });
    },
  );
  const weight = (name: string): Tensor | undefined => model.weights[name]?.[0];
  const all = stepsOf(nodes, model.weights);
  const reached = reachedFrom(all.values(), image.name);
  const onPath = needed(all, new Set([image.name]), ends);
  const computed = [...all.values()].filter(({ name }) => onPath.has(name));
  const steps = computed.filter(({ name }) => name !== image.name && reached.has(name));
  const own = new Set(steps.map(({ name }) => name));
  const several = ofSeveral(nodes);
  const evaluate: Program["evaluate"] = (given, wanted) => {
    const asked = wanted.filter((name) => !given.has(name));
    const results = asked.length === 0 ? [] : model.execute(Object.fromEntries(given), asked);
    const made = new Map(
      (Array.isArray(results) ? results : [results]).map((value, k) => [asked[k] ?? "", value]),
    );
    return wanted.map((name) => {
      const value = given.get(name) ?? made.get(name);
      if (value === undefined) throw new ErfitError(`${path}: no tensor named "${name}"`);
      return value;
    });
  };
  return {
    input: {
      name: image.name,
      shape: placeholderShape(image),
      integer: model.inputs.some(({ name, dtype }) => name === image.name && dtype === "int32"),
    },
    steps,
    outputs: ends,
    offPath: new Set(nodes.map(({ name }) => name).filter((name) => !own.has(name) && name !== image.name)),
    survey: (given, backend) =>
      surveyed(
        computed.map(({ name, operator, inputs, node }) => ({
          name,
          operator,
          reads: inputs,
          held: !several.has(name),
          compute(known) {
            refuseUntaken(node);
            requireSize(node, (index) => {
              const input = (node.input[index] ?? "").replace(/:0$/, "");
              return known.get(input) ?? weight(input);
            });
            const [value] = evaluate(known, [name]);
            if (value === undefined) throw new Error("it has no output");
            requireSizeOf(node, value);
            return value;
          },
        })),
        given,
        backend,
      ),
    weights(given, wanted) {
      const constants = [...needed(all, given, wanted)].flatMap((name) => all.get(name)?.constants ?? []);
      return [...new Set(constants)].flatMap((name) => {
        const value = weight(name);
        return value === undefined ? [] : [{ name, value }];
      });
    },
    evaluate,
  };
}
