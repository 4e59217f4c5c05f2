import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { encodePng } from "../../src/input/decode.ts";
import { random } from "../../src/core/random.ts";
import { expectPlainWords, folder, inCheckout, json, refusal, runProcess, type Outcome } from "./erfit.ts";
import { sound, written } from "./networks.ts";
import { noise } from "../onnx/small-model.ts";

const network = written("net.onnx", sound);
/** Small photographs of noise: a view takes a millisecond. */
const photographs = join(folder, "small");
mkdirSync(photographs);
for (let photograph = 0; photograph < 20; photograph++) {
  const pixels = Uint8Array.from(noise([40, 40, 3], photograph + 1).data, (value) => 127.5 * (value + 1));
  writeFileSync(join(photographs, `${photograph}.png`), await encodePng(pixels, 40, 40));
}
/** With 200 crops, some seconds of work for a tiny network. */
const command = (crops: number, ...more: readonly string[]) => [
  "calibrate",
  network,
  photographs,
  ...["--protocol", "absolute", "--crops", String(crops), "--threads", "1"],
  ...more,
];

/** Starts a command, and sends a signal once its state is there, or after some milliseconds. */
function signalled(
  args: readonly string[],
  signal: NodeJS.Signals,
  when: { readonly file: string } | number,
) {
  return new Promise<Outcome & { readonly signal: NodeJS.Signals | null }>((resolve) => {
    const child = spawn(process.execPath, [inCheckout("bin/erfit.js"), ...args], { cwd: folder });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const send = () => child.kill(signal);
    const timer =
      typeof when === "number"
        ? setTimeout(send, when)
        : setInterval(() => {
            if (!existsSync(when.file)) return;
            clearInterval(timer);
            send();
          }, 20);
    child.on("exit", (code, ended) => {
      clearInterval(timer);
      resolve({ code: code ?? -1, stdout, stderr, signal: ended });
    });
  });
}

const map = (out: string) => readFileSync(join(folder, out, "erf.npy"), "base64");
const calibration = (out: string): unknown => {
  const record: unknown = JSON.parse(readFileSync(join(folder, out, "calibration.json"), "utf8"));
  return { ...(record as object), provenance: null };
};

describe("a run that is asked to end", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s saves, tells how to resume it, and resumes to the same bits", async (signal, code) => {
    const out = `ended-${code}`;
    const args = command(200, "--out", out);
    const state = join(folder, out, "probe.state");
    const ended = await signalled(args, signal, { file: state });
    expect({ code: ended.code, stdout: ended.stdout }, ended.stderr).toEqual({ code, stdout: "" });
    expectPlainWords(ended.stderr);
    expect(ended.stderr).toMatch(
      new RegExp(
        `erfit: ended by ${signal}: \\d+ of 4000 views are done and saved in ${out} — the same command resumes the run`,
      ),
    );
    expect(readdirSync(join(folder, out))).toEqual(["probe.state"]);

    expect(await refusal([...command(199), "--out", out])).toMatch(
      /probe\.state was left by another run: crops: 200 there, 199 here — choose another folder with --out, or start over with --restart/,
    );
    const rest = await runProcess(args);
    expect(rest.stderr).toMatch(/resumes from .*probe\.state: \d+ of 4000 views are done/);
    expect(rest.code).toBe(0);
    await json(command(200, "--out", "undisturbed"));
    expect(map(out)).toBe(map("undisturbed"));
    expect(calibration(out)).toEqual(calibration("undisturbed"));
    expect(readdirSync(join(folder, out)).sort()).toEqual(readdirSync(join(folder, "undisturbed")).sort());
  });

  it("by SIGKILL, again and again, leaves nothing half written and resumes to the same bits", async () => {
    const next = random(4);
    const args = command(150, "--out", "killed");
    for (let kill = 0; kill < 4; kill++) await signalled(args, "SIGKILL", 400 + 2500 * next());
    await json(args);
    await json(command(150, "--out", "unharmed"));
    expect(map("killed")).toBe(map("unharmed"));
    expect(readdirSync(join(folder, "killed")).sort()).toEqual(readdirSync(join(folder, "unharmed")).sort());
  });

  it("begins anew where a state is damaged, on request alone", async () => {
    const args = command(1, "--out", "damaged");
    await json(args);
    const state = join(folder, "damaged", "probe.state");
    writeFileSync(state, "erfit-state 2 12\nnonsense");
    expect(await refusal(args)).toMatch(
      /probe\.state: damaged: .* — choose another folder with --out, or start over/,
    );
    await json([...args, "--restart"]);
    expect(existsSync(state)).toBe(false);
  });
});

describe("a second run in one folder", () => {
  it("is refused while the first one is at work", async () => {
    const args = command(400, "--out", "twice");
    const seen = join(folder, "seen");
    const first = signalled(args, "SIGTERM", { file: seen });
    await vi.waitUntil(() => existsSync(join(folder, "twice", "probe.state")), { timeout: 60_000 });
    expect(await refusal(args)).toMatch(
      /probe\.state\.lock: another run is at work here: process \d+ on .* — wait until it has ended, or choose another folder/,
    );
    writeFileSync(seen, "");
    const { code, stderr } = await first;
    expect(code, stderr).toBe(143);
    expect(readdirSync(join(folder, "twice"))).toEqual(["probe.state"]);
  });
});

describe("a run over many images that is asked to end", () => {
  const many = join(folder, "many");
  for (let copy = 0; copy < 8; copy++) cpSync(photographs, join(many, String(copy)), { recursive: true });

  it.each([
    ["cam", "cam.journal", ["-m", "grad-cam"]],
    ["evaluate", "evaluation.journal", ["-m", "grad-cam", "-u", "bilinear", "--masking", "full"]],
  ])("finishes its image, and %s tells how to resume it", async (name, journal, more) => {
    const out = `ended-${name}`;
    const words = [name, network, many, ...more, "--threads", "1", "--out", out];
    const ended = await signalled(words, "SIGTERM", { file: join(folder, out, journal) });
    expect(ended.code, ended.stderr).toBe(143);
    expectPlainWords(ended.stderr);
    expect(ended.stderr).toMatch(
      new RegExp(
        `erfit: ended by SIGTERM: \\d+ of 160 photographs are done, their results kept in ${out} — the same command resumes the run`,
      ),
    );
    expect(readdirSync(join(folder, out)).filter((file) => /journal|lock|tmp/.test(file))).toEqual([journal]);
    const lines = readFileSync(join(folder, out, journal), "utf8").split("\n").length;
    expect(lines).toBeLessThan(160);
    await json(words);
    expect(readdirSync(join(folder, out)).filter((file) => /journal|lock|tmp/.test(file))).toEqual([]);
  });
});

describe("a run of a method of many passes that is asked to end", () => {
  const two = readdirSync(photographs)
    .slice(0, 2)
    .map((name) => join(photographs, name));
  /** One photograph would take an hour. */
  const endless = ["-m", "smooth-grad-cam++", "--noise-samples", "10000000"];

  it.each([
    ["cam", "cam.journal"],
    ["evaluate", "evaluation.journal"],
  ])("%s ends within its image, and leaves nothing half written", async (name, journal) => {
    const out = `within-${name}`;
    const words = [name, network, ...two, ...endless, "--out", out];
    const ended = await signalled(words, "SIGINT", { file: join(folder, out, `${journal}.lock`) });
    expect(ended.code, ended.stderr).toBe(130);
    expectPlainWords(ended.stderr);
    expect(ended.stderr).toContain("erfit: ended by SIGINT: 0 of 2 photographs are done");
    expect(readdirSync(join(folder, out))).toEqual([]);
  });

  it("says what it costs before it is done, but not quietly", async () => {
    const words = ["evaluate", network, ...two, "-m", "smooth-grad-cam++", "--out"];
    const cost = /^about \d+ s for 2 photographs: \d+ passes through the network each$/m;
    expect((await runProcess([...words, "cost"])).stderr).toMatch(cost);
    expect((await runProcess([...words, "quiet", "--quiet"])).stderr).toBe("");
  });
});

describe("shards", () => {
  it("merge to the bits of one run; a missing one is named", async () => {
    const shard = (part: number, out: string) => json(command(3, "--shard", `${part}/3`, "--out", out));
    await shard(1, "together");
    expect(readdirSync(join(folder, "together"))).toEqual(["shard-1-of-3.state"]);
    expect(await refusal(["merge", "together", "--out", "merged"])).toMatch(
      /13 of 20 blocks are missing: 1, 2, .* — they are of --shard 2\/3, --shard 3\/3/,
    );
    await Promise.all([shard(2, "together"), shard(3, "alone")]);
    await json(["merge", "alone", "together", "--out", "merged"]);
    await json(command(3, "--out", "one"));
    expect(map("merged")).toBe(map("one"));
    expect(calibration("merged")).toEqual(calibration("one"));
  });

  it("cannot be asked to stop by themselves; a folder without one is refused", async () => {
    expect(await refusal(command(1, "--shard", "1/2", "--until", "1%"))).toMatch(
      /--until cannot be evaluated on a shard/,
    );
    expect(await refusal(["merge", photographs])).toMatch(/small: no shard of a run in this folder/);
    expect(await refusal(["merge", "nowhere"])).toMatch(/nowhere: no such file; expected a folder/);
  });
});
