import type { NodeProto, TensorProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { ErfitError } from "../../math/error.ts";
import { float32, numbersOf, sizeOf, type DType, type Shape, type Tensor } from "../../math/tensor.ts";
import { attributesOf } from "../file/attributes.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { dataTypes, dtypeOf, rawSize } from "../file/element-type.ts";
import { applies, domainOf, subgraphsOf, usesOf, withNode } from "../file/scope.ts";
import { rawLength } from "../file/stored-bytes.ts";
import { subModel } from "../file/sub-model.ts";
import { readTensor, writeTensor } from "../file/tensors.ts";
import { nameOf } from "../file/topology.ts";
import { importers } from "../importers/table.ts";
import type { Runtime } from "../runtime.ts";
import { inlineConditionals } from "./conditionals.ts";
import { inferredTypes } from "./inference.ts";
import { shapeFact } from "./shape-fact.ts";
import { mostNumbers, smallArithmetic } from "./small-arithmetic.ts";

/**
 * A file of a few bytes can ask for terabytes: by a Tile, a Range, a chain of Concat that doubles. So nothing of a file is
 * run before the size of every tensor in it is known. The runtime infers sizes when it loads a model. Where one depends on
 * numbers that are computed (legacy exporters write shape arithmetic), the part in front is run, its few numbers take its
 * place, and the runtime infers again.
 */

interface KnownType {
  /** Undefined for types that graphs do not hold. */
  readonly dtype: DType | undefined;
  readonly shape: Shape;
}

/** A run may take this much memory, or so many times the file's weights: dequantised, they are four times as large. */
const mostBytes = 2 ** 28;
const mostTimesWeights = 16;

/**
 * Operators whose outputs are no larger than their inputs say, though the runtime does not infer how large: it depends on the
 * elements, or the runtime has no rule.
 */
const boundedByInput = (
  "NonZero Compress Unique NonMaxSuppression TopK Slice Reshape Dropout MeanVarianceNormalization Attention " +
  "ConcatFromSequence SequenceAt SequenceConstruct SequenceInsert SequenceErase SplitToSequence"
).split(" ");

/** A window that lays out this many cells for one is none that unpooling uses. */
const widestWindow = 64;

/** More elements than this are more than a run may make. */
const mostElements = mostBytes / 4;

/** The elements of a constant, by its name. */
type Numbers = (name: string | undefined) => readonly number[] | undefined;

/** Pools that are undone lay one cell out as a window, or over a map whose shape is a third input. */
function isBoundedUnpool({ input, attribute }: NodeProto, numbers: Numbers): boolean {
  const shape = numbers(input[2]);
  if (input.length > 2) return shape !== undefined && sizeOf(shape) <= mostElements;
  return attribute.every(({ ints }) => ints.every((extent) => extent <= widestWindow));
}

const isBounded = (node: NodeProto, numbers: Numbers): boolean =>
  applies(node, ...boundedByInput) ||
  (applies(node, "MaxUnpool") && isBoundedUnpool(node, numbers)) ||
  (domainOf(node) !== "" && importers.get(domainOf(node))?.has(node.opType) === true);

const bytesOf = ({ dtype, shape }: KnownType): number =>
  dtype === undefined ? 16 * sizeOf(shape) : (rawSize(dataTypes[dtype], sizeOf(shape)) ?? 0);

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

const storedIn = (nodes: readonly NodeProto[]): ReadonlyMap<string, TensorProto> =>
  new Map(
    nodes.flatMap((node) => {
      const value = applies(node, "Constant") ? attributesOf(node).tensor("value") : undefined;
      return value === undefined ? [] : [[node.output[0] ?? "", value]];
    }),
  );

/** Marks an output that is computed once more beside another output of its node. */
const again = ":again";

/** The nodes of a file's graph that compute `wanted`, with a bound on what a run of them takes. */
export class BoundedPart {
  #graph: FileGraph;
  /** What Constant nodes hold, by name. */
  #stored: ReadonlyMap<string, TensorProto>;
  readonly #read = new Map<string, Tensor>();
  readonly #image: Value | undefined;
  readonly #runtime: Runtime;
  readonly #purpose: string;
  /** Small tensors that were computed: they stand for the nodes that compute them. */
  readonly #known = new Map<string, Tensor>();
  readonly #types = new Map<string, KnownType>();
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
    this.#stored = storedIn(graph.nodes);
    this.#image = image;
    this.#runtime = runtime;
    this.#purpose = purpose;
    for (const [name, tensor] of known) this.#know(name, tensor);
    const weights = [...graph.initialisers.values()].reduce((sum, tensor) => sum + rawLength(tensor), 0);
    this.#most = Math.max(mostBytes, mostTimesWeights * weights);
  }

  /** Element type and shape of every tensor of the part. @throws ErfitError where the size of one cannot be bounded */
  async types(): Promise<ReadonlyMap<string, KnownType>> {
    for (;;) {
      this.#inline();
      const open = await this.#infer();
      if (open.size === 0) return this.#types;
      if (await this.#foldSizes()) continue;
      const frontier = this.#graph.nodes.filter(
        (node) => node.output.some((name) => open.has(name)) && !usesOf(node).some((name) => open.has(name)),
      );
      const numbers = frontier.flatMap(usesOf).filter((name) => this.#isComputable(name));
      // What the image decides is asked for last: of zeros, it decides little.
      const dependent = this.#ofImage();
      const constant = numbers.filter((name) => !dependent.has(name));
      if (numbers.length > 0) await this.#compute(constant.length > 0 ? constant : numbers);
      else await this.#see(frontier);
    }
  }

  /** The values of some tensors of the part. */
  async values(names: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    await this.types();
    const others = names.filter((name) => !this.#known.has(name));
    const results = others.length === 0 ? {} : await this.#run(others);
    return new Map([...this.#known, ...Object.entries(results)]);
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
    this.#replace(inlineConditionals(this.#graph, chosen, conditions));
    this.#inline();
  }

  /** Infers what can be; @returns the names of which the size is still open */
  async #infer(): Promise<ReadonlySet<string>> {
    const live = this.#graph.nodes.filter(
      ({ output }) => !output.every((name) => name === "" || this.#known.has(name)),
    );
    // The sizes inside of branches and loops are not known before they are taken.
    const open = new Set(
      live.flatMap((node) =>
        subgraphsOf(node).length > 0 && !node.output.every((name) => this.#types.has(name))
          ? node.output
          : [],
      ),
    );
    const unseen = live.filter((node) => !node.output.every((name) => name === "" || this.#types.has(name)));
    const closed = unseen.filter((node) => {
      const blocked = [...usesOf(node), ...node.output].some((name) => open.has(name));
      if (blocked) node.output.forEach((name) => open.add(name));
      return !blocked;
    });
    const used = new Set(closed.flatMap(usesOf));
    const seen = [...this.#types].flatMap(([name, { dtype, shape }]): Value[] =>
      used.has(name) && !this.#known.has(name) && dtype !== undefined ? [{ name, dtype, shape }] : [],
    );
    const inputs = [...(this.#image === undefined ? [] : [this.#image]), ...seen];
    const types = await inferredTypes(
      this.#graph,
      { nodes: this.#apart(closed, inputs), inputs, constants: this.#constants(used) },
      this.#runtime,
      this.#purpose,
    );
    const incomplete = new Set(open);
    for (const [name, type] of types) {
      if (name.endsWith(again)) continue;
      const shape = type?.shape.flatMap((extent) => (extent === null ? [] : [extent]));
      if (type === null || shape?.length !== type.shape.length) incomplete.add(name);
      else this.#types.set(name, { dtype: type.dtype, shape });
    }
    incomplete.delete("");
    return incomplete;
  }

  /** A tensor that the file holds in a form that graphs compute with, or that was computed. */
  #constant(name: string): Tensor | undefined {
    const known = this.#known.get(name) ?? this.#read.get(name);
    if (known !== undefined) return known;
    const stored = this.#graph.initialisers.get(name) ?? this.#stored.get(name);
    if (stored === undefined || dtypeOf(stored.dataType) === undefined) return undefined;
    const tensor = readTensor(stored, `${this.#graph.file}: tensor "${name}"`);
    this.#read.set(name, tensor);
    return tensor;
  }

  #replace(graph: FileGraph): void {
    this.#graph = graph;
    this.#stored = storedIn(graph.nodes);
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

  /** Names of what depends on the image. */
  #ofImage(): ReadonlySet<string> {
    const names = new Set(this.#image === undefined ? [] : [this.#image.name]);
    for (const node of this.#graph.nodes)
      if (usesOf(node).some((name) => names.has(name) && !this.#known.has(name)))
        node.output.forEach((name) => names.add(name));
    return names;
  }

  /** Few numbers, of a known type, that are not known themselves. */
  #isComputable(name: string): boolean {
    const type = this.#types.get(name);
    return (
      type?.dtype !== undefined &&
      !this.#known.has(name) &&
      sizeOf(type.shape) <= mostNumbers &&
      !this.#graph.initialisers.has(name)
    );
  }

  async #compute(names: readonly string[]): Promise<void> {
    for (const [name, tensor] of Object.entries(await this.#run([...new Set(names)])))
      this.#know(name, tensor);
  }

  #know(name: string, tensor: Tensor): void {
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
    if (unbounded !== undefined) {
      throw new ErfitError(
        `${this.#graph.file}: the size of what ${nameOf(unbounded)} makes is not known before it runs: erfit needs it to ${this.#purpose}`,
        { remedy: "export the model with a static shape, without loops" },
      );
    }
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
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= this.#most) return;
    const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    throw new ErfitError(
      `${this.#graph.file}: to ${this.#purpose} would take ${total} bytes, ${largest.bytes} of them for ${nameOf(largest.node)}; erfit takes ${this.#most}`,
    );
  }
}
