import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { realMap } from "../../../src/core/tensor.ts";
import { recordMark, reportPage } from "../../../src/report/page/page.ts";
import type { PageRecord } from "../../../src/report/page/record.ts";
import { explanations } from "../../../src/report/page/script/facts/explanations.ts";
import { placed, scales, valueAt, type ScaleName } from "../../../src/report/value-scale.ts";
import { thrown } from "../../thrown.ts";

const built = `<script type="application/json">${recordMark}</script>`;
const record = (title: string): PageRecord => ({ title, made: [], erf: null, cams: null });

describe("a report", () => {
  it("holds its record whatever is written in it, and no markup of it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("<", "/", "script", ">", "!--", "$&", "é", '"', "\\") }),
        (title) => {
          const page = reportPage(built, record(title));
          const json = page.slice(built.indexOf(recordMark), -"</script>".length);
          expect(json).not.toContain("<");
          expect(JSON.parse(json)).toEqual(record(title));
        },
      ),
    );
  });

  it("refuses a page without a place for it, and a record of another kind", () => {
    expect(thrown(() => reportPage("<html>", record(""))).message).toContain("mark");
    const wrong: unknown = { ...record(""), cams: { images: [] } };
    expect(thrown(() => reportPage(built, wrong as PageRecord)).message).toContain("cams");
  });
});

it("explains every warning in the words of docs/fit.md", () => {
  const docs = readFileSync(new URL("../../../docs/fit.md", import.meta.url), "utf8");
  const documented = Array.from(
    docs.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| (.+?) +\|$/gm),
    ([, code = "", means = "", remedy = ""]) =>
      [code, { means: means.replaceAll("`", ""), remedy: remedy.replaceAll("`", "") }] as const,
  );
  expect(documented.length).toBeGreaterThan(25);
  expect(explanations).toEqual(Object.fromEntries(documented));
});

describe.each(Object.keys(scales) as ScaleName[])("the %s scale", (scale) => {
  const scaling = { scale, exponent: 0.4, bound: 7 };

  it("places zero and the greatest value at the ends, and opposites on either side", () => {
    const map = realMap(1, 5, Float64Array.of(-7, -1, 0, 1, 7));
    const [low = NaN, left = NaN, zero, right = NaN, high] = placed(map, scaling).data;
    expect([low, zero, high]).toEqual([-1, 0, 1]);
    expect(left).toBe(-right);
    expect(right).toBeGreaterThan(0);
  });

  it("says which value a color means", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 7, noNaN: true }), (value) => {
        const [place = NaN] = placed(realMap(1, 1, Float64Array.of(value)), scaling).data;
        expect(valueAt(place, scaling)).toBeCloseTo(value, 10);
        expect(valueAt(-place, scaling)).toBeCloseTo(-value, 10);
      }),
    );
  });
});
