import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { preview } from "../../src/cli/preview.ts";
import { createReporter } from "../../src/cli/reporter.ts";
import { realMap } from "../../src/core/tensor.ts";
import { rampOf } from "../../src/report/color.ts";

/** Bright in its upper left quarter. */
const map = realMap(
  8,
  8,
  Float64Array.from({ length: 64 }, (_, p) => (p < 32 && p % 8 < 4 ? 1 : 0)),
);
const [dark, bright] = [0, 255].map((step) =>
  [...rampOf("viridis").subarray(4 * step, 4 * step + 3)].join(";"),
);

/** A stream that says it is a terminal, or not, and what was written to it. */
function screen(isTTY: boolean, depth = 24) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, getColorDepth: () => depth });
  const written: string[] = [];
  stream.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  return { stream, text: () => written.join("") };
}

/** What a command that draws leaves on its standard output. */
function drawnOn(isTTY: boolean, { json = false, quiet = false, depth = 24 } = {}): string {
  const { stream, text } = screen(isTTY, depth);
  const reporter = createReporter(json, quiet, { stdout: stream, stderr: new PassThrough() });
  reporter.picture((terminal) => preview(map, terminal));
  reporter.result("sigma_X 3", { sigma: 3 });
  return text();
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a map on a terminal", () => {
  it("has two pixels a character, in the colors of the figures", () => {
    const lines = preview(map, { columns: 80, colorBits: 24 }).split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[0]?.startsWith(`\u001b[38;2;${bright};48;2;${bright}m▀`)).toBe(true);
    expect(lines[0]?.endsWith(`\u001b[38;2;${dark};48;2;${dark}m▀\u001b[0m`)).toBe(true);
    expect(lines[3]).not.toContain(`2;${bright}`);
  });

  it("fits the terminal's width and keeps the map's proportions", () => {
    const wide = realMap(40, 100, new Float64Array(4000).fill(1));
    const lines = preview(wide, { columns: 22, colorBits: 8 }).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line.match(/▀/g)).toHaveLength(20);
  });

  it("of zeros or NaN is dark", () => {
    for (const value of [0, NaN]) {
      const flat = preview(realMap(4, 4, new Float64Array(16).fill(value)), { columns: 80, colorBits: 24 });
      expect(flat).not.toContain("NaN");
      expect(flat).toContain(`38;2;${dark}`);
    }
  });
});

describe("a picture is drawn", () => {
  it("on a terminal, in as many colors as it has", () => {
    vi.stubEnv("NO_COLOR", undefined);
    expect(drawnOn(true)).toContain("38;2;");
    expect(drawnOn(true, { depth: 8 })).toContain("38;5;");
  });

  it("nowhere else: no control character goes into a pipe, a program, or where colors are not wanted", () => {
    vi.stubEnv("NO_COLOR", undefined);
    const outputs = [
      drawnOn(false),
      drawnOn(true, { json: true }),
      drawnOn(true, { quiet: true }),
      drawnOn(true, { depth: 4 }),
    ];
    vi.stubEnv("NO_COLOR", "1");
    outputs.push(drawnOn(true));
    for (const output of outputs) expect(output).not.toMatch(/[^\P{Cc}\n]/u);
    expect(outputs[0]).toBe("sigma_X 3\n");
  });
});
