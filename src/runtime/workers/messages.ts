import { ErfitError, messageOf, type ErrorKind } from "../../core/error.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { SessionOptions } from "../onnxruntime.ts";

/** What a worker runs. */
export interface Assignment extends SessionOptions {
  /** Path of the model that it runs. */
  readonly model: string;
  readonly purpose: string;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** An error on its way between threads, where classes are lost. */
interface Failure {
  readonly message: string;
  readonly kind: ErrorKind;
  readonly remedy: string | undefined;
}

/** What a worker is told to do. */
export type Order = { readonly load: Assignment } | { readonly feeds: Tensors };

/** What it answers: nothing but that its session is loaded, or the outputs of a run. */
export type Answer = { readonly tensors: Tensors } | { readonly failure: Failure };

export const failureOf = (thrown: unknown): Failure =>
  thrown instanceof ErfitError
    ? { message: thrown.message, kind: thrown.kind, remedy: thrown.remedy }
    : { message: messageOf(thrown), kind: "failure", remedy: undefined };

export const errorOf = ({ message, kind, remedy }: Failure): ErfitError =>
  new ErfitError(message, remedy === undefined ? { kind } : { kind, remedy });
