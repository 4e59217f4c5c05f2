import { expect, test } from "vitest";
import { ErfitError, visible, visibleLines } from "../../src/core/error.ts";

test("what a terminal obeys becomes visible, and what people write stays", () => {
  expect(visible("\u001b[2J\u0007\r\n\u009b1m")).toBe("\\u001b[2J\\u0007\\u000d\\u000a\\u009b1m");
  expect(visible("\u202egnp.exe")).toBe("\\u202egnp.exe");
  const written = "größe “σ” 日本語 👩🏽‍🔬 <b>&amp;</b>";
  expect(visible(written)).toBe(written);
});

test("an error quotes names from a file in one line without control characters", () => {
  const error = new ErfitError('no layer named "\u001b]0;title\u0007"', { remedy: "one of:\u001b[8m a" });
  expect(error.message).toBe('no layer named "\\u001b]0;title\\u0007"');
  expect(error.remedy).toBe("one of:\\u001b[8m a");
});

test("text of several lines keeps them, and nothing else that a terminal obeys", () => {
  expect(visibleLines("a\tb\n\u001b[2J\u009b1m\r\u202ec")).toBe("a\tb\n\\u001b[2J\\u009b1m\\u000d\\u202ec");
});
