import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { noise } from "../onnx/small-model.ts";
import { expectPlainWords, folder, inCheckout, json, run } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";

const network = written("net.onnx", sound);
const images = Array.from({ length: 5 }, (_, k) => array(`image-${k}.npy`, noise(imageShape, 60 + k)));
const command = (out: string) => ["calibrate", network, ...images, "--out", out];

/** A file system of its own, of some KiB; null where this process may not mount one. */
function fileSystem(name: string, kib: number): string | null {
  const path = join(folder, name);
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", path], { stdio: "ignore" });
  } catch {
    return null;
  }
  afterAll(() => execFileSync("umount", [path]));
  return path;
}

/** Everything in a folder, by name. */
const contents = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), "base64")]));

describe("a disk", () => {
  const small = fileSystem("full", 1600);
  const locked = fileSystem("read-only", 1600);

  it.skipIf(small === null)("that is full: a clear word, and earlier results as they were", async () => {
    const out = small ?? "";
    await json(command(out));
    const before = contents(out);
    const free = Number(execFileSync("df", ["--output=avail", "-B1", out]).toString().split("\n")[1]);
    writeFileSync(join(out, "other"), new Uint8Array(Math.max(1, free - 8192)));
    const { code, stdout, stderr } = await run([...command(out), "--fit-model", "isotropic"]);
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
    expectPlainWords(stderr);
    expect(stderr).toMatch(
      /cannot be written: no space is left on the device; what was there before is as it was/,
    );
    rmSync(join(out, "other"));
    expect(contents(out)).toEqual(before);
  });

  it.skipIf(locked === null)("that is read-only: a clear word before the work", async () => {
    const out = locked ?? "";
    execFileSync("mount", ["-o", "remount,ro", out]);
    const { code, stderr } = await run(command(out));
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/cannot be written: .*read-only.* — choose another folder with --out/);
  });

  it.skipIf(!existsSync("/dev/full"))("to which standard output goes, full: a clear word", () => {
    const script = `exec "${process.execPath}" "$0" "$@" > /dev/full`;
    const words = [script, inCheckout("bin/erfit.js"), "layers", network];
    const { stderr, status } = spawnSync("sh", ["-c", ...words], { encoding: "utf8" });
    expect(status).toBe(1);
    expectPlainWords(stderr);
    expect(stderr).toMatch(/^erfit: the result cannot be written to standard output: ENOSPC/m);
  });
});

describe("temporary files", () => {
  it("of processes that are no more are swept up, others are left", async () => {
    const out = join(folder, "swept");
    mkdirSync(out);
    const host = hostname().replace(/[^\w-]/g, "_");
    const old = "erf.npy.elsewhere.1.erfit-tmp";
    const kept = ["erf.npy.elsewhere.7.erfit-tmp", `erf.npy.${host}.${process.pid}.erfit-tmp`, "mine.tmp"];
    for (const name of [old, `erf.png.${host}.4194304.erfit-tmp`, ...kept])
      writeFileSync(join(out, name), "half");
    utimesSync(join(out, old), 0, 0);
    const { files } = (await json(command(out))) as { files: readonly string[] };
    const names = files.map((file) => file.slice(out.length + 1));
    expect(readdirSync(out).sort()).toEqual([...names, ...kept].sort());
  });
});
