import { ErfitError, messageOf } from "../math/error.ts";
import type { Tensor } from "../math/tensor.ts";

/**
 * Runs an ONNX model (its file's bytes) and returns all of its outputs by name. Passed in: this folder never imports a
 * runtime. `purpose` completes "erfit runs the model to ...", for messages.
 */
export type RunModel = (
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  purpose: string,
) => Promise<Readonly<Record<string, Tensor>>>;

/** The same runtime, whose failures name the file. */
export const runsFor =
  (file: string, run: RunModel): RunModel =>
  async (model, feeds, purpose) => {
    try {
      return await run(model, feeds, purpose);
    } catch (cause) {
      if (cause instanceof ErfitError) throw cause;
      const words = messageOf(cause).replaceAll(/\s+/g, " ");
      throw new ErfitError(`${file}: the model does not run, which erfit does to ${purpose}: ${words}`, {
        cause,
      });
    }
  };
