import { inLibrary } from "./option-text.ts";
import { visible } from "./visible.ts";

/** Who must act: `input` = the user can fix it (exit code 2), `failure` = something broke (exit code 1). */
export type ErrorKind = "input" | "failure";

/**
 * The one error a user can meet. The message is one line that names the file, node or option, what was expected and
 * what was found; `remedy` is what to try. Both may quote names from a file: control characters in them become visible.
 * Options in them are written by `optionText`; `message` and `remedy` read as the library's users write them.
 */
export class ErfitError extends Error {
  override readonly name = "ErfitError";
  readonly kind: ErrorKind;
  readonly remedy: string | undefined;
  /** Message and remedy with their options marked, for a front end that writes them its own way. @internal */
  readonly marked: { readonly message: string; readonly remedy: string | undefined };

  constructor(
    message: string,
    options: { readonly kind?: ErrorKind; readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    const remedy = options.remedy === undefined ? undefined : visible(options.remedy);
    super(inLibrary(visible(message)), options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind ?? "input";
    this.marked = { message: visible(message), remedy };
    this.remedy = remedy === undefined ? undefined : inLibrary(remedy);
  }
}

/** The message of whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
