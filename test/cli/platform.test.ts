import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { fill } from "../input/pictures.ts";
import { asGraph } from "../runtime/tfjs/twins/as-graph.ts";
import { smallTwin } from "../runtime/tfjs/twins/network.ts";
import { noise } from "../onnx/small-model.ts";
import { expectPlainWords, folder, inCheckout, json, samplePhotograph, type Outcome } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";

/** A library that does not load: which requests fail, and how Node, or the loader of the platform, reports it. */
interface Hidden {
  readonly requests: string;
  readonly message: string;
  readonly code: string;
}

const withoutBinary: Hidden = {
  requests: "onnxruntime_binding\\.node$",
  message:
    "Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'\nRequire stack:\n- binding.js",
  code: "MODULE_NOT_FOUND",
};
const onMusl: Hidden = {
  ...withoutBinary,
  message:
    "Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by libonnxruntime.so.1)",
  code: "ERR_DLOPEN_FAILED",
};
const outdated: Hidden = {
  ...withoutBinary,
  message: "/lib64/libc.so.6: version `GLIBC_2.28' not found (required by libonnxruntime.so.1)",
  code: "ERR_DLOPEN_FAILED",
};
const sharpHidden: Hidden = {
  requests: "sharp[^/]*(\\.node|/sharp\\.node)$",
  message: "Cannot find module '@img/sharp-linuxmusl-x64/sharp.node'",
  code: "MODULE_NOT_FOUND",
};
const resvgHidden: Hidden = {
  requests: "^@resvg/resvg-js-",
  message: "Cannot find module '@resvg/resvg-js-linux-x64-gnu'",
  code: "MODULE_NOT_FOUND",
};
const everything: readonly Hidden[] = [withoutBinary, sharpHidden, resvgHidden];

/** Runs Node where these libraries do not load. */
function node(hidden: readonly Hidden[], args: readonly string[]): Outcome {
  const hook = pathToFileURL(inCheckout("test/cli/hide-libraries.js")).href;
  const env = {
    ...process.env,
    ERFIT_DEBUG: undefined,
    ERFIT_TEST_HIDE: JSON.stringify(hidden),
    NODE_OPTIONS: `--import ${hook}`, // for the processes too that the command starts
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { code: status ?? -1, stdout, stderr };
}

const runWithout = (hidden: readonly Hidden[], args: readonly string[]): Outcome =>
  node(hidden, [inCheckout("bin/erfit.js"), ...args]);

/** The last line on stderr of a command that fails, with exit code 1. */
function failure(hidden: readonly Hidden[], args: readonly string[]): string {
  const { code, stdout, stderr } = runWithout(hidden, args);
  expectPlainWords(stderr);
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
  const complaints = stderr.split("\n").filter((line) => line.startsWith("erfit: "));
  expect(complaints, stderr).toHaveLength(1);
  return complaints[0] ?? "";
}

function success(hidden: readonly Hidden[], args: readonly string[]): string {
  const { code, stdout, stderr } = runWithout(hidden, args);
  expect(code, stderr).toBe(0);
  return stdout;
}

const network = written("net.onnx", sound);
const inputs = Array.from({ length: 6 }, (_, k) => array(`input-${k}.npy`, noise(imageShape, 40 + k)));
const platform = `${process.platform}-${process.arch}`;

const commands = "demo layers calibrate compare merge cam evaluate report probe fit export gradient".split(
  " ",
);

describe("where ONNX Runtime has no binary", () => {
  it("an ONNX model is refused in one sentence, which names the platform and what to do", () => {
    for (const args of [
      ["layers", network],
      ["calibrate", network, ...inputs, "--out", join(folder, "refused")],
    ]) {
      const line = failure([withoutBinary], args);
      expect(line).toContain(`ONNX Runtime (package onnxruntime-node) has no binary for ${platform}`);
      expect(line).toMatch(
        / — it runs on Linux with glibc .*, macOS on Apple silicon, and Windows; TF\.js models, .* need none$/,
      );
      expect(line).not.toContain("net.onnx"); // the model is not at fault
    }
  });

  it("musl is named by its loader's errors; other reasons are given as they are", () => {
    expect(failure([onMusl], ["layers", network])).toContain(`has no binary for ${platform} with musl`);
    expect(failure([outdated], ["layers", network])).toContain(
      `does not load on ${platform}: /lib64/libc.so.6: version \`GLIBC_2.28' not found`,
    );
  });

  it("a TF.js model is opened and differentiated", async () => {
    const model = join(folder, "twin");
    await fill(model, asGraph(smallTwin));
    const on = ["--backend", "wasm"];
    expect(success([withoutBinary], ["layers", model, ...on])).toMatch(/^\* last /m);
    const image = array("twin.npy", noise([1, smallTwin.height, smallTwin.width, 3], 3));
    const out = join(folder, "twin-calibrated");
    success([withoutBinary], ["calibrate", model, image, "--layer", "last", ...on, "--out", out]);
  });

  it("what reads results runs: fit, compare, merge, report", async () => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await json(["calibrate", network, ...inputs.slice(0, 3), "--out", a]);
    await json(["calibrate", network, ...inputs.slice(3), "--out", b]);
    success([withoutBinary], ["fit", join(a, "erf.npy")]);
    success([withoutBinary], ["compare", a, b, "--out", join(folder, "compared")]);
    success([withoutBinary], ["report", a, "--out", join(folder, "report.html")]);
  });
});

describe("where no native library loads", () => {
  it("erfit prints its help and its version", () => {
    expect(success(everything, ["--help"])).toContain("erfit calibrate");
    expect(success(everything, ["--version"])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("every command prints its own", () => {
    const main = pathToFileURL(inCheckout("dist/cli/main.js")).href;
    const script = `import { main } from "${main}";
      process.stdout.setMaxListeners(0); // main adds one, and is run once in a process otherwise
      process.stderr.setMaxListeners(0);
      for (const command of ${JSON.stringify(commands)})
        if ((await main([command, "--help"])) !== 0) process.exitCode = 1;`;
    const { code, stdout, stderr } = node(everything, ["--input-type=module", "--eval", script]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^erfit ${command}\\b`, "m"));
  });

  it("a map is fitted, for it takes no picture", () => {
    expect(success(everything, ["fit", array("map.npy", noise([16, 16], 7))])).not.toBe("");
  });
});

describe("a library for pictures that does not load ends the run in one sentence", () => {
  it("sharp, before any photograph is skipped", () => {
    const line = failure(
      [sharpHidden],
      [
        "calibrate",
        inCheckout("models/vgg16-sample.onnx"),
        samplePhotograph(""),
        "--out",
        join(folder, "unread"),
      ],
    );
    expect(line).toContain(
      `pictures cannot be read or written: sharp (package sharp) has no binary for ${platform}`,
    );
    expect(line).toContain("npm install --include=optional sharp");
  });

  it("resvg, where a figure is drawn", () => {
    const line = failure([resvgHidden], ["calibrate", network, ...inputs, "--out", join(folder, "undrawn")]);
    expect(line).toContain(
      `figures cannot be drawn as PNG: resvg (package @resvg/resvg-js) has no binary for ${platform}`,
    );
  });
});
