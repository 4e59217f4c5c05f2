import { expect, it } from "vitest";
import { markdownDocument, markdownTable } from "../../src/report/table-text.ts";

it("a name begins no element, ends no cell and drives no terminal; comparisons stay", () => {
  const names = ["<img src=x onerror=alert(1)>", "</td><script>", "<!-- ", "a|b", "\u001b[2J\u202e"];
  const text = markdownDocument(["# <b>Title</b>", markdownTable([names, names]), "p < 0.05 <= x"]);
  expect(text).not.toMatch(/<[a-z/!?]/i);
  expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(text).toMatch(/^# &lt;b>Title&lt;\/b>\n\n\| &lt;img /);
  expect(text).toContain("a\\|b");
  expect(text).toMatch(/\n\np < 0\.05 <= x\n$/);
});
