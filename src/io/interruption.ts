import { ErfitError } from "../core/error.ts";

/** Exit codes as shells give them: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
export type Interrupting = keyof typeof exitCodes;
const signals: readonly Interrupting[] = ["SIGINT", "SIGTERM"];

/** A run that ended where it was asked to. */
export class Interrupted extends ErfitError {
  readonly exitCode: number;

  constructor(signal: Interrupting, message: string, remedy: string) {
    super(message, { kind: "failure", remedy });
    this.exitCode = exitCodes[signal];
  }
}

/** Whether the work was asked to end, and by what. */
export type Interruption = () => Interrupting | null;

const showCursor = "\x1b[?25h";

/**
 * Lets the work finish what it is at when the process is asked to end. A second time, the process ends at once, as it would
 * without this: the work may hang.
 */
export async function interruptible<T>(work: (interruption: Interruption) => Promise<T>): Promise<T> {
  let asked: Interrupting | null = null;
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (asked === null) asked = signal;
      else leave(signal);
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  const stop = () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
  const leave = (signal: Interrupting) => {
    stop();
    if (process.stderr.isTTY) process.stderr.write(showCursor); // a progress bar hides it
    process.kill(process.pid, signal);
  };
  try {
    return await work(() => asked);
  } finally {
    stop();
  }
}

/**
 * Ends a run that keeps what it has done image by image, once an image is done.
 * @throws Interrupted where it was asked to
 */
export function leaveIfAsked(interruption: Interruption, done: number, of: number, folder: string): void {
  const signal = interruption();
  if (signal === null) return;
  throw new Interrupted(
    signal,
    `ended by ${signal}: ${done} of ${of} photographs are done, their results kept in ${folder}`,
    "the same command resumes the run",
  );
}
