import { Stopped } from "../cam/passes.ts";
import { ErfitError } from "../core/error.ts";

/**
 * Long work, started by its first use. `await` it for the result, loop over it with `for await` for its steps, or both: the
 * uses of one run share one execution. A loop begun later sees the steps from there on.
 *
 * Leaving the loop early (`break`, `return`, an exception) ends the work and closes what it had open; to await such a run
 * throws. An `AbortSignal` that was given ends it after the image under way (of `cam` and `evaluate` within it, after the pass under way), and the run fails with the signal's reason.
 */
export interface Run<Step, Result> extends AsyncIterable<Step>, PromiseLike<Result> {}

/** What a run answers to, beside its user. */
export interface RunOwner {
  /** Takes the means to end the run; @returns what to call once it has ended by itself */
  readonly started: (stop: (reason: unknown) => Promise<void>) => () => void;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly owner?: RunOwner | undefined;
}

/** A place in a run: a step and the place behind it, or the result. Whoever reaches it first makes it happen. */
type Place<Step, Result> = () => Promise<Reached<Step, Result>>;

type Reached<Step, Result> =
  | { readonly done: false; readonly step: Step; readonly next: Place<Step, Result> }
  | { readonly done: true; readonly result: Result };

/**
 * @param open begins the work; the steps are asked for one at a time, and thrown at to be ended early. Work whose steps are long
 * may ask on its way whether it is to end, and then throw whatever it likes.
 */
export function runOf<Step, Result>(
  open: (isStopping: () => boolean) => AsyncGenerator<Step, Result, void>,
  { signal, owner }: RunOptions = {},
): Run<Step, Result> {
  let work: AsyncGenerator<Step, Result, void> | undefined;
  let ended: (() => void) | undefined;
  let stopped: { readonly reason: unknown } | null = null;

  const isStopping = (): boolean => stopped !== null || signal?.aborted === true;

  const begun = (): AsyncGenerator<Step, Result, void> => {
    ended ??= owner?.started(stop);
    return (work ??= open(isStopping));
  };

  /** Ends the work where it was asked to end; its own last words do not matter then. */
  async function endIfAsked(): Promise<void> {
    if (stopped === null && signal?.aborted === true) stopped = { reason: signal.reason };
    if (stopped === null) return;
    await begun()
      .throw(stopped.reason)
      .catch(() => undefined);
    throw stopped.reason;
  }

  async function advance(): Promise<Reached<Step, Result>> {
    try {
      await endIfAsked();
      const { done, value } = await begun().next();
      if (done === true) {
        ended?.();
        return { done, result: value };
      }
      await endIfAsked();
      return { done: false, step: value, next: (latest = place()) };
    } catch (thrown) {
      ended?.();
      throw reasonOf(thrown);
    }
  }

  /** Why the run ended: what it was stopped for, where it stopped itself on its way. */
  function reasonOf(thrown: unknown): unknown {
    if (!(thrown instanceof Stopped)) return thrown;
    return stopped === null ? signal?.reason : stopped.reason;
  }

  function place(): Place<Step, Result> {
    let reached: Promise<Reached<Step, Result>> | undefined;
    return () => {
      reached ??= advance();
      reached.catch(() => undefined); // whoever awaits it gets the error; nobody else needs it
      return reached;
    };
  }

  let latest = place();

  async function stop(reason: unknown): Promise<void> {
    stopped ??= { reason };
    await latest().catch(() => undefined);
  }

  async function toTheEnd(): Promise<Result> {
    for (let at = latest; ;) {
      const reached = await at();
      if (reached.done) return reached.result;
      at = reached.next;
    }
  }
  let outcome: Promise<Result> | undefined;

  return {
    then(fulfilled, rejected) {
      outcome ??= toTheEnd();
      return outcome.then(fulfilled, rejected);
    },
    [Symbol.asyncIterator]() {
      let at: Promise<Place<Step, Result> | null> = Promise.resolve(latest);
      const over = { done: true, value: undefined } as const;
      return {
        async next() {
          const reaching = at.then((here) => here?.());
          at = reaching.then(
            (reached) => (reached === undefined || reached.done ? null : reached.next),
            () => null,
          );
          const reached = await reaching;
          return reached === undefined || reached.done ? over : { done: false, value: reached.step };
        },
        async return() {
          at = Promise.resolve(null);
          await stop(new ErfitError("the run was left before its end", { kind: "failure" }));
          return over;
        },
      };
    },
  };
}

/** The same work with each of its steps mapped. */
export async function* mapped<Step, Mapped, Result>(
  work: AsyncGenerator<Step, Result, void>,
  map: (step: Step) => Mapped,
): AsyncGenerator<Mapped, Result, void> {
  try {
    for (;;) {
      const step = await work.next();
      if (step.done === true) return step.value;
      yield map(step.value);
    }
  } catch (thrown) {
    await work.throw(thrown);
    throw thrown;
  }
}
