import type { NodeProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { ErfitError } from "../../core/error.ts";
import { float32, numbersOf, sizeOf, type Tensor } from "../../core/tensor.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { dtypeOf } from "../file/element-type.ts";
import { applies, subgraphsOf, usesOf, withNode } from "../file/scope.ts";
import { rawLength } from "../file/stored-bytes.ts";
import { subModel } from "../file/sub-model.ts";
import { readTensor, writeTensor } from "../file/tensors.ts";
import { nameOf } from "../file/topology.ts";
import type { Runtime } from "../runtime.ts";
import {
  bytesOf,
  isBounded,
  isSlow,
  mostBytes,
  mostTimesWeights,
  type KnownType,
  type Numbers,
} from "./bounds.ts";
import { inlineConditionals } from "./conditionals.ts";
import { dependents, prunedTo } from "./data-path.ts";
import { inferredTypes } from "./inference.ts";
import { shapeFact } from "./shape-fact.ts";
import { isWindow } from "./slices-that-wait.ts";
import { mostNumbers, smallArithmetic } from "./small-arithmetic.ts";
import { isSizedBy, staticOutputs } from "./varying-sizes.ts";

/**
 * A file of a few bytes can ask for terabytes: by a Tile, a Range, a chain of Concat that doubles. So nothing of a file is
 * run before the size of every tensor in it is known. The runtime infers sizes when it loads a model. Where one depends on
 * numbers that are computed (legacy exporters write shape arithmetic), the part in front is run, its few numbers take its
 * place, and the runtime infers again.
 */

/** Nodes that are inferred in the first session; after one that leaves nothing open, twice as many. */
const fewestNodes = 512;

/** The nodes that compute `names`, from what is known on. */
function ancestorsOf(
  nodes: readonly NodeProto[],
  names: Iterable<string>,
  isKnown: (name: string) => boolean,
): readonly NodeProto[] {
  const needed = new Set(names);
  const found = nodes.toReversed().filter((node) => {
    if (!node.output.some((name) => needed.has(name))) return false;
    for (const name of usesOf(node)) if (!isKnown(name)) needed.add(name);
    return true;
  });
  return found.reverse();
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, k) => name === b[k]);

/** Marks an output that is computed once more beside another output of its node. */
const again = ":again";

/** The nodes of a file's graph that compute `wanted`, with a bound on what a run of them takes. */
export class BoundedPart {
  #graph: FileGraph;
  readonly #read = new Map<string, Tensor>();
  readonly #image: Value | undefined;
  readonly #runtime: Runtime;
  readonly #purpose: string;
  /** Small tensors that were computed: they stand for the nodes that compute them. */
  readonly #known = new Map<string, Tensor>();
  readonly #types = new Map<string, KnownType>();
  /** Names of what could not be inferred from what is known so far. */
  readonly #open = new Set<string>();
  #triedNarrow = false;
  /** Whether zeros chose a branch that the image should: the graph is then good for types alone. */
  #choseBranch = false;
  #sizedByImage: NodeProto | undefined;
  readonly #most: number;

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
    this.#graph = graph;
    this.#image = image;
    this.#runtime = runtime;
    this.#purpose = purpose;
    for (const [name, tensor] of known) this.#know(name, tensor);
    const weights = [...graph.initializers.values()].reduce((sum, tensor) => sum + rawLength(tensor), 0);
    this.#most = Math.max(mostBytes, mostTimesWeights * weights);
  }

  /** The graph, once types are found: without branches not taken, and without outputs whose size the image decides. */
  get graph(): FileGraph {
    return this.#graph;
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
      if (this.#open.size === 0 && !more) return this.#types;
      most = this.#open.size === 0 ? 2 * most : fewestNodes;
      if ((await this.#foldSizes()) || more) continue;
      await this.#openFrontier();
    }
  }

  /** Finds out what keeps the first open nodes from being inferred. */
  async #openFrontier(): Promise<void> {
    const open = this.#open;
    const unsettled = new Set(open);
    const frontier = this.#graph.nodes.filter((node) => {
      const waits = usesOf(node).some((name) => unsettled.has(name) && !this.#known.has(name));
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

  /** What the image decides, zeros decide here: it is asked for last. */
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
    const outputs = staticOutputs(this.#graph, this.#image.name, this.#types, first);
    if (outputs.length === 0 || sameNames(outputs, this.#graph.outputs)) return false;
    this.#sizedByImage = first;
    this.#graph = prunedTo(this.#graph, outputs);
    this.#open.clear();
    return true;
  }

  /** The values of some tensors of the part. */
  async values(names: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    await this.types();
    const held = names.flatMap((name) => {
      const tensor = this.#constant(name);
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
    const before = this.#known.size;
    for (;;) {
      for (const node of this.#graph.nodes) {
        const [output = ""] = node.output;
        const fact = this.#known.has(output) ? undefined : shapeFact(node, this.#types);
        if (fact !== undefined) this.#know(output, fact);
      }
      const names = smallArithmetic(this.#graph.nodes, (name) => this.#constant(name));
      if (names.length === 0) return this.#known.size > before;
      await this.#compute(names);
    }
  }

  /** Writes the branches of If out whose condition is known by now. */
  #inline(): void {
    const conditions = new Map<string, Tensor>();
    const chosen = this.#graph.nodes.filter((node) => {
      const condition = applies(node, "If") ? this.#constant(node.input[0] ?? "") : undefined;
      if (condition !== undefined) conditions.set(node.input[0] ?? "", condition);
      return condition !== undefined;
    });
    if (chosen.length === 0) return;
    this.#graph = inlineConditionals(this.#graph, chosen, conditions);
    this.#inline();
  }

  /** The nodes, and those before them that make sequences and the like: nothing can stand for their outputs. */
  #withSequences(nodes: readonly NodeProto[]): readonly NodeProto[] {
    const isSequence = (name: string): boolean =>
      this.#types.has(name) && this.#types.get(name)?.dtype === undefined;
    const needed = new Set(nodes.flatMap(usesOf).filter(isSequence));
    if (needed.size === 0) return nodes;
    const listed = new Set(nodes);
    return this.#graph.nodes
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
    for (const node of this.#graph.nodes) {
      if (node.output.every((name) => name === "" || this.#types.has(name))) continue;
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
      const type = this.#known.has(name) ? undefined : this.#types.get(name);
      return type?.dtype === undefined ? [] : [{ name, dtype: type.dtype, shape: type.shape }];
    });
    const inputs = [...(this.#image === undefined ? [] : [this.#image]), ...seen];
    const types = await inferredTypes(
      this.#graph,
      { nodes: this.#apart(nodes, inputs), inputs, constants: this.#constants(used) },
      this.#runtime,
      this.#purpose,
    );
    for (const [name, type] of types) {
      if (name.endsWith(again)) continue;
      const shape = type?.shape.flatMap((extent) => (extent === null ? [] : [extent]));
      if (type === null || shape?.length !== type.shape.length) open.add(name);
      else this.#types.set(name, { dtype: type.dtype, shape });
    }
    return more;
  }

  /** A tensor that the file holds in a form that graphs compute with, or that was computed. */
  #constant(name: string): Tensor | undefined {
    const known = this.#known.get(name) ?? this.#read.get(name);
    if (known !== undefined) return known;
    const stored = this.#graph.initializers.get(name);
    if (stored === undefined || dtypeOf(stored.dataType) === undefined) return undefined;
    const tensor = readTensor(stored, `${this.#graph.file}: tensor "${name}"`);
    this.#read.set(name, tensor);
    return tensor;
  }

  #constants(used: ReadonlySet<string>) {
    return [...this.#known].flatMap(([name, tensor]) => (used.has(name) ? [writeTensor(name, tensor)] : []));
  }

  /**
   * The nodes, without the outputs that are known already or fed: of several outputs of a node some may be. What a model says
   * of a name, it says once.
   */
  #apart(nodes: readonly NodeProto[], fed: readonly Value[]): readonly NodeProto[] {
    const given = new Set([...this.#known.keys(), ...fed.map(({ name }) => name)]);
    return nodes.map((node) =>
      node.output.some((name) => given.has(name))
        ? withNode(node, { output: node.output.map((name) => (given.has(name) ? `${name}${again}` : name)) })
        : node,
    );
  }

  /** Names of what depends on the image's elements. */
  #ofImage(): ReadonlySet<string> {
    if (this.#image === undefined) return new Set();
    const unknown = this.#graph.nodes.filter((node) => !node.output.every((name) => this.#known.has(name)));
    return dependents(unknown, [this.#image.name]);
  }

  /** Few numbers, of a known type, that are not known themselves. */
  #isComputable(name: string): boolean {
    const type = this.#types.get(name);
    return (
      type?.dtype !== undefined &&
      !this.#known.has(name) &&
      sizeOf(type.shape) <= mostNumbers &&
      !this.#graph.initializers.has(name)
    );
  }

  async #compute(names: readonly string[]): Promise<void> {
    for (const [name, tensor] of Object.entries(await this.#run([...new Set(names)])))
      this.#know(name, tensor);
  }

  #know(name: string, tensor: Tensor): void {
    this.#open.clear();
    this.#known.set(name, tensor);
    this.#types.set(name, { dtype: tensor.dtype, shape: tensor.shape });
  }

  /** Runs nodes of which only the elements say how large their outputs are. */
  async #see(nodes: readonly NodeProto[]): Promise<void> {
    const numbers: Numbers = (name) => {
      const tensor = this.#constant(name ?? "");
      return tensor && numbersOf(tensor);
    };
    const unbounded = nodes.find((node) => !isBounded(node, numbers));
    const input = unbounded === undefined ? undefined : this.#types.get(unbounded.input[0] ?? "");
    if (unbounded !== undefined && input !== undefined && isWindow(unbounded)) {
      throw new ErfitError(
        `${this.#graph.file}: the window of ${nameOf(unbounded)} is larger than its input [${input.shape.join(",")}]`,
        { remedy: "give the network larger images" },
      );
    }
    if (unbounded !== undefined) {
      throw new ErfitError(
        `${this.#graph.file}: the size of what ${nameOf(unbounded)} makes is not known before it runs: erfit needs it to ${this.#purpose}`,
        { remedy: "export the model with a static shape, without loops" },
      );
    }
    this.#open.clear();
    const names = nodes.flatMap(({ output }) => output.filter((name) => name !== ""));
    for (const [name, { dtype, shape }] of Object.entries(await this.#run(names)))
      this.#types.set(name, { dtype, shape });
  }

  /** The nodes that compute `names` from what is known. */
  #behind(names: readonly string[]): readonly NodeProto[] {
    const unknown = this.#graph.nodes.filter(
      ({ output }) => !output.every((name) => name === "" || this.#known.has(name)),
    );
    return ancestorsOf(unknown, names, (name) => this.#known.has(name));
  }

  async #run(names: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    await this.#checkDivisors(this.#behind(names));
    const nodes = this.#behind(names); // without the divisors, which are known now
    this.#checkSize(nodes);
    const image = this.#image;
    const used = new Set(nodes.flatMap(usesOf));
    const inputs = image !== undefined && used.has(image.name) ? [image] : [];
    const model = subModel(this.#graph, {
      nodes: this.#apart(nodes, inputs),
      inputs,
      outputs: names,
      constants: this.#constants(used),
    });
    const zeros = ({ name, shape }: Value) =>
      [name, float32(shape, new Float32Array(sizeOf(shape)))] as const;
    return this.#runtime.run(model, Object.fromEntries(inputs.map(zeros)), this.#purpose);
  }

  /** Integers divided by -1 end the process: -2^63 has no opposite (x86, ONNX Runtime 1.30). */
  async #checkDivisors(nodes: readonly NodeProto[]): Promise<void> {
    const divisions = nodes.filter((node) => {
      const type = this.#types.get(node.output[0] ?? "");
      return applies(node, "Div", "Mod") && (type === undefined || type.dtype?.startsWith("int") === true);
    });
    const computed = divisions
      .flatMap(({ input }) => input.slice(1, 2))
      .filter((name) => this.#constant(name) === undefined);
    if (computed.length > 0) await this.#compute(computed);
    for (const node of divisions) {
      const divisor = this.#constant(node.input[1] ?? "");
      if (divisor === undefined || (divisor.dtype.startsWith("int") && numbersOf(divisor).includes(-1)))
        throw new ErfitError(`${this.#graph.file}: ${nameOf(node)} divides whole numbers by -1`);
    }
  }

  #checkSize(nodes: readonly NodeProto[]): void {
    const sizes = nodes.flatMap((node) =>
      node.output.map((name) => {
        const type = this.#types.get(name);
        return { node, bytes: type === undefined ? 0 : bytesOf(type) };
      }),
    );
    const slow = sizes.find(({ node, bytes }) => isSlow(node, bytes, this.#most));
    if (slow !== undefined)
      throw new ErfitError(
        `${this.#graph.file}: to ${this.#purpose}, ${nameOf(slow.node)} would resize to ${slow.bytes} bytes by cubic splines, which takes too long`,
        { remedy: "export the model with the resized constant in place of this node" },
      );
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= this.#most) return;
    const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    throw new ErfitError(
      `${this.#graph.file}: to ${this.#purpose} would take ${total} bytes, ${largest.bytes} of them for ${nameOf(largest.node)}; erfit takes ${this.#most}`,
    );
  }
}
