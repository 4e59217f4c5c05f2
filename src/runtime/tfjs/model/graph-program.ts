import { at } from "../../../core/required.ts";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import { io, type Tensor } from "@tensorflow/tfjs-core";
import { ErfitError } from "../../../core/error.ts";
import type { GraphNode, TfjsFile } from "./files.ts";
import { requireSize, requireSizeOf, refuseUntaken } from "./graph-sizes.ts";
import { nodeOf, stepsOf, unfused } from "./graph-nodes.ts";
import { imageInput, needed, reachedFrom, type Program, surveyed, reasonOf } from "./program.ts";

/** The message inside a `shape` attribute: a tensor's dimensions, or that their number is unknown. */
function shapeAttribute({ attr }: GraphNode): { readonly dim?: unknown; readonly unknownRank?: unknown } {
  const attribute = attr["shape"];
  const shape =
    typeof attribute === "object" && attribute !== null && "shape" in attribute ? attribute.shape : undefined;
  return typeof shape === "object" && shape !== null ? shape : { unknownRank: true };
}

/** Extents of a Placeholder's `shape` attribute; -1 is open, and so is a shape of unknown rank. */
function placeholderShape(node: GraphNode): readonly (number | null)[] | null {
  const { dim } = shapeAttribute(node);
  if (!Array.isArray(dim)) return null;
  const extents = dim.map((extent: unknown) =>
    Number(typeof extent === "object" && extent !== null && "size" in extent ? extent.size : -1),
  );
  return extents.length === 0 ? null : extents.map((extent) => (extent < 0 ? null : extent));
}

/** Whether the file declares a number of dimensions, and not an image's four. */
function hasOtherRank(node: GraphNode): boolean {
  const { dim, unknownRank } = shapeAttribute(node);
  return unknownRank !== true && (Array.isArray(dim) ? dim.length : 0) !== 4;
}

/** The inputs that may take the image: those of four dimensions, where there are such. */
function imageLike(nodes: readonly GraphNode[]): ReadonlyMap<string, GraphNode> {
  const placeholders = nodes.filter(({ op }) => op === "Placeholder");
  const candidates = placeholders.filter((node) => !hasOtherRank(node));
  return new Map((candidates.length > 0 ? candidates : placeholders).map((node) => [node.name, node]));
}

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
      throw new ErfitError(`${path}: TF.js cannot read the graph model: ${reasonOf(thrown)}`, {
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
      (Array.isArray(results) ? results : [results]).map((value, k) => [at(asked, k), value]),
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
