import { describe, expect, it } from "vitest";
import type { Shape, Tensor } from "../../../src/core/tensor.ts";
import { float, noise } from "../small-model.ts";
import { comparison, gradientError, type Case } from "./case.ts";

const mask = (shape: Shape, kept: (flat: number) => boolean): Tensor => ({
  dtype: "bool",
  shape,
  data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, flat) => Number(kept(flat))),
});

/** Three heads of 4 channels over 7 tokens, against 5 keys. */
const heads = { shape: [1, 3, 7, 4], opset: 23 } as const;
const keys = noise([1, 3, 5, 4], 2);
const values = noise([1, 3, 5, 6], 3);
/** The same as 3-D tensors. */
const flat = { shape: [1, 7, 12], opset: 23 } as const;
const three = { q_num_heads: 3, kv_num_heads: 3 };

const cases: Readonly<Record<string, Case>> = {
  "self-attention by head": { ...heads, constants: ["x", "x"] },
  "self-attention of [1, T, C]": { ...flat, constants: ["x", "x"], attributes: three },
  "keys and values of another length": { ...heads, constants: [keys, values] },
  "its own scale": { ...heads, constants: [keys, values], attributes: { scale: float(0.3) } },
  "a mask of bits": { ...heads, constants: [keys, values, mask([7, 5], (k) => k % 3 !== 1)] },
  "a mask of numbers": { ...heads, constants: [keys, values, noise([1, 3, 7, 5], 4)] },
  causal: { ...heads, constants: ["x", "x"], attributes: { is_causal: 1 } },
  "causal, and a mask": { ...heads, constants: ["x", "x", noise([7, 7], 4)], attributes: { is_causal: 1 } },
  "capped scores": { ...heads, constants: [keys, values], attributes: { softcap: float(0.5) } },
  "queries in groups": { ...heads, shape: [1, 6, 7, 4], constants: [keys, values] },
  "one head of keys": { ...heads, constants: [noise([1, 1, 5, 4], 2), noise([1, 1, 5, 6], 3)] },
  "groups of [1, T, C]": {
    ...flat,
    constants: [noise([1, 5, 4], 2), noise([1, 5, 6], 3)],
    attributes: { q_num_heads: 3, kv_num_heads: 1 },
  },
  "opset 24": { ...heads, opset: 24, constants: ["x", "x"], attributes: { is_causal: 1 } },
};

describe("Attention", () => {
  it.each(Object.entries(cases))("%s: the result and the gradient of the file's operator", async (_, one) => {
    const { difference, operators } = await comparison("Attention", one);
    expect(difference).toBeLessThan(1e-5);
    expect(operators).not.toContain("Opaque");
    expect(await gradientError("Attention", one)).toBeLessThan(1e-3);
  });

  it("with its scores as an output, or a cache of keys, is carried as it is", async () => {
    const scores: Case = { ...heads, constants: ["x", "x"], outputs: ["y", "", "", "scores"] };
    expect((await comparison("Attention", scores)).operators).toEqual(["Opaque"]);
    const cache: Case = {
      ...heads,
      constants: ["x", "x", null, keys, noise([1, 3, 5, 4], 8)],
      outputs: ["y", "keys", "values"],
    };
    expect((await comparison("Attention", cache)).operators).toEqual(["Opaque"]);
  });
});
