import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inOrder } from "../../src/io/in-order.ts";

async function* from<T>(items: readonly T[]): AsyncGenerator<T, void> {
  for (const item of items) yield await Promise.resolve(item);
}

async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

describe("inOrder", () => {
  it("keeps the order and the limit, however long each item takes", async () => {
    const delays = fc.array(fc.nat(30), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(delays, fc.integer({ min: 1, max: 5 }), async (durations, simultaneous) => {
        let [running, most] = [0, 0];
        const items = from(durations.map((duration, index) => ({ duration, index })));
        const steps = inOrder(items, simultaneous, async ({ duration, index }) => {
          most = Math.max(most, ++running);
          await turns(duration);
          running--;
          return index;
        });
        expect(await collected(steps)).toEqual(durations.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(simultaneous);
        expect(running).toBe(0);
      }),
    );
  });

  it("works on several items at once", async () => {
    let release = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      release = resolve;
    });
    // The first item waits for the second one.
    const steps = inOrder(from([0, 1]), 2, async (item) => {
      if (item === 0) await opened;
      else release();
      return item;
    });
    await expect(collected(steps)).resolves.toEqual([0, 1]);
  });

  it("waits for what is under way when one fails, and when the caller leaves", async () => {
    let finished = 0;
    const work = async (item: number): Promise<number> => {
      if (item === 1) throw new Error("the second one");
      await turns(50);
      finished++;
      return item;
    };
    await expect(collected(inOrder(from([1, 2, 3]), 3, work))).rejects.toThrow("the second one");
    expect(finished).toBe(2);

    for await (const item of inOrder(from([0, 2, 3]), 3, work)) {
      expect(item).toBe(0);
      break;
    }
    expect(finished).toBe(5);
  });
});
