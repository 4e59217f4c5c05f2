import { describe, expect, it } from "vitest";
import { readingOf, readings, testReadings } from "../../src/evaluate/readings.ts";
import { column, dropping, findingsOf, type MadeUp } from "./made-up.ts";

const gradCam = column("grad-cam", "bilinear");
const [bilinear, gaussian] = [column("extended", "bilinear"), column("extended", "gaussian")];
const [shuffledBilinear, shuffled] = [
  column("extended", "bilinear", "shuffled"),
  column("extended", "gaussian", "shuffled"),
];

/** A table of one test: the Drop of each map in percent. */
const table = (test: string, drops: readonly (readonly [MadeUp["column"], number])[], photographs = 60) =>
  drops.map(([of, percent], k): MadeUp => ({ column: of, test, O: dropping(percent, photographs, k) }));

const [full, relative] = ["full.black", "relative.black"];

/** What the rule of a test says of a table. */
function said(rule: keyof typeof testReadings, rows: readonly MadeUp[], keep = 0.5): string | null {
  const findings = findingsOf(rows, keep);
  const [test] = findings.tests;
  if (test === undefined) throw new Error("a table has a test");
  return testReadings[rule](findings, test);
}

describe("lowest", () => {
  it("names the lowest method, never a control", () => {
    const rows = table(full, [
      [gradCam, 33],
      [gaussian, 18],
      [shuffled, 10],
    ]);
    expect(said("lowest", rows)).toMatch(
      /^“Extended-CAM, Gaussian” has the lowest Average Drop, 1[78]\.\d % \[.+\]; every other method drops more, by more than chance\.$/,
    );
  });

  it("says from whom it is not told apart", () => {
    const rows = table(full, [
      [gradCam, 33],
      [gaussian, 18],
      [bilinear, 18.1],
    ]);
    expect(said("lowest", rows)).toMatch(
      /; it is not told apart from “Extended-CAM, (bilinear|Gaussian)”\.$/,
    );
  });

  it("is silent on a single method", () => {
    expect(said("lowest", table(full, [[gaussian, 18]]))).toBeNull();
  });
});

describe("softness is rewarded", () => {
  const soft = (shuffledDrop: number, test = full) =>
    said(
      "softness is rewarded",
      table(test, [
        [gradCam, 33],
        [bilinear, 35],
        [gaussian, 18],
        [shuffled, shuffledDrop],
      ]),
    );

  it("where shuffled cells under the Gaussian beat every bilinear map", () => {
    expect(soft(22)).toMatch(
      /^Softness is rewarded: “Extended-CAM, cells shuffled, Gaussian”, .+ drops 2\d\.\d % .+ beats all methods with bilinear upsampling; /,
    );
  });

  it("where they beat some of them, it names these", () => {
    expect(soft(34)).toMatch(/ beats “Extended-CAM, bilinear”; /);
  });

  it("where they beat all", () => {
    expect(soft(10)).toMatch(/ beats all methods; /);
  });

  it("not where they beat none, and not under relative masking", () => {
    expect(soft(40)).toBeNull();
    expect(soft(22, relative)).toBeNull();
  });
});

describe("content decides", () => {
  const decides = (bilinearDrop: number, gaussianDrop: number, test = relative) =>
    said(
      "content decides",
      table(test, [
        [bilinear, bilinearDrop],
        [gaussian, gaussianDrop],
        [shuffledBilinear, 76],
        [shuffled, 47],
      ]),
    );

  it("where methods beat the controls that are drawn alike", () => {
    expect(decides(37, 17)).toMatch(/^Content decides: all methods beat every control/);
    expect(decides(37, 47)).toMatch(/^Content decides: “Extended-CAM, bilinear” beats every control/);
  });

  it("not where none does, nor under full masking", () => {
    expect(decides(76, 47)).toBeNull();
    expect(decides(37, 17, full)).toBeNull();
  });
});

describe("no better than a control", () => {
  const rows = (gaussianDrop: number) =>
    table(full, [
      [bilinear, 35],
      [gaussian, gaussianDrop],
      [shuffledBilinear, 45],
      [shuffled, 22],
    ]);

  it("names who does not beat the controls that are drawn alike", () => {
    expect(said("no better than a control", rows(22))).toMatch(
      /^No evidence that the class is found by “Extended-CAM, Gaussian”:/,
    );
    expect(said("no better than a control", rows(30))).toMatch(/found by “Extended-CAM, Gaussian”/);
  });

  it("is silent where all do", () => {
    expect(said("no better than a control", rows(18))).toBeNull();
  });
});

describe("what Gaussian upsampling does", () => {
  const change = (gaussianDrop: number) =>
    said(
      "what Gaussian upsampling does",
      table(relative, [
        [bilinear, 37],
        [gaussian, gaussianDrop],
      ]),
    );

  it("tells the change in points, and whether it is decided", () => {
    expect(change(17)).toMatch(/: Extended-CAM -(19|20)\.\d \[-\d+\.\d, -\d+\.\d\]\.$/);
    expect(change(57)).toMatch(/: Extended-CAM \+(19|20)\.\d \[/);
    expect(change(37.1)).toMatch(/\(undecided\)\.$/);
  });

  it("is silent without both", () => {
    expect(said("what Gaussian upsampling does", table(relative, [[gaussian, 17]]))).toBeNull();
  });
});

describe("ties were kept", () => {
  const rows = (kept: number, test = relative) => [{ column: bilinear, test, O: dropping(30), kept }];

  it("where more pixels are left than were to be kept", () => {
    expect(said("ties were kept", rows(0.7))).toMatch(
      /^More pixels than the others kept “Extended-CAM, bilinear”/,
    );
  });

  it("not where half are left, nor under full masking", () => {
    expect(said("ties were kept", rows(0.5))).toBeNull();
    expect(said("ties were kept", rows(0.7), 0.7)).toBeNull();
    expect(said("ties were kept", rows(0.7, full))).toBeNull();
  });
});

describe("of the whole", () => {
  const both = (first: number, second: number) =>
    findingsOf([
      ...table(full, [
        [bilinear, 35],
        [gaussian, 18],
      ]),
      ...table(relative, [
        [bilinear, first],
        [gaussian, second],
      ]),
    ]);

  it("the tests disagree where each names another, both by more than chance", () => {
    expect(readings["tests disagree"](both(15, 30))).toMatch(
      /^The tests disagree: the better one is “Extended-CAM, Gaussian” under full masking, but “Extended-CAM, bilinear” under relative masking\.$/,
    );
    expect(readings["tests disagree"](both(30, 15))).toBeNull();
    expect(readings["tests disagree"](both(29.9, 30))).toBeNull();
  });

  it("few photographs are said to be few", () => {
    const few = (photographs: number) =>
      readings["few photographs"](findingsOf(table(full, [[gaussian, 18]], photographs)));
    expect(few(7)).toMatch(/^With 7 photographs/);
    expect(few(30)).toBeNull();
  });

  it("missing controls are missed", () => {
    expect(readings["no controls"](findingsOf(table(full, [[gaussian, 18]])))).toMatch(
      /^No controls were run/,
    );
    expect(readings["no controls"](findingsOf(table(full, [[shuffled, 18]])))).toBeNull();
  });

  it("photographs without confidence are counted", () => {
    const findings = findingsOf(table(full, [[gaussian, 18]]));
    expect(readings["without confidence"](findings)).toBeNull();
    const evaluation = { ...findings.evaluation, confidence: "logit" as const, withoutConfidence: ["a.jpg"] };
    expect(readings["without confidence"]({ ...findings, evaluation })).toMatch(/: 1 photograph\.$/);
  });

  it("many comparisons are counted, few are not", () => {
    const five = [gradCam, bilinear, gaussian, shuffledBilinear, shuffled].map((of) => [of, 20] as const);
    expect(readings["many comparisons"](findingsOf(table(full, five)))).toMatch(/ of 10 pairs .+ about 1 /);
    expect(readings["many comparisons"](findingsOf(table(full, five.slice(0, 4))))).toBeNull();
  });
});

it("the paragraphs begin with the test, and the last is of the whole", () => {
  const rows = ["relative.black", "relative.mean"].flatMap((test) =>
    table(
      test,
      [
        [bilinear, 37],
        [gaussian, 17],
      ],
      12,
    ),
  );
  const paragraphs = readingOf(findingsOf(rows));
  expect(paragraphs.map((words) => words.split(/[:,]/)[0])).toEqual([
    "Under relative masking",
    "Under relative masking with mean fill",
    "With 12 photographs the intervals are wide",
  ]);
});
