import { ErfitError, messageOf } from "../core/error.ts";
import type { DType, Tensor } from "../core/tensor.ts";

/**
 * Runs an ONNX model (its file's bytes) and returns all of its outputs by name. Passed in: this folder never imports a
 * runtime. `purpose` completes "erfit runs the model to ...", for messages.
 */
export type RunModel = (
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  purpose: string,
) => Promise<Readonly<Record<string, Tensor>>>;

/** What can be said of a tensor before it is computed; open extents are null. */
export interface InferredType {
  /** Undefined for types that graphs do not hold, and for what is no tensor. */
  readonly dtype: DType | undefined;
  readonly shape: readonly (number | null)[];
}

/**
 * Checks a model as the runtime does when it loads one (operators, attributes, types, shapes) and returns what it infers of
 * the outputs, in their order. Nothing is computed.
 */
export type InferTypes = (model: Uint8Array, purpose: string) => Promise<ReadonlyMap<string, InferredType>>;

/** Thrown by a runtime that was built without an operator of the model. */
export class MissingOperator extends ErfitError {}

export interface Runtime {
  readonly run: RunModel;
  readonly infer: InferTypes;
}

/** The same runtime, whose failures name the file. */
export function runtimeFor(file: string, { run, infer }: Runtime): Runtime {
  const named =
    <Arguments extends readonly unknown[], Result>(
      action: (...given: [...Arguments, purpose: string]) => Promise<Result>,
    ) =>
    async (...given: [...Arguments, purpose: string]): Promise<Result> => {
      try {
        return await action(...given);
      } catch (cause) {
        if (cause instanceof ErfitError) throw cause;
        const message = messageOf(cause).replaceAll(/\s+/g, " ");
        const purpose = given.at(-1) as string; // the last argument, as its type says
        throw new ErfitError(`${file}: the model does not run, which erfit does to ${purpose}: ${message}`, {
          cause,
        });
      }
    };
  return { run: named(run), infer: named(infer) };
}
