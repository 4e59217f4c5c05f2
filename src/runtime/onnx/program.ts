import type { Graph } from "../../graph/graph.ts";
import { ErfitError } from "../../core/error.ts";
import { sameShape, type Tensor } from "../../core/tensor.ts";
import { exportModel } from "../../onnx/export.ts";
import { createSession } from "../onnxruntime.ts";
import { divided } from "../workers/division.ts";
import { openPool } from "../workers/pool.ts";

/** A graph made ready to run, image after image. */
interface OnnxProgram {
  /** Runs that are computed at the same time; more wait for their turn. */
  readonly simultaneous: number;
  /** Takes the graph's inputs by name, and more; @returns its outputs, in their order */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<readonly Tensor[]>;
  release(): Promise<void>;
}

interface ProgramOptions {
  /** What the program computes, for messages. */
  readonly purpose: string;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
  /** Programs that run side by side, this one among them. */
  readonly programs?: number;
  /** Runs that are to come. */
  readonly images: number;
}

/** Loads a graph into ONNX Runtime: into one session for one image, into one for each thread for several. */
export async function openProgram(
  graph: Graph,
  { purpose, threads, programs = 1, images }: ProgramOptions,
): Promise<OnnxProgram> {
  // One image has all threads inside each operator, and the caller waits for it anyway.
  const division = divided(graph, threads, images, programs);
  // Beside others even one session needs a thread of its own, or they would wait for each other.
  const pooled =
    images > 1 && (division.sessions * division.threadsEach > 1 || (programs > 1 && threads !== 1));
  const session = pooled
    ? await openPool(graph, purpose, division)
    : await createSession(exportModel(graph), purpose, { threads, optimization: "all" });

  /** What the graph reads of the feeds: a gradient need not depend on the image. */
  const read = (feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(
      graph.inputs.map(({ name, shape }) => {
        const tensor = feeds[name];
        if (tensor !== undefined && sameShape(tensor.shape, shape)) return [name, tensor];
        throw new ErfitError(
          `${purpose} reads "${name}" of shape [${shape.join(", ")}], found ${tensor === undefined ? "none" : `[${tensor.shape.join(", ")}]`}`,
        );
      }),
    );
  return {
    simultaneous: pooled ? division.sessions : 1,
    async run(feeds) {
      const results = await session.run(read(feeds));
      return graph.outputs.map(({ name }) => {
        const tensor = results[name];
        if (tensor === undefined)
          throw new ErfitError(`ONNX Runtime returned no "${name}"`, { kind: "failure" });
        return tensor;
      });
    },
    release: () => session.release(),
  };
}
