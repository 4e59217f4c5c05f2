import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/index.ts";
import { array, imageShape } from "../cli/networks.ts";
import { noise } from "../onnx/small-model.ts";
import { inputs, opened, collected, shared } from "./small.ts";

describe("evaluate", () => {
  it("gives one step a photograph, rows, differences, and the result in words", async () => {
    const model = await opened();
    const run = evaluate(model, inputs(4), {
      method: ["grad-cam", "extended"],
      control: ["shuffled"],
      sigma: shared,
    });
    const steps = await collected(run);
    expect(steps.map(({ done, of, problem }) => [done, of, problem])).toEqual(
      [1, 2, 3, 4].map((k) => [k, 4, null]),
    );
    const { evaluation, columns, reading, photographs, skipped } = await run;
    expect(columns.map(({ key }) => key)).toEqual([
      ...["grad-cam", "extended", "extended-shuffled"].flatMap((name) => [
        `${name}.bilinear`,
        `${name}.gaussian`,
      ]),
    ]);
    expect(evaluation.rows).toHaveLength(12);
    expect([photographs.length, skipped]).toEqual([4, []]);
    expect(reading.join(" ")).toContain("masking");
  });

  it("says which images are copies of others, for they make its intervals too narrow", async () => {
    const model = await opened();
    const copy = array("again.npy", noise(imageShape, 70));
    const options = { method: "grad-cam", control: [], masking: "full" } as const;
    const { reading } = await evaluate(model, [...inputs(2), copy], options);
    expect(reading[0]).toMatch(/^1 photograph has the bytes of another one: again\.npy is x0\.npy\./);
    expect((await evaluate(model, inputs(2), options)).reading.join()).not.toContain("bytes");
  });

  it("explains the labeled class, by a record of them", async () => {
    const model = await opened();
    const labels = { "x0.npy": 2, "x1.npy": "0" };
    const options = { method: "grad-cam", control: [], masking: "full", labels } as const;
    const { photographs } = await evaluate(model, inputs(2), options);
    expect(photographs.map(({ classIndex }) => classIndex)).toEqual([2, 0]);
    await expect(evaluate(model, inputs(3), options)).rejects.toThrow(
      /labels: 1 of 3 photographs have no class: x2\.npy/,
    );
  });
});
