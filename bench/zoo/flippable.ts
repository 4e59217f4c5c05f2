import { fastGradient } from "../../src/runtime/rewrites/fast-gradient.ts";
import type { GradientRequest } from "../../src/autodiff/gradient.ts";
import type { Application } from "../../src/autodiff/pullbacks/pullback.ts";
import { pullbacks } from "../../src/autodiff/pullbacks/table.ts";
import type { Builder } from "../../src/graph/builder.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import type { Operators } from "../../src/graph/operators.ts";
import { windowsOf } from "./windows.ts";

type Gate = "Relu" | "Clip" | "HardSigmoid" | "HardSwish";

/** A function in pieces: where they meet, and the slope on each. */
interface Pieces {
  readonly kinks: readonly number[];
  readonly slopes: readonly ((x: number) => number)[];
}

const flat = (slope: number) => (): number => slope;

const pieces: { readonly [K in Gate]: (attributes: Operators[K]) => Pieces } = {
  Relu: () => ({ kinks: [0], slopes: [flat(0), flat(1)] }),
  Clip: ({ min, max }) => ({
    kinks: [min, max].filter(Number.isFinite),
    slopes: [...(Number.isFinite(min) ? [flat(0)] : []), flat(1), flat(0)],
  }),
  HardSigmoid: ({ alpha, beta }) => ({
    kinks: [-beta / alpha, (1 - beta) / alpha],
    slopes: [flat(0), flat(alpha), flat(0)],
  }),
  HardSwish: () => ({ kinks: [-3, 3], slopes: [flat(0), (x) => x / 3 + 0.5, flat(1)] }),
};

/** An operator that decides at every element which derivative it has, and how that changes where it decides otherwise. */
export interface Chooser {
  readonly operator: Gate | "MaxPool";
  readonly x: Value;
  /** Input of the gradient graph, shaped like the output; zero leaves an element's derivative as it is. */
  readonly change: Value & { readonly dtype: "float32" | "int32" };
  /** One number an element: the piece, or the position in the window. `export.py` counts them alike. */
  readonly decided: (x: Float32Array) => Uint8Array;
  /** From an element's decision to another: the change, and how far the element is from where the two meet. */
  readonly flip: (x: Float32Array, element: number, to: number) => { change: number; distance: number };
}

interface FlippableGradient {
  /** Its only output is the gradient. */
  readonly graph: Graph;
  readonly gradient: Value;
  readonly choosers: readonly Chooser[];
}

const changeOf = <D extends "float32" | "int32">({ name, shape }: Value, dtype: D) => ({
  name: `change of ${name}`,
  dtype,
  shape,
});

function gateChooser(operator: Gate, { x: [x], y }: Application<Gate>, { kinks, slopes }: Pieces): Chooser {
  const pieceAt = (value: number) => kinks.reduce((below, kink) => (value > kink ? below + 1 : below), 0);
  const slope = (piece: number, value: number) => slopes[piece]?.(value) ?? NaN;
  return {
    operator,
    x,
    change: changeOf(y, "float32"),
    decided: (elements) => Uint8Array.from(elements, pieceAt),
    flip(elements, element, to) {
      const value = elements[element] ?? NaN;
      const from = pieceAt(value);
      return {
        change: slope(to, value) - slope(from, value),
        distance: Math.abs(value - (kinks[Math.min(from, to)] ?? NaN)),
      };
    },
  };
}

function poolChooser({ x: [x], y, attributes }: Application<"MaxPool">): Chooser {
  const { largest, largestOf, index } = windowsOf(x.shape, y.shape, attributes);
  return {
    operator: "MaxPool",
    x,
    change: changeOf(y, "int32"),
    decided: largest,
    flip(elements, element, to) {
      const [was, is] = [largestOf(elements, element), to].map((position) => index(element, position));
      if (was === undefined || is === undefined) throw new Error("padding is never the largest");
      return { change: is - was, distance: Math.abs((elements[was] ?? NaN) - (elements[is] ?? NaN)) };
    },
  };
}

/**
 * The gradient graph in which every decision of a ReLU, Clip, HardSigmoid, HardSwish or max pool can be taken the other
 * way, by feeding `change`. erfit's own rules run at every element; the forward pass stays as it is, bit for bit.
 */
export function flippableGradient(graph: Graph, request: GradientRequest): FlippableGradient {
  const choosers: Chooser[] = [];
  const enter = (g: Builder, chooser: Chooser): Value => {
    choosers.push(chooser);
    return g.input(chooser.change.name, chooser.change.dtype, chooser.change.shape);
  };
  const gate = (g: Builder, chooser: Chooser, { dy }: Application<Gate>, own: readonly (Value | null)[]) => {
    const other = g.mul(enter(g, chooser), dy);
    return own.map((dx) => (dx === null ? other : g.add(dx, other)));
  };
  const table: typeof pullbacks = {
    ...pullbacks,
    Relu: (g, a) => gate(g, gateChooser("Relu", a, pieces.Relu(a.attributes)), a, pullbacks.Relu(g, a)),
    Clip: (g, a) => gate(g, gateChooser("Clip", a, pieces.Clip(a.attributes)), a, pullbacks.Clip(g, a)),
    HardSigmoid: (g, a) =>
      gate(
        g,
        gateChooser("HardSigmoid", a, pieces.HardSigmoid(a.attributes)),
        a,
        pullbacks.HardSigmoid(g, a),
      ),
    HardSwish: (g, a) =>
      gate(g, gateChooser("HardSwish", a, pieces.HardSwish(a.attributes)), a, pullbacks.HardSwish(g, a)),
    MaxPool: (g, a) => {
      const [y, indices] = a.outputs;
      if (indices === undefined) throw new Error("a max pool without its indices");
      const shift = g.cast(enter(g, poolChooser(a)), "int64");
      return pullbacks.MaxPool(g, { ...a, outputs: [y, g.add(indices, shift)] });
    },
  };
  const { graph: program, gradient } = fastGradient(graph, request, table);
  return { graph: program, gradient, choosers };
}
