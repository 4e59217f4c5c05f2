import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { withProgress } from "../../src/cli/progress.ts";

/** A stream that passes for a terminal, and what was written to it. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  const written: string[] = [];
  stream.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => written.join("") };
}

describe("a progress bar", () => {
  it("ends with work that fails: the cursor comes back, and no timer is left", async () => {
    const { stream, text } = terminal();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const work = async (update: (done: number, total: number, remark: string) => void): Promise<never> => {
      update(1, 3, "cat.jpg");
      await Promise.resolve();
      expect(timers()).toBeGreaterThan(before);
      throw new Error("the engine broke");
    };
    await expect(withProgress("probing", false, work, stream)).rejects.toThrow("the engine broke");
    expect(timers()).toBe(before);
    expect(text()).toContain("\u001b[?25h");
  });

  it("prints no control character of a file's name", async () => {
    const { stream, text } = terminal();
    await withProgress(
      "probing",
      false,
      (update) => {
        update(1, 3, "cat\u0007.jpg");
        return Promise.resolve();
      },
      stream,
    );
    expect(text()).toContain(String.raw`cat\u0007.jpg`);
  });
});

describe("progress where there is no terminal", () => {
  it("is a line now and then, with the time left and the remark of the moment", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { stream, text } = terminal();
    stream.isTTY = false;
    await withProgress(
      "probing",
      false,
      (update) => {
        for (const done of [1, 2, 3, 4]) {
          vi.advanceTimersByTime(6000);
          update(done, 6, `sigma 3${done} ± 2 · cat\u0007.jpg`);
        }
        return Promise.resolve();
      },
      stream,
    );
    expect(text().split("\n")).toEqual([
      String.raw`probing 2/6, about 24 s left · sigma 32 ± 2 · cat\u0007.jpg`,
      String.raw`probing 4/6, about 12 s left · sigma 34 ± 2 · cat\u0007.jpg`,
      "",
    ]);
  });
});
