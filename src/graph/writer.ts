import { float32, type DType, type Shape, type Tensor } from "../core/tensor.ts";
import { nodeOf, type Graph, type Node, type Source, type Value } from "./graph.ts";
import type { Op, Operators } from "./operators.ts";

/** A value, or a number that stands for a float32 scalar. */
export type Operand = Value | number;

/** Operators without attributes, and the attributes that they have. */
export type Plain = { [K in Op]: Readonly<Record<string, never>> extends Operators[K] ? K : never }[Op];
export const none = {};

/** Appends nodes, constants and inputs to a graph; the caller states every output's type. New values avoid `reserved`. */
export function writeOnto(base: Graph, reserved: Iterable<string> = []) {
  const nodes: Node[] = [...base.nodes];
  const constants = new Map<string, Tensor>(base.constants);
  const scalars = new Map<number, Value>();
  const taken = new Set<string>([
    ...reserved,
    ...base.inputs.map(({ name }) => name),
    ...base.constants.keys(),
    ...base.nodes.flatMap((node) => node.outputs.map(({ name }) => name)),
  ]);
  const inputs: Value[] = [...base.inputs];
  let source: Source | undefined;
  let counter = 0;

  function freshName(): string {
    let name: string;
    do name = `%${++counter}`;
    while (taken.has(name));
    taken.add(name);
    return name;
  }

  function constant(tensor: Tensor): Value {
    const value: Value = { name: freshName(), dtype: tensor.dtype, shape: tensor.shape };
    constants.set(value.name, tensor);
    return value;
  }

  function scalar(number: number): Value {
    const known = scalars.get(number);
    if (known !== undefined) return known;
    const value = constant(float32([], [number]));
    scalars.set(number, value);
    return value;
  }

  const valueOf = (operand: Operand): Value => (typeof operand === "number" ? scalar(operand) : operand);

  /** Appends any operator; the caller states its outputs' types. @throws WrongInputs */
  function apply<K extends Op>(
    op: K,
    operands: readonly (Operand | null)[],
    attributes: Operators[K],
    types: readonly { readonly dtype: DType; readonly shape: Shape }[],
  ): readonly [Value, ...Value[]] {
    const [first, ...others] = types.map(({ dtype, shape }): Value => ({ name: freshName(), dtype, shape }));
    if (first === undefined) throw new Error(`${op} has no output`);
    const inputs = operands.map((operand) => (operand === null ? null : valueOf(operand)));
    const outputs = [first, ...others] as const;
    nodes.push(nodeOf({ op, inputs, outputs, attributes, source }));
    return outputs;
  }

  /** The same of an operator with one output. */
  const single = <K extends Op>(
    op: K,
    operands: readonly (Operand | null)[],
    attributes: Operators[K],
    dtype: DType,
    shape: Shape,
  ): Value => apply(op, operands, attributes, [{ dtype, shape }])[0];

  return {
    constant,
    scalar,
    valueOf,
    apply,
    single,
    /** Appends a node as it is: its outputs keep their names, which the caller reserved. */
    append(node: Node): void {
      nodes.push(node);
    },
    /** A further input of the graph. */
    input(name: string, dtype: DType, shape: Shape): Value {
      if (taken.has(name)) throw new Error(`the graph has a value named ${name} already`);
      taken.add(name);
      const value: Value = { name, dtype, shape };
      inputs.push(value);
      return value;
    },
    /** Nodes appended from here on carry this origin, so that errors and profiles can name it. */
    from(origin: Source | undefined): void {
      source = origin;
    },
    /** The graph as extended so far. */
    build: (outputs: readonly Value[]): Graph => ({
      inputs: [...inputs],
      nodes: [...nodes],
      outputs,
      constants: new Map(constants),
    }),
  };
}

export type Writer = ReturnType<typeof writeOnto>;
