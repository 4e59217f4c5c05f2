import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { whileLocked } from "../../src/io/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "erfit-lock-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const quick = { beat: 10, patience: 200 };
let count = 0;
const fresh = () => join(folder, `${count++}.state`);
const left = (path: string, text: string) => {
  writeFileSync(`${path}.lock`, text);
};
const holder = (change: object) =>
  JSON.stringify({ host: hostname(), pid: 1, started: null, beat: 0, ...change });
const locked = (path: string, work = () => Promise.resolve("done"), note = vi.fn()) =>
  whileLocked(path, note, work, quick);

describe("a lock", () => {
  it("is there while the work is done, says whose it is, and goes with it", async () => {
    const path = fresh();
    const seen = await locked(path, () => Promise.resolve(readFileSync(`${path}.lock`, "utf8")));
    expect(JSON.parse(seen)).toMatchObject({ host: hostname(), pid: process.pid });
    await expect(locked(path, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it.skipIf(process.platform !== "linux")("keeps a second run out, and names the first", async () => {
    const path = fresh();
    await locked(path, async () => {
      await expect(locked(path)).rejects.toMatchObject({
        kind: "input",
        message: `${path}.lock: another run is at work here: process ${process.pid} on ${hostname()}`,
      });
      return "";
    });
    expect(await locked(path)).toBe("done");
  });

  it("of a killed process is taken over at once, also where its number is used again", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("exit", resolve));
    const note = vi.fn();
    for (const text of [holder({ pid: child.pid }), holder({ pid: process.pid, started: "1" })]) {
      const path = fresh();
      left(path, text);
      expect(await locked(path, undefined, note)).toBe("done");
    }
    expect(note).not.toHaveBeenCalled();
  });

  it.each([
    ["of another machine", holder({ host: "elsewhere" })],
    ["that was cut short", '{"host":"else'],
  ])("%s is taken over once it shows no life", async (_, text) => {
    const path = fresh();
    left(path, text);
    const note = vi.fn();
    expect(await locked(path, undefined, note)).toBe("done");
    expect(note).toHaveBeenCalledWith(expect.stringContaining("waits 0.2 s for a sign of life"));
  });

  it("of another machine's living run is left alone", async () => {
    const path = fresh();
    let beat = 0;
    const living = setInterval(() => {
      left(path, holder({ host: "elsewhere", pid: 7, beat: beat++ }));
    }, 10);
    left(path, holder({ host: "elsewhere" }));
    await expect(locked(path)).rejects.toThrow(/another run is at work here: process \d on elsewhere/);
    clearInterval(living);
  });

  it("shows that it lives", async () => {
    const path = fresh();
    const texts = await locked(path, async () => {
      const before = readFileSync(`${path}.lock`, "utf8");
      await after(100);
      return JSON.stringify([before, readFileSync(`${path}.lock`, "utf8")]);
    });
    const [before, later] = JSON.parse(texts) as readonly [string, string];
    expect(later).not.toBe(before);
  });

  it("is held by one of many that find a stale one", async () => {
    const path = fresh();
    left(path, holder({ pid: 2 ** 22 + 1 }));
    let atOnce = 0;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        locked(path, async () => {
          expect(++atOnce).toBe(1);
          await after(50);
          atOnce--;
          return "";
        }),
      ),
    );
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith("-tmp"))).toEqual([]);
  });

  it("that cannot be made is a clear word", async () => {
    await expect(locked(join(folder, "gone", "state"))).rejects.toThrow(
      /state\.lock: cannot be written: no folder/,
    );
  });
});
