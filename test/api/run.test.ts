import { describe, expect, it } from "vitest";
import { mapped, runOf } from "../../src/api/run.ts";

const immediate = () => new Promise((resolve) => setImmediate(resolve));

interface Counting {
  readonly log: string[];
  readonly open: () => AsyncGenerator<number, string, void>;
}

/** Work that counts to `to`, and keeps a record of what happens to it. */
function counting(to: number): Counting {
  const log: string[] = [];
  return {
    log,
    open: async function* () {
      log.push("begun");
      try {
        for (let k = 1; k <= to; k++) {
          await immediate();
          log.push(`made ${k}`);
          yield k;
        }
        return "result";
      } finally {
        await Promise.resolve();
        log.push("released");
      }
    },
  };
}

const stepsOf = async <T>(run: AsyncIterable<T>): Promise<readonly T[]> => {
  const steps: T[] = [];
  for await (const step of run) steps.push(step);
  return steps;
};

describe("a run", () => {
  it("begins with its first use, and not before", async () => {
    const { log, open } = counting(2);
    const run = runOf(open);
    await immediate();
    expect(log).toEqual([]);
    expect(await run).toBe("result");
    expect(log).toEqual(["begun", "made 1", "made 2", "released"]);
  });

  it("makes a step when it is asked for: nothing runs ahead of the loop", async () => {
    const { log, open } = counting(3);
    for await (const step of runOf(open)) {
      await immediate();
      expect(log.at(-1)).toBe(`made ${step}`);
    }
  });

  it("is one execution, whether it is awaited, looped over, or both at once", async () => {
    const { log, open } = counting(3);
    const run = runOf(open);
    const [result, first, second] = await Promise.all([run, stepsOf(run), stepsOf(run)]);
    expect({ result, first, second }).toEqual({ result: "result", first: [1, 2, 3], second: [1, 2, 3] });
    expect([await run, await stepsOf(run)]).toEqual(["result", []]);
    expect(log.filter((event) => event === "begun")).toHaveLength(1);
  });

  it("shows a loop that begins later the steps from there on", async () => {
    const run = runOf(counting(3).open);
    const early = run[Symbol.asyncIterator]();
    expect(await early.next()).toEqual({ done: false, value: 1 });
    expect(await stepsOf(run)).toEqual([2, 3]);
    expect(await early.next()).toEqual({ done: false, value: 2 });
  });

  it("gives an iterator that is asked twice at once two steps", async () => {
    const steps = runOf(counting(2).open)[Symbol.asyncIterator]();
    const [one, two, three] = await Promise.all([steps.next(), steps.next(), steps.next()]);
    expect([one.value, two.value, three.done]).toEqual([1, 2, true]);
  });

  it("that is left is released before the loop is over; to await it then throws", async () => {
    const { log, open } = counting(5);
    const run = runOf(open);
    for await (const step of run) if (step === 2) break;
    expect(log).toEqual(["begun", "made 1", "made 2", "released"]);
    await expect(run).rejects.toThrow("the run was left before its end");
    await expect(stepsOf(run)).rejects.toThrow("left");
  });

  it("that is left while somebody waits for its result fails for them", async () => {
    const run = runOf(counting(1000).open);
    const waiting = expect(run).rejects.toThrow("left");
    for await (const step of run) if (step === 2) break;
    await waiting;
  });

  it("fails with what its work throws, for all who use it", async () => {
    const run = runOf(async function* () {
      yield await Promise.resolve(1);
      throw new Error("broken");
    });
    const outcomes = await Promise.allSettled([run, stepsOf(run), run]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "rejected", "rejected"]);
    await expect(run).rejects.toThrow("broken");
  });

  it("keeps its failure to those who look at it: a loop alone leaves no rejection unhandled", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const failing = () =>
      runOf(async function* () {
        yield await Promise.resolve(1);
        throw new Error("broken");
      });
    await expect(stepsOf(failing())).rejects.toThrow("broken");
    for await (const step of failing()) if (step === 1) break;
    failing();
    const aborted = runOf(counting(3).open, { signal: AbortSignal.abort(new Error("no")) });
    await expect(stepsOf(aborted)).rejects.toThrow("no");
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});

describe("a signal", () => {
  it("ends the run after the step under way, with its reason, and everything released", async () => {
    const { log, open } = counting(1000);
    const controller = new AbortController();
    const run = runOf(open, { signal: controller.signal });
    const seen: number[] = [];
    const reason = new Error("enough");
    const looped = async () => {
      for await (const step of run) {
        seen.push(step);
        if (step === 3) controller.abort(reason);
      }
    };
    await expect(looped()).rejects.toBe(reason);
    expect(seen).toEqual([1, 2, 3]);
    expect(log.at(-1)).toBe("released");
    await expect(run).rejects.toBe(reason);
  });

  it("ends a run that is only awaited", async () => {
    const { log, open } = counting(1e9);
    const controller = new AbortController();
    const run = runOf(open, { signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 5);
    await expect(run).rejects.toMatchObject({ name: "AbortError" });
    expect(log.at(-1)).toBe("released");
  });

  it("that was given before lets nothing begin", async () => {
    const { log, open } = counting(3);
    await expect(runOf(open, { signal: AbortSignal.abort("no") })).rejects.toBe("no");
    expect(log).toEqual([]);
  });

  it("that comes after the end changes nothing", async () => {
    const controller = new AbortController();
    const run = runOf(counting(1).open, { signal: controller.signal });
    expect(await run).toBe("result");
    controller.abort();
    expect(await run).toBe("result");
  });
});

it("its owner can end a run, and hears of its end", async () => {
  const { log, open } = counting(1000);
  let stop: (reason: unknown) => Promise<void> = () => Promise.reject(new Error("not begun"));
  const owner = {
    started: (stops: typeof stop) => {
      stop = stops;
      return () => log.push("ended");
    },
  };
  const run = runOf(open, { owner });
  await run[Symbol.asyncIterator]().next();
  await stop(new Error("closed"));
  expect(log).toEqual(["begun", "made 1", "released", "ended"]);
  await expect(run).rejects.toThrow("closed");
});

it("mapped steps are the same work", async () => {
  const { log, open } = counting(3);
  const run = runOf(() => mapped(open(), (step) => `step ${step}`));
  for await (const step of run) if (step === "step 2") break;
  expect(log).toEqual(["begun", "made 1", "made 2", "released"]);
  expect(await runOf(() => mapped(counting(1).open(), String))).toBe("result");
});
