import fc from "fast-check";
import { expect, it } from "vitest";
import {
  elided,
  overPhotographs,
  powerOfTen,
  withUncertainty,
  wrapped,
  xmlText,
} from "../../src/report/text.ts";

it("a value is written to the second digit of its uncertainty", () => {
  expect(withUncertainty(31.98878, 0.4149)).toBe("31.99 ± 0.41");
  expect(withUncertainty(31.98878, 12.3)).toBe("32 ± 12");
  expect(withUncertainty(31.98878, 0)).toBe("31.99");
  expect(withUncertainty(31.98878, Infinity)).toBe("31.99");
});

it("an axis counts in a power of ten where numbers would be long", () => {
  expect(powerOfTen(2.5e-4)).toEqual([1e-4, " (× 10⁻⁴)"]);
  expect(powerOfTen(1.5e12)).toEqual([1e12, " (× 10¹²)"]);
  for (const plain of [0, 0.5, 42, NaN]) expect(powerOfTen(plain)).toEqual([1, ""]);
});

it("shortened text keeps both ends, and never splits a character", () => {
  expect(elided("abcdefghij", 100, 10)).toBe("abcdefghij");
  expect(elided("abcdefghijklmnopqrst", 60, 10)).toBe("abcd…qrst");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(elided(text, 50, 10)).not.toMatch(/\p{Cs}/u);
    }),
  );
});

it("wrapped text loses no word", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^\w{1,12}$/), { minLength: 1 }), (words) => {
      const lines = wrapped(words.join(" "), 130, 10);
      expect(lines.join(" ")).toBe(words.join(" "));
      for (const line of lines)
        expect(line.length).toBeLessThanOrEqual(Math.max(20, ...words.map(({ length }) => length)));
    }),
  );
});

it("replaces control characters and lone surrogates, and nothing else", () => {
  expect(xmlText("a\u0000b\uD800c\uFFFFd")).toBe("a\uFFFDb\uFFFDc\uFFFDd");
  expect(xmlText("tab\tline\n<é 日 😀>")).toBe("tab\tline\n<é 日 😀>");
});

it("half an interval counts over photographs, and is left out where least squares is all there is", () => {
  const sigma = { value: 30, standardError: 0.3, interval95: [28, 32] } as const;
  expect(overPhotographs({ intervalSource: "photographs" }, sigma)).toBe(2);
  expect(overPhotographs({ intervalSource: "pixels" }, sigma)).toBeUndefined();
});
