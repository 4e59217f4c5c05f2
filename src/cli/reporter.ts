import { ErfitError, onCommandLine, visibleLines, type ErrorKind } from "../core/error.ts";

/**
 * How a command speaks: results to stdout, remarks to stderr. With `--json` stdout has one document and nothing else. With
 * `--quiet` there are errors alone, and of a command that writes files nothing on stdout; the document, and the answer of a
 * command that writes none, are what was asked for and stay.
 */
export interface Reporter {
  /** A remark for people: always stderr. */
  readonly info: (text: string) => void;
  /** What a command that writes files made: as text for people, or as one JSON document. */
  readonly result: (text: string, document: unknown) => void;
  /** What a command was run to print, in the same two forms. */
  readonly answer: (text: string, document: unknown) => void;
  /** A picture in colors for a terminal that has them; never into a pipe, a file, or between a program's lines. */
  readonly picture: (draw: (terminal: Terminal) => string) => void;
  /** Only what a program reads; without `--json`, nothing. */
  readonly document: (document: unknown) => void;
}

/** What a picture can use: characters in a line, and bits of color (8 or 24). */
export interface Terminal {
  readonly columns: number;
  readonly colorBits: 8 | 24;
}

/** A stream that may be a terminal. */
interface Screen extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  getColorDepth?(): number;
}

export interface Streams {
  readonly stdout: Screen;
  readonly stderr: NodeJS.WritableStream;
}

/** The terminal behind a stream; undefined where it is none, or where colors are not wanted (no-color.org). */
function terminalOf({ isTTY, columns }: Screen, noColor: boolean, depth: number): Terminal | undefined {
  if (isTTY !== true || noColor || depth < 8) return undefined;
  return { columns: columns ?? 80, colorBits: depth >= 24 ? 24 : 8 };
}

/** JSON leaves as they are some characters that a terminal obeys; in its strings they may be written out. */
export const jsonText = (document: unknown): string => visibleLines(JSON.stringify(document, null, 2));

export function createReporter(
  json: boolean,
  quiet: boolean,
  { stdout, stderr }: Streams = process,
): Reporter {
  const writeDocument = (document: unknown): void => {
    if (json) stdout.write(`${jsonText(document)}\n`);
  };
  const writeText = (text: string): void => {
    stdout.write(`${visibleLines(onCommandLine(text))}\n`);
  };
  const noColor = (process.env["NO_COLOR"] ?? "") !== "";
  return {
    picture: (draw) => {
      const terminal = json || quiet ? undefined : terminalOf(stdout, noColor, stdout.getColorDepth?.() ?? 1);
      if (terminal !== undefined) stdout.write(draw(terminal));
    },
    document: writeDocument,
    info: (text) => {
      if (!quiet) stderr.write(`${visibleLines(onCommandLine(text))}\n`);
    },
    result: (text, document) => {
      if (json) writeDocument(document);
      else if (!quiet) writeText(text);
    },
    answer: (text, document) => {
      if (json) writeDocument(document);
      else writeText(text);
    },
  };
}

/** What a program reads of a failure in place of a result. */
export const failureDocument = (failure: Failure): unknown => ({ error: failure });

export interface Failure {
  readonly message: string;
  readonly remedy: string | null;
  /** "input": the user can fix it; "failure": something failed. */
  readonly kind: ErrorKind;
  readonly exitCode: number;
}

/** A failure whose document was printed already. */
export class Documented extends ErfitError {}
