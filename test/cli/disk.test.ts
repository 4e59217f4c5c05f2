import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noise } from "../onnx/small-model.ts";
import { expectPlainWords, folder, inCheckout, json, refusal, runProcess } from "./erfit.ts";
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

/** All files in a folder, by name. */
const contents = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(path, name), "base64")]),
  );

describe("a disk", () => {
  const small = fileSystem("full", 1600);
  const locked = fileSystem("read-only", 1600);

  it.skipIf(small === null)("that is full: a clear word, and earlier results as they were", async () => {
    const out = small ?? "";
    await json(command(out));
    const before = contents(out);
    const free = Number(execFileSync("df", ["--output=avail", "-B1", out]).toString().split("\n")[1]);
    writeFileSync(join(out, "other"), new Uint8Array(Math.max(1, free - 8192)));
    const { code, stdout, stderr } = await runProcess([...command(out), "--fit-model", "isotropic"]);
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
    const { code, stderr } = await runProcess(command(out));
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

/** Every command that writes, by what it writes; `out` is a folder. */
const inputs = join(folder, "inputs");
const calibrated = join(inputs, "calibrated");
const writers: Readonly<
  Record<string, { readonly files: readonly string[]; readonly words: (out: string) => string[] }>
> = {
  probe: {
    files: ["erf.npy", "probe.json"],
    words: (out) => ["probe", network, ...images, "--out", out],
  },
  calibrate: {
    files: ["calibration.json", "erf.npy", "erf.svg", "erf.png"],
    words: (out) => ["calibrate", network, ...images, "--out", out],
  },
  "calibrate --shard": {
    files: [],
    words: (out) => ["calibrate", network, ...images, "--shard", "1/2", "--out", out],
  },
  "calibrate --layer a,b": {
    files: ["layers.json"],
    words: (out) => ["calibrate", network, ...images, "--layer", "active,last", "--out", out],
  },
  merge: {
    files: ["calibration.json", "erf.npy", "erf.svg", "erf.png"],
    words: (out) => ["merge", join(inputs, "shards"), "--out", out],
  },
  cam: { files: ["cam.json"], words: (out) => ["cam", network, ...images, "--out", out] },
  evaluate: {
    files: ["evaluation.md", "evaluation.json", "tables.csv", "differences.csv", "per-image.csv"],
    words: (out) => ["evaluate", network, ...images, "--out", out],
  },
  compare: {
    files: ["compare.json", "compare.md", "compare.svg"],
    words: (out) => ["compare", join(inputs, "layers"), "--out", out],
  },
  report: {
    files: ["report.html"],
    words: (out) => ["report", calibrated, "--out", join(out, "report.html")],
  },
  "export cam": {
    files: ["net.cam.onnx"],
    words: (out) => ["export", "cam", network, "-m", "grad-cam", "--out", join(out, "net.cam.onnx")],
  },
  "export erf": {
    files: ["net.erf.onnx"],
    words: (out) => ["export", "erf", network, "--out", join(out, "net.erf.onnx")],
  },
  gradient: {
    files: ["gradient.npy"],
    words: (out) => [
      "gradient",
      network,
      images[0] ?? "",
      "--target",
      "last",
      "--out",
      join(out, "gradient.npy"),
    ],
  },
};

/** A folder with an earlier result of every name. */
function withEarlier(path: string, files: readonly string[]): string {
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(join(path, file), `an earlier ${file}`);
  return path;
}

describe("every command that writes", () => {
  const disk = fileSystem("every", 4096);
  /** Whom permissions hold back. */
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    for (const part of ["1/2", "2/2"])
      await json(["calibrate", network, ...images, "--shard", part, "--out", join(inputs, "shards")]);
    await json(["calibrate", network, ...images, "--out", calibrated]);
    // A network so small has no Gaussian: the page and the comparison take any.
    const results = inCheckout("test/fixtures/results/layers");
    cpSync(results, join(inputs, "layers"), { recursive: true });
  });

  it.concurrent.each(Object.entries(writers))(
    "%s says that it may not write, and leaves what is there",
    async (name, { files, words }) => {
      const out = withEarlier(join(folder, `forbidden ${name}`), files);
      const before = contents(out);
      chmodSync(out, 0o555);
      const { code, stdout, stderr } = await runProcess(words(out), nobody);
      chmodSync(out, 0o755);
      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
      expectPlainWords(stderr);
      expect(stderr).toMatch(/cannot be written: permission denied — choose another folder with --out/);
      expect(contents(out)).toEqual(before);
    },
  );

  it.skipIf(disk === null)("says that the disk is full, and leaves what is there", async () => {
    const outs = Object.entries(writers).map(([name, { files }]) =>
      withEarlier(join(disk ?? "", name), files),
    );
    const before = outs.map(contents);
    try {
      writeFileSync(join(disk ?? "", "filler"), new Uint8Array(2 ** 23));
    } catch {
      // the disk is full now
    }
    const outcomes = await Promise.all(
      Object.values(writers).map(({ words }, k) => runProcess(words(outs[k] ?? ""))),
    );
    for (const [k, { code, stdout, stderr }] of outcomes.entries()) {
      expect({ code, stdout }, `${outs[k] ?? ""}: ${stderr}`).toEqual({ code: 1, stdout: "" });
      expectPlainWords(stderr);
      expect(stderr).toMatch(
        /cannot be written: no space is left on the device; what was there before is as it was/,
      );
    }
    expect(outs.map(contents)).toEqual(before);
  });

  it.skipIf(disk === null).each(["cam", "evaluate"])(
    "%s ends where the disk fills, and goes on after",
    async (name) => {
      const out = withEarlier(join(disk ?? "", `filling ${name}`), []);
      const words = writers[name]?.words(out) ?? [];
      rmSync(join(disk ?? "", "filler"), { force: true });
      const free = Number(execFileSync("df", ["--output=avail", "-B1", out]).toString().split("\n")[1]);
      // A page for the lock, and one for the journal.
      writeFileSync(join(disk ?? "", "filler"), new Uint8Array(free - 8192));
      const { code, stderr } = await runProcess(words);
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/cannot be written: no space is left on the device/);
      expect(readdirSync(out).filter((file) => /lock|tmp/.test(file))).toEqual([]);
      rmSync(join(disk ?? "", "filler"));
      await json(words);
      expect(readdirSync(out).filter((file) => /journal|lock|tmp/.test(file))).toEqual([]);
    },
  );
});

describe("images of which twenty in a row cannot be read", () => {
  const good = Array.from({ length: 3 }, (_, k) => array(`good-${k}.npy`, noise(imageShape, 80 + k)));
  const damaged = (of: string) =>
    Array.from({ length: 20 }, (_, k) => {
      writeFileSync(join(folder, `${of}-${k}.npy`), "cut short");
      return join(folder, `${of}-${k}.npy`);
    });
  const words = (name: string, files: readonly string[], out = `lost-${name}`) => [
    name,
    network,
    ...files,
    "--out",
    out,
  ];

  it.concurrent.each(["cam", "evaluate"])("end a run of %s", async (name) => {
    const { code, stdout, stderr } = await runProcess(words(name, [...good, ...damaged(name)]));
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /20 photographs in a row could not be used, from \w+-0\.npy on: .*; 3 of 23 were done before — once they can be read, the same command resumes the run/,
    );
  });

  it.concurrent("are read by the run that goes on", async () => {
    const name = "cam";
    const lost = damaged(`back-${name}`);
    const again = words(name, [...good, ...lost], `back-${name}`);
    expect((await runProcess(again)).code).toBe(1);
    for (const [k] of lost.entries()) array(`back-${name}-${k}.npy`, noise(imageShape, 90 + k));
    expect(JSON.stringify(await json(again))).toContain('"skipped":[]');
  });

  it.concurrent.each(["cam", "evaluate"])("are a mistake where %s has none before them", async (name) => {
    expect(await refusal(words(name, [...damaged(`first-${name}`), ...good], `first-${name}`))).toMatch(
      /^erfit: 20 photographs in a row could not be used/,
    );
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
    const { code, stdout, stderr } = await runProcess([...command(out), "--json"]); // this process's own are its own to sweep
    expect(code, stderr).toBe(0);
    const { files } = JSON.parse(stdout) as { files: readonly string[] };
    const names = files.map((file) => file.slice(out.length + 1));
    expect(readdirSync(out).sort()).toEqual([...names, ...kept].sort());
  });
});
