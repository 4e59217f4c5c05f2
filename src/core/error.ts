import { visible } from "./visible.ts";

/** Whose move it is: `input` = the user can mend it (exit code 2), `failure` = something broke (exit code 1). */
export type ErrorKind = "input" | "failure";

/**
 * The one error a user can meet. The message is one line that names the file, node or option, what was expected and
 * what was found; `remedy` says what to try. Both may quote names from a file: control characters in them become visible.
 */
export class ErfitError extends Error {
  override readonly name = "ErfitError";
  readonly kind: ErrorKind;
  readonly remedy: string | undefined;

  constructor(
    message: string,
    options: { readonly kind?: ErrorKind; readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super(visible(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind ?? "input";
    this.remedy = options.remedy === undefined ? undefined : visible(options.remedy);
  }
}

/** The error's own words, whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
