import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { numbersOf, sizeOf, type Tensor } from "../../core/tensor.ts";
import type { Value } from "../../graph/graph.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { applies, inputOf, nameOf, subgraphsOf, usesOf } from "../file/node.ts";
import type { Runtime } from "../runtime.ts";
import { boundedRun, type BoundedRun } from "./bounded-run.ts";
import { isBounded, type KnownType, type Numbers } from "./bounds.ts";
import { inlineConditionals } from "./conditionals.ts";
import { dependents, isSizedBy, prunedTo, staticOutputs } from "./data-path.ts";
import { inferredTypes } from "./inference.ts";
import { KnownTensors } from "./known-tensors.ts";
import { mostNumbers, shapeFact, smallArithmetic } from "./shape-arithmetic.ts";
import { isWindow } from "./slices-that-wait.ts";

/**
 * A file of a few bytes can need terabytes: by a Tile, a Range, a chain of Concat that doubles. So nothing of a file is
 * run before the size of every tensor in it is known. The runtime infers sizes when it loads a model. Where one depends on
 * numbers that are computed (legacy exporters write shape arithmetic), the part before it is run, its few numbers take its
 * place, and the runtime infers again.
 */

/** Nodes that are inferred in the first session; after one that leaves nothing open, twice as many. */
const fewestNodes = 512;

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, k) => name === b[k]);

/** The nodes of a file's graph that compute `wanted`, with a bound on what a run of them takes. */
export class BoundedPart {
  readonly #tensors: KnownTensors;
  readonly #image: Value | undefined;
  readonly #runtime: Runtime;
  readonly #purpose: string;
  readonly #run: BoundedRun;
  /** Names of what could not be inferred from what is known so far. */
  readonly #open = new Set<string>();
  #triedNarrow = false;
  /** Whether zeros chose a branch that the image should: the graph is then good for types alone. */
  #choseBranch = false;
  #sizedByImage: NodeProto | undefined;

  /**
   * @param image what is fed, if anything is; a run to find shapes takes zeros
   * @param known tensors that take the place of nodes
   */
  constructor(
    graph: FileGraph,
    image: Value | undefined,
    known: ReadonlyMap<string, Tensor>,
    runtime: Runtime,
    purpose: string,
  ) {
    this.#tensors = new KnownTensors(graph, known);
    this.#run = boundedRun(this.#tensors, image, runtime, purpose);
    this.#image = image;
    this.#runtime = runtime;
    this.#purpose = purpose;
  }

  /** The graph, once types are found: without branches not taken, and without outputs whose size the image decides. */
  get graph(): FileGraph {
    return this.#tensors.graph;
  }

  /** The first node that makes as many elements as the image decides; undefined where no output is lost by it. */
  get sizedByImage(): NodeProto | undefined {
    return this.#sizedByImage;
  }

  /**
   * Element type and shape of every tensor of the part that the outputs are computed from.
   * @throws ErfitError where the size of one cannot be bounded
   */
  async types(): Promise<ReadonlyMap<string, KnownType>> {
    for (let most = fewestNodes; ;) {
      this.#inline();
      const more = await this.#infer(most);
      if (this.#open.size === 0 && !more) return this.#tensors.types;
      most = this.#open.size === 0 ? 2 * most : fewestNodes;
      if ((await this.#foldSizes()) || more) continue;
      await this.#openFrontier();
    }
  }

  /** Finds out what keeps the first open nodes from being inferred. */
  async #openFrontier(): Promise<void> {
    const open = this.#open;
    const unsettled = new Set(open);
    const frontier = this.#tensors.graph.nodes.filter((node) => {
      const waits = usesOf(node).some((name) => unsettled.has(name) && !this.#tensors.isKnown(name));
      if (waits) for (const name of node.output) unsettled.add(name);
      return !waits && node.output.some((name) => open.has(name));
    });
    const dependent = this.#ofImage();
    const sized = frontier.filter((node) => isSizedBy(node, dependent));
    const numbers = (nodes: readonly NodeProto[]) =>
      nodes.flatMap(usesOf).filter((name) => this.#isComputable(name));
    const constant = numbers(frontier).filter((name) => !dependent.has(name));
    const others = frontier.filter((node) => !sized.includes(node));
    if (constant.length > 0) await this.#compute(constant);
    else if (others.length > 0) await this.#computeOrSee(others, numbers(others));
    else if (!(await this.#narrow(sized))) await this.#computeOrSee(sized, numbers(sized));
  }

  /** What the image decides, zeros decide here: so it comes last. */
  async #computeOrSee(nodes: readonly NodeProto[], numbers: readonly string[]): Promise<void> {
    if (nodes.some((node) => applies(node, "If"))) this.#choseBranch = true;
    if (numbers.length > 0) await this.#compute(numbers);
    else await this.#see(nodes);
  }

  /** Leaves out the outputs whose size the image decides. @returns whether there were any, and others are left */
  async #narrow([first]: readonly NodeProto[]): Promise<boolean> {
    if (this.#image === undefined || first === undefined || this.#triedNarrow || this.#choseBranch)
      return false;
    this.#triedNarrow = true;
    // What comes after a tensor of an open size may have a static one.
    this.#open.clear();
    await this.#infer(Infinity);
    const outputs = staticOutputs(this.#tensors.graph, this.#image.name, this.#tensors.types, first);
    if (outputs.length === 0 || sameNames(outputs, this.#tensors.graph.outputs)) return false;
    this.#sizedByImage = first;
    this.#tensors.graph = prunedTo(this.#tensors.graph, outputs);
    this.#open.clear();
    return true;
  }

  /** The values of some tensors of the part. */
  async values(names: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    await this.types();
    const held = names.flatMap((name) => {
      const tensor = this.#tensors.constant(name);
      return tensor === undefined ? [] : [[name, tensor] as const];
    });
    const values = new Map(held);
    const others = names.filter((name) => !values.has(name));
    if (others.length > 0)
      for (const [name, tensor] of Object.entries(await this.#run(others))) values.set(name, tensor);
    return values;
  }

  /** Computes what is shape arithmetic on numbers and shapes that are known: one small run for all of it, and another. */
  async #foldSizes(): Promise<boolean> {
    const before = this.#tensors.countKnown;
    for (;;) {
      for (const node of this.#tensors.graph.nodes) {
        const [output] = node.output;
        if (output === undefined || this.#tensors.isKnown(output)) continue;
        const fact = shapeFact(node, this.#tensors.types);
        if (fact !== undefined) this.#know(output, fact);
      }
      const names = smallArithmetic(this.#tensors.graph.nodes, (name) => this.#tensors.constant(name));
      if (names.length === 0) return this.#tensors.countKnown > before;
      await this.#compute(names);
    }
  }

  /** Writes the branches of If out whose condition is known by now. */
  #inline(): void {
    const conditions = new Map<string, Tensor>();
    const chosen = this.#tensors.graph.nodes.filter((node) => {
      const condition = applies(node, "If") ? this.#tensors.constant(inputOf(node, 0)) : undefined;
      if (condition !== undefined) conditions.set(inputOf(node, 0), condition);
      return condition !== undefined;
    });
    if (chosen.length === 0) return;
    this.#tensors.graph = inlineConditionals(this.#tensors.graph, chosen, conditions);
    this.#inline();
  }

  /** The nodes, and those before them that make sequences and the like: nothing can stand for their outputs. */
  #withSequences(nodes: readonly NodeProto[]): readonly NodeProto[] {
    const isSequence = (name: string): boolean =>
      this.#tensors.types.has(name) && this.#tensors.types.get(name)?.dtype === undefined;
    const needed = new Set(nodes.flatMap(usesOf).filter(isSequence));
    if (needed.size === 0) return nodes;
    const listed = new Set(nodes);
    return this.#tensors.graph.nodes
      .toReversed()
      .filter((node) => {
        const wanted = listed.has(node) || node.output.some((name) => needed.has(name));
        if (wanted) for (const name of usesOf(node)) if (isSequence(name)) needed.add(name);
        return wanted;
      })
      .reverse();
  }

  /**
   * Infers the next nodes. Those whose size stays open are tried again once more is known.
   * @returns whether there are more nodes
   */
  async #infer(most: number): Promise<boolean> {
    const open = this.#open;
    const next: NodeProto[] = [];
    let more = false;
    for (const node of this.#tensors.graph.nodes) {
      if (node.output.every((name) => name === "" || this.#tensors.types.has(name))) continue;
      // The sizes inside of branches and loops are not known before they are taken.
      const closed =
        subgraphsOf(node).length === 0 && ![...usesOf(node), ...node.output].some((name) => open.has(name));
      if (!closed) {
        for (const name of node.output) if (name !== "") open.add(name);
      } else if (next.length < most) next.push(node);
      else {
        more = true;
        break;
      }
    }
    const nodes = this.#withSequences(next);
    const used = new Set(nodes.flatMap(usesOf));
    for (const name of nodes.flatMap((node) => node.output)) used.delete(name);
    const seen = [...used].flatMap((name): Value[] => {
      const type = this.#tensors.isKnown(name) ? undefined : this.#tensors.types.get(name);
      return type?.dtype === undefined ? [] : [{ name, dtype: type.dtype, shape: type.shape }];
    });
    const inputs = [...(this.#image === undefined ? [] : [this.#image]), ...seen];
    const types = await inferredTypes(
      this.#tensors.graph,
      { nodes: this.#tensors.apart(nodes, inputs), inputs, constants: this.#tensors.stored(used) },
      this.#runtime,
      this.#purpose,
    );
    for (const [name, type] of types) if (!this.#tensors.addInferred(name, type)) open.add(name);
    return more;
  }

  /** Names of what depends on the image's elements. */
  #ofImage(): ReadonlySet<string> {
    if (this.#image === undefined) return new Set();
    const unknown = this.#tensors.graph.nodes.filter(
      (node) => !node.output.every((name) => this.#tensors.isKnown(name)),
    );
    return dependents(unknown, [this.#image.name]);
  }

  /** Few numbers, of a known type, that are not known themselves. */
  #isComputable(name: string): boolean {
    const type = this.#tensors.types.get(name);
    return (
      type?.dtype !== undefined &&
      !this.#tensors.isKnown(name) &&
      sizeOf(type.shape) <= mostNumbers &&
      !this.#tensors.graph.initializers.has(name)
    );
  }

  async #compute(names: readonly string[]): Promise<void> {
    for (const [name, tensor] of Object.entries(await this.#run([...new Set(names)])))
      this.#know(name, tensor);
  }

  #know(name: string, tensor: Tensor): void {
    this.#open.clear();
    this.#tensors.add(name, tensor);
  }

  /** Runs nodes of which only the elements say how large their outputs are. */
  async #see(nodes: readonly NodeProto[]): Promise<void> {
    const numbers: Numbers = (name) => {
      const tensor = name === undefined ? undefined : this.#tensors.constant(name);
      return tensor && numbersOf(tensor);
    };
    const unbounded = nodes.find((node) => !isBounded(node, numbers));
    const input = unbounded === undefined ? undefined : this.#tensors.types.get(inputOf(unbounded, 0));
    if (unbounded !== undefined && input !== undefined && isWindow(unbounded)) {
      throw new ErfitError(
        `${this.#tensors.graph.file}: the window of ${nameOf(unbounded)} is larger than its input [${input.shape.join(",")}]`,
        { remedy: "give the network larger images" },
      );
    }
    if (unbounded !== undefined) {
      throw new ErfitError(
        `${this.#tensors.graph.file}: the size of what ${nameOf(unbounded)} makes is not known before it runs: erfit needs it to ${this.#purpose}`,
        { remedy: "export the model with a static shape, without loops" },
      );
    }
    this.#open.clear();
    const names = nodes.flatMap(({ output }) => output.filter((name) => name !== ""));
    for (const [name, { dtype, shape }] of Object.entries(await this.#run(names)))
      this.#tensors.types.set(name, { dtype, shape });
  }
}
