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
    options: {
      readonly kind?: ErrorKind;
      readonly remedy?: string | undefined;
      readonly cause?: unknown;
    } = {},
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

/** Its first line: libraries append a stack, or advice. */
export const firstLineOf = (thrown: unknown): string => messageOf(thrown).replace(/\n.*$/s, "");

/**
 * How a message names an option: below the front ends nothing knows whether options are flags or properties, so a message
 * carries the option's key (in characters of the private use area), and each front end writes it as its users do.
 */
const [open, between, close] = ["\uE000", "\uE001", "\uE002"];
const marked = new RegExp(`${open}([^${close}${between}]*)(?:${between}([^${close}]*))?${close}`, "gu");

/** An option in a message, with the value it has or should have: `optionText("inputShape", "1,3,224,224")`. */
export const optionText = (key: string, value?: string | number): string =>
  `${open}${key}${value === undefined ? "" : `${between}${value}`}${close}`;

/** As the library's users write it: `inputShape` or `inputShape: 1,3,224,224`. */
export const inLibrary = (text: string): string =>
  text.replace(marked, (_, key: string, value?: string) => (value === undefined ? key : `${key}: ${value}`));

/** As the command line has it: `--input-shape` or `--input-shape 1,3,224,224`. */
export const onCommandLine = (text: string): string =>
  text.replace(
    marked,
    (_, key: string, value?: string) => `--${kebab(key)}${value === undefined ? "" : ` ${value}`}`,
  );

/** `inputShape` -> `input-shape`. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Control characters, and those that turn the direction of writing: what a terminal obeys and a reader does not see. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const written = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The same text on one line, with `\u001b` for an escape character: names in a file are anyone's. */
export const visible = (text: string): string => text.replaceAll(unseen, written);

/** The same for text of several lines, which its writer laid out. */
export const visibleLines = (text: string): string =>
  text.replaceAll(unseen, (character) =>
    character === "\n" || character === "\t" ? character : written(character),
  );

/** The first few names, and how many more there are, of `count` in all. */
export const listed = (names: readonly string[], most = 5, count = names.length): string =>
  count <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${count - most} more`;
