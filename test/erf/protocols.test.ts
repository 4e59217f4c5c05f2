import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultProtocol, protocolNames, protocols } from "../../src/erf/protocols.ts";

/** Red, green and blue of four pixels: all above zero, all below, mixed to either side. */
const red = [3, -3, 1, -4];
const green = [6, -6, 2, 1];
const blue = [9, -3, -9, 6];

const collapsed = (name: keyof typeof protocols, ...channels: readonly (readonly number[])[]): number[] => {
  const sum = new Float64Array(channels[0]?.length ?? 0);
  protocols[name].collapse(
    channels.map((channel) => Float32Array.from(channel)),
    sum,
  );
  return [...sum];
};

describe("a protocol collapses the colors of each pixel", () => {
  it.each([
    ["openerf", [6, 0, 0, 1]], // the mean, where it is positive
    ["absolute", [6, 4, 2, 1]], // the mean's absolute value
    ["replknet", [18, 0, 3, 7]], // the sum of the positive parts
    ["signed", [6, -4, -2, 1]], // the mean
  ] as const)("%s", (name, expected) => {
    expect(collapsed(name, red, green, blue)).toEqual(expected);
  });

  const element = fc.double({ min: -5, max: 5, noNaN: true }).map(Math.fround);
  const pixels = fc.array(fc.tuple(element, element, element), { minLength: 1, maxLength: 8 });

  it("by these formulas, at any pixel", () => {
    const formulas = {
      openerf: (rgb: readonly number[]) => Math.max(0, (rgb[0] ?? 0) + (rgb[1] ?? 0) + (rgb[2] ?? 0)) / 3,
      absolute: (rgb: readonly number[]) => Math.abs(rgb.reduce((sum, value) => sum + value, 0)) / 3,
      replknet: (rgb: readonly number[]) =>
        rgb.filter((value) => value > 0).reduce((sum, value) => sum + value, 0),
      signed: (rgb: readonly number[]) => rgb.reduce((sum, value) => sum + value, 0) / 3,
    };
    fc.assert(
      fc.property(pixels, fc.constantFrom(...protocolNames), (rgb, name) => {
        const planes = [0, 1, 2].map((c) => rgb.map((pixel) => pixel[c] ?? 0));
        collapsed(name, ...planes).forEach((value, i) => {
          expect(value).toBeCloseTo(formulas[name](rgb[i] ?? []), 12);
        });
      }),
    );
  });

  it("adds to what is there", () => {
    const sum = Float64Array.of(10);
    protocols.signed.collapse(
      [1, 2, 6].map((value) => Float32Array.of(value)),
      sum,
    );
    expect([...sum]).toEqual([13]);
  });

  it("takes three colors", () => {
    expect(() => collapsed("openerf", red, green)).toThrow("three color channels, not 2");
  });
});

describe("the table", () => {
  it("begins with the paper's protocol, which is the default", () => {
    expect(protocolNames.slice(0, 4)).toEqual(["openerf", "absolute", "replknet", "signed"]);
    expect(defaultProtocol).toBe(protocolNames[0]);
  });

  it("differentiates the mean over channels, and for RepLKNet the rectified sum", () => {
    const cell = [0, null, 3, 4];
    for (const name of protocolNames)
      expect(protocols[name].objective(cell), name).toEqual({
        kind: name === "replknet" ? "rectified-sum" : "channel-mean",
        cell,
      });
  });

  it("divides all maps but the signed one by their total", () => {
    expect(protocolNames.filter((name) => !protocols[name].normalize)).toEqual(["signed"]);
  });
});
