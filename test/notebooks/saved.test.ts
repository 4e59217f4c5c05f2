import { describe, expect, it } from "vitest";
import { notebooks } from "./notebook.ts";

const pngStart = "iVBORw0KGgo";

it("there are two notebooks", () => {
  expect(notebooks.map(({ name }) => name)).toEqual(["calibrate-a-backbone", "extended-cam-and-grad-cam"]);
});

describe.each(notebooks)("$name", ({ saved, kernel, cells, code }) => {
  const outputs = code.flatMap((cell) => cell.outputs);

  it("was executed once, from the top, in the kernel that is committed", () => {
    expect(kernel).toBe("deno");
    expect(code.map(({ execution_count }) => execution_count)).toEqual(code.map((_, k) => k + 1));
  });

  it("shows what every cell says, and no error", () => {
    for (const { id, outputs } of code) expect(outputs, id).not.toHaveLength(0);
    expect(outputs.map(({ output_type }) => output_type)).not.toContain("error");
    expect(outputs.filter(({ text, data }) => text === "" && Object.keys(data).length === 0)).toEqual([]);
  });

  it("shows pictures", () => {
    const pictures = outputs.flatMap(({ data }) => data["image/png"] ?? []);
    expect(pictures.length).toBeGreaterThan(0);
    for (const picture of pictures) {
      expect(picture.startsWith(pngStart)).toBe(true);
      expect(picture.length).toBeGreaterThan(50_000);
    }
  });

  it("says nothing of the machine or the time of its execution", () => {
    const words = saved.replaceAll(/"image\/png": "[^"]*"/g, "");
    expect(words).not.toMatch(
      /(?<![\w.])\/(?:home|Users|root|tmp|work|mnt|private|var)\/|[A-Z]:\\|file:\/\//,
    );
    for (const { metadata } of cells) expect(metadata).toEqual({});
  });
});
