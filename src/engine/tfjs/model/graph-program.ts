import { io } from "@tensorflow/tfjs-core";
import { loadGraphModel, type GraphModel } from "@tensorflow/tfjs-converter";
import { ErfitError } from "../../../math/error.ts";
import type { GraphNode, TfjsFile } from "./files.ts";
import { checkSizes } from "./graph-sizes.ts";
import { graphWindow } from "./graph-window.ts";
import { imageInput } from "./image-input.ts";
import { words } from "../words.ts";
import { needed, reachedFrom, type Program, type Step } from "./program.ts";
import { unfused } from "./unfused.ts";

/** Operators whose result decides what is computed next: TF.js runs them one by one, and records no gradient. */
const controlFlow = new Set(
  "Switch Merge Enter Exit NextIteration LoopCond If StatelessIf While StatelessWhile".split(" "),
);

/** The words by which the rest of erfit knows an operator. */
const operators: Readonly<Record<string, string>> = { AvgPool: "AveragePool" };

/** `name:0` is the first output of `name`; `^name` only has to run before. */
const nodeOf = (input: string): string => input.replace(/^\^/, "").replace(/:\d+$/, "");

const scopeOf = (name: string): string | undefined =>
  name.includes("/") ? name.split("/").join(".") : undefined;

function stepsOf(nodes: readonly GraphNode[], weights: GraphModel["weights"]): ReadonlyMap<string, Step> {
  const constant = new Set(nodes.filter(({ op }) => op === "Const").map(({ name }) => name));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const steps = new Map<string, Step>();
  const visit = (name: string): void => {
    const node = byName.get(name);
    if (node === undefined || steps.has(name) || constant.has(name)) return;
    byName.delete(name); // a cycle ends here
    const inputs = node.input.filter((input) => !input.startsWith("^")).map(nodeOf);
    inputs.forEach(visit);
    steps.set(name, {
      name,
      operator: operators[node.op] ?? node.op,
      module: scopeOf(name),
      inputs: inputs.filter((input) => !constant.has(input)),
      window: graphWindow(node, (input) => weights[nodeOf(input)]?.[0]),
    });
  };
  nodes.forEach(({ name }) => {
    visit(name);
  });
  return steps;
}

/** Extents of a Placeholder's `shape` attribute; -1 is open, and so is a shape of unknown rank. */
function placeholderShape({ attr }: GraphNode): readonly (number | null)[] | null {
  const attribute = attr["shape"];
  const shape =
    typeof attribute === "object" && attribute !== null && "shape" in attribute ? attribute.shape : undefined;
  if (typeof shape !== "object" || shape === null || !("dim" in shape) || !Array.isArray(shape.dim))
    return null;
  const extents = shape.dim.map((dim: unknown) =>
    Number(typeof dim === "object" && dim !== null && "size" in dim ? dim.size : -1),
  );
  return extents.length === 0 ? null : extents.map((extent) => (extent < 0 ? null : extent));
}

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
  const branching = nodes.find(({ op }) => controlFlow.has(op));
  if (branching !== undefined) {
    throw new ErfitError(
      `${path}: node "${branching.name}" is a ${branching.op}: TF.js has no gradient of control flow`,
      { remedy: "convert the model from a frozen graph without loops and conditions" },
    );
  }
  const placeholders = nodes.filter(({ op }) => op === "Placeholder");
  const image = imageInput(new Map(placeholders.map((node) => [node.name, node])), path, inputName);
  const read = new Set(nodes.flatMap(({ input }) => input.map(nodeOf)));
  const stated = outputs.map(nodeOf).filter((name) => nodes.some((node) => node.name === name));
  const unread = nodes
    .filter(({ name, op }) => !read.has(name) && op !== "Const" && op !== "Placeholder")
    .map(({ name }) => name);
  const ends = [...new Set(stated.length > 0 ? stated : unread.slice(0, 1))];
  const modelTopology = { versions: {}, ...topology, node: nodes };
  const model = await loadGraphModel(io.fromMemory({ modelTopology, weightSpecs, weightData })).catch(
    (thrown: unknown) => {
      throw new ErfitError(`${path}: TF.js cannot read the graph model: ${words(thrown)}`, {
        cause: thrown,
      });
    },
  );
  const all = stepsOf(nodes, model.weights);
  const reached = reachedFrom(all.values(), image.name);
  const reachedEnds = ends.filter((name) => name !== image.name && reached.has(name));
  const onPath = needed(all, new Set([image.name]), reachedEnds);
  const steps = [...all.values()].filter(
    ({ name }) => name !== image.name && reached.has(name) && onPath.has(name),
  );
  const own = new Set(steps.map(({ name }) => name));
  const evaluate: Program["evaluate"] = (given, wanted) => {
    const asked = wanted.filter((name) => !given.has(name));
    const results = asked.length === 0 ? [] : model.execute(Object.fromEntries(given), asked);
    const computed = new Map(
      (Array.isArray(results) ? results : [results]).map((value, k) => [asked[k] ?? "", value]),
    );
    return wanted.map((name) => {
      const value = given.get(name) ?? computed.get(name);
      if (value === undefined) throw new ErfitError(`${path}: no tensor named "${name}"`);
      return value;
    });
  };
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return {
    input: { name: image.name, shape: placeholderShape(image) },
    steps,
    outputs: reachedEnds,
    offPath: new Set(nodes.map(({ name }) => name).filter((name) => !own.has(name) && name !== image.name)),
    shapes: undefined,
    requireSizes(given, wanted) {
      const weight = (name: string) => model.weights[name]?.[0];
      const names = wanted.map(({ name }) => name);
      const leading = needed(all, new Set([image.name]), names);
      const computed = [...all.keys()].flatMap((name) => (leading.has(name) ? (byName.get(name) ?? []) : []));
      checkSizes(computed, given, (known, name) => evaluate(known, [name])[0], weight, path);
    },
    evaluate,
  };
}
