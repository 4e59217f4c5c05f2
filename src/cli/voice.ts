/** How a command speaks: results to stdout, words to stderr; with `--json`, one document to stdout and words to stderr. */
export interface Voice {
  /** A remark for people: always stderr. */
  readonly note: (text: string) => void;
  /** The command's result: as text for people, or as one JSON document (then the text goes to stderr). */
  readonly result: (text: string, document: unknown) => void;
  /** Only what a program reads; without `--json`, nothing. */
  readonly document: (document: unknown) => void;
}

export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** What cannot be printed: control characters that a file name or model may carry would drive the terminal. */
const controls = /[^\P{Cc}\n\t]/gu;

export const printable = (text: string): string => text.replace(controls, "\uFFFD");

export function createVoice(json: boolean, quiet: boolean, { stdout, stderr }: Streams = process): Voice {
  const writeDocument = (document: unknown): void => {
    if (json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  };
  return {
    document: writeDocument,
    note: (text) => {
      if (!quiet) stderr.write(`${printable(text)}\n`);
    },
    result: (text, document) => {
      writeDocument(document);
      (json ? stderr : stdout).write(json && quiet ? "" : `${printable(text)}\n`);
    },
  };
}
