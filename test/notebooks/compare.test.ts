import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { notebooks } from "./notebook.ts";

const script = fileURLToPath(new URL("../../scripts/notebooks/compare.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "erfit-notebooks-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Whether the notebook is taken for the saved one after a change to its text. */
function agrees(path: string, changed: string): boolean {
  const executed = join(folder, "executed.ipynb");
  writeFileSync(executed, changed);
  try {
    execFileSync(process.execPath, [script, path, executed], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

describe.each(notebooks)("$name, executed again", ({ path, saved }) => {
  const sigma = /(?<=sigma_X (?:\| )?)\d+\.\d{6}/;
  const withSigma = (factor: number) =>
    saved.replace(sigma, (printed) => (Number(printed) * factor).toFixed(6));

  it("agrees with itself, and with a sigma that differs by 1e-4", () => {
    expect(sigma.test(saved)).toBe(true);
    expect(agrees(path, saved)).toBe(true);
    expect(agrees(path, withSigma(1 + 1e-4))).toBe(true);
  });

  it.each([
    ["a sigma that differs by 4e-4", withSigma(1 + 4e-4)],
    ["other words", saved.replace("sigma_X", "sigma_Z")],
    ["a picture that is missing", saved.replace(/"image\/png": "[^"]*"/, `"image/png": ""`)],
    ["no output", saved.replaceAll(/"outputs": \[\s+\{[^]*?\n {3}\],/g, `"outputs": [],`)],
  ])("does not agree with %s", (_, changed) => {
    expect(changed).not.toBe(saved);
    expect(agrees(path, changed)).toBe(false);
  });
});
