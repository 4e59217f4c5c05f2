import { gradientGraph } from "../../../src/autodiff/gradient.ts";
import type { pullbacks } from "../../../src/autodiff/pullbacks/table.ts";
import { createSession, type Session } from "../../../src/runtime/onnxruntime.ts";
import { extend, type Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { random } from "../../../src/core/random.ts";
import { float32, sizeOf, type Shape, type Tensor } from "../../../src/core/tensor.ts";
import { exportModel } from "../../../src/onnx/export.ts";

export interface Variable {
  readonly shape: Shape;
  /** Maps a uniform number to an element; by default onto [-1, 1]. Keep clear of kinks. */
  readonly element?: (u: number) => number;
}

export interface Case {
  /** What is differentiated; every variable is an input of the graph. */
  readonly variables: readonly Variable[];
  readonly build: (g: Builder, ...variables: readonly Value[]) => Value;
  /** Which variables a gradient is asked for; all by default. */
  readonly differentiable?: readonly number[];
}

const empty: Graph = { inputs: [], nodes: [], outputs: [], constants: new Map() };

const dot = (a: Float32Array, b: Float32Array | Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

async function session(graph: Graph): Promise<Session> {
  return createSession(exportModel(graph), "a test", { threads: 1, optimization: "all" });
}

const only = (outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array => {
  const tensor = outputs[name];
  if (tensor?.dtype !== "float32") throw new Error(`no float32 output ${name}`);
  return tensor.data;
};

/**
 * Largest relative difference between the pullback and finite differences, over the variables and over two directions:
 * along the gradient itself (where rounding weighs least) and a random one. Central differences, Richardson extrapolated.
 */
export async function vectorCheck(
  { variables, build, differentiable }: Case,
  table?: typeof pullbacks,
): Promise<number> {
  const next = random(7);
  const g = extend(empty);
  const inputs = variables.map(({ shape }, k) => g.input(`x${k}`, "float32", shape));
  const y = build(g, ...inputs);
  const graph = g.build([y]);
  const at = variables.map(({ shape, element = (u) => 2 * u - 1 }) =>
    Float32Array.from({ length: sizeOf(shape) }, () => element(next())),
  );
  const weights = Float32Array.from({ length: sizeOf(y.shape) }, () => 2 * next() - 1);
  const feeds = (values: readonly Float32Array[]): Record<string, Tensor> =>
    Object.fromEntries(
      variables.map(({ shape }, k) => [`x${k}`, float32(shape, values[k] ?? new Float32Array())]),
    );

  const forward = await session(graph);
  const objective = async (values: readonly Float32Array[]) =>
    dot(weights, only(await forward.run(feeds(values)), y.name));

  let worst = 0;
  for (const [k, input] of inputs.entries()) {
    if (differentiable !== undefined && !differentiable.includes(k)) continue;
    const { graph: program, gradient } = gradientGraph(
      graph,
      { target: y, objective: { kind: "cotangent", name: "v" }, withRespectTo: input },
      table,
    );
    const backward = await session(program);
    const wanted = new Set(program.inputs.map(({ name }) => name));
    const all: Record<string, Tensor> = { ...feeds(at), v: float32(y.shape, weights) };
    const d = only(
      await backward.run(Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name)))),
      gradient.name,
    );
    await backward.release();

    const size = Math.sqrt(dot(d, d) / d.length) || 1;
    const directions = [d.map((value) => value / size), Float32Array.from(d, () => 2 * next() - 1)];
    for (const direction of directions) {
      const moved = (h: number) =>
        at.map((values, j) => (j === k ? values.map((value, i) => value + h * (direction[i] ?? 0)) : values));
      const central = async (h: number) =>
        ((await objective(moved(h))) - (await objective(moved(-h)))) / (2 * h);
      const [coarse, fine] = [await central(0.02), await central(0.01)];
      const numeric = (4 * fine - coarse) / 3;
      const scale = Math.sqrt(dot(d, d) * dot(direction, direction)) || 1;
      worst = Math.max(worst, Math.abs(numeric - dot(d, direction)) / scale);
    }
  }
  await forward.release();
  return worst;
}
