import { camMethods } from "../cam/methods.ts";
import type { Resampling } from "./bootstrap.ts";
import { type EvaluatedColumn, maskingTest, type TestName } from "./design.ts";
import { type Estimate, evaluationOf, type Evaluation } from "./evaluation.ts";
import { beats, controlsLike, differenceOf, dropOf, lowestOf, type Findings } from "./findings.ts";
import type { MaskingName } from "./maskings.ts";
import type { Photograph } from "./photograph.ts";
import type { EvaluationRun } from "./run.ts";
import { copiesIn, copiesText } from "../input/duplicates.ts";

/** What the numbers of an evaluation say, in a sentence; null where the rule does not apply. */
type Reading = (findings: Findings) => string | null;
type TestReading = (findings: Findings, test: Findings["tests"][number]) => string | null;

/** Of every test. Of a difference whose interval holds zero nothing is said but that it does. */
export const testReadings = {
  lowest(findings, { name }) {
    const found = lowestOf(findings, name);
    if (found === null || findings.methods.length < 2) return null;
    const { lowest, alike } = found;
    const rest =
      alike.length === 0
        ? "every other method drops more, by more than chance"
        : `it is not told apart from ${titles(alike)}`;
    return `${titles([lowest])} has the lowest Average Drop, ${shown(dropOf(findings, name, lowest))}; ${rest}.`;
  },

  "softness is rewarded"(findings, { name, masking }) {
    const [control] = blind(findings).toSorted(
      (a, b) => dropOf(findings, name, a).value - dropOf(findings, name, b).value,
    );
    if (masking !== "full" || control === undefined) return null;
    const beaten = findings.methods.filter((method) => beats(findings, name, control, method));
    if (beaten.length === 0) return null;
    return `Softness is rewarded: ${titles([control])}, which knows nothing of the place, drops ${shown(dropOf(findings, name, control))} and beats ${all(beaten, findings.methods)}; so a low Drop is no proof of localization here.`;
  },

  "content decides"(findings, { name, masking }) {
    if (masking !== "relative") return null;
    const proven = findings.methods.filter((method) => {
      const same = controlsLike(findings, method);
      return same.length > 0 && same.every((control) => beats(findings, name, method, control));
    });
    return proven.length === 0
      ? null
      : `Content decides: ${all(proven, findings.methods)} beat${proven.length === 1 ? "s" : ""} every control that is drawn alike.`;
  },

  "no better than a control"(findings, { name }) {
    const unproven = findings.methods.filter((method) =>
      controlsLike(findings, method).some((control) => !beats(findings, name, method, control)),
    );
    return unproven.length === 0
      ? null
      : `No evidence that the class is found by ${all(unproven, findings.methods)}: some control that is drawn alike is not shown to be worse.`;
  },

  "what Gaussian upsampling does"(findings, { name }) {
    const changes = upsampledBothWays(findings).flatMap(([gaussian, bilinear]) => {
      const difference = differenceOf(findings, name, gaussian, bilinear);
      if (difference === null) return [];
      const { value, interval, separated } = difference;
      const change = `${signed(value)} [${interval.map(signed).join(", ")}]`;
      return [`${camMethods[gaussian.column.method].title} ${change}${separated ? "" : " (undecided)"}`];
    });
    return changes.length === 0
      ? null
      : `Gaussian instead of bilinear upsampling changes the Drop by these points: ${changes.join("; ")}.`;
  },

  "ties were kept"({ methods, controls, evaluation, keep }, { name, masking }) {
    const more = [...methods, ...controls].filter(({ key }) => {
      const row = evaluation.rows.find((one) => one.test === name && one.column === key);
      return (row?.kept ?? 0) > keep + tolerated;
    });
    return masking !== "relative" || more.length === 0
      ? null
      : `More pixels than the others kept ${titles(more)}: equal values at the threshold all stay, which flatters a map.`;
  },
} as const satisfies Record<string, TestReading>;

/** Of the evaluation as a whole. */
export const readings = {
  "few photographs": ({ evaluation: { photographs } }) =>
    photographs >= enough
      ? null
      : `With ${photographs} photographs the intervals are wide, and drawn too narrow as well: take the order of the rows for a hint.`,

  "without confidence": ({ evaluation: { withoutConfidence: left, confidence } }) =>
    left.length === 0
      ? null
      : `Left out, for their ${confidence} is zero or less before any masking: ${left.length} photograph${left.length === 1 ? "" : "s"}.`,

  "no controls": ({ controls }) =>
    controls.length > 0
      ? null
      : "No controls were run: these numbers do not tell a map that finds the class from one that is merely soft.",

  "tests disagree"(findings) {
    const lowest = findings.tests.flatMap(({ name }) => {
      const found = lowestOf(findings, name);
      return found === null ? [] : [{ name, column: found.lowest }];
    });
    const pairs = lowest.flatMap((one, k) => lowest.slice(k + 1).map((other) => [one, other] as const));
    const apart = pairs.find(
      ([one, other]) =>
        beats(findings, one.name, one.column, other.column) &&
        beats(findings, other.name, other.column, one.column),
    );
    if (apart === undefined) return null;
    const words = apart.map(({ name, column }) => `${titles([column])} ${under(name)}`);
    return `The tests disagree: the better one is ${words.join(", but ")}.`;
  },

  "many comparisons"({ evaluation: { differences } }) {
    const pairs = differences.filter(({ measure }) => measure === "drop").length;
    return pairs < several
      ? null
      : `The intervals are not corrected for their number: of ${pairs} pairs without any difference about ${Math.round(0.05 * pairs)} would seem separated.`;
  },
} as const satisfies Record<string, Reading>;

/** The result read for the user, from the numbers alone: a paragraph for each test, and one for the whole. */
export function readingOf(findings: Findings): readonly string[] {
  const paragraph = (sentences: readonly (string | null)[]): string[] => {
    const said = sentences.filter((sentence) => sentence !== null);
    return said.length === 0 ? [] : [said.join(" ")];
  };
  return [
    ...findings.tests.flatMap((test) =>
      paragraph(Object.values<TestReading>(testReadings).map((rule) => rule(findings, test))).map(
        (words) => `${capital(under(test.name))}: ${words}`,
      ),
    ),
    ...paragraph(Object.values<Reading>(readings).map((rule) => rule(findings))),
  ];
}

/** Below this a percentile interval of a mean covers clearly less than it says. */
const enough = 30;

/** Pairs of rows from which on chance alone is likely to separate one. */
const several = 10;

/** Share of the pixels by which a mask may exceed what was to be kept. */
const tolerated = 0.01;

const signed = (points: number): string => `${points > 0 ? "+" : ""}${points.toFixed(1)}`;

const shown = ({ value, interval: [low, high] }: Estimate): string =>
  `${value.toFixed(1)} % [${low.toFixed(1)}, ${high.toFixed(1)}]`;

const titles = (columns: readonly EvaluatedColumn[]): string => {
  const words = columns.map(({ title }) => `“${title}”`);
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
};

/** The columns by name; in a word where they are all there are, or all of one upsampling. */
function all(some: readonly EvaluatedColumn[], of: readonly EvaluatedColumn[]): string {
  const [first] = some;
  if (first === undefined || some.length === 1) return titles(some);
  if (some.length === of.length) return "all methods";
  const alike = of.filter((column) => sameUpsampling(column, first));
  return alike.length === some.length && alike.every((one) => some.includes(one))
    ? `all methods with ${first.column.upsampling.by} upsampling`
    : titles(some);
}

/** `under full masking`; the fill is named where it is not black. */
const under = (test: string): string => {
  const [masking = "", fill = ""] = test.split(".");
  return `under ${masking} masking${fill === "black" ? "" : ` with ${fill} fill`}`;
};

const capital = (words: string): string => words.replace(/^./, (letter) => letter.toUpperCase());

const sameUpsampling = (a: EvaluatedColumn, b: EvaluatedColumn): boolean =>
  a.column.upsampling.by === b.column.upsampling.by;

/** Controls that hold nothing of where any class is seen; another image's map still knows that objects stand in the middle. */
const blind = ({ controls }: Findings): readonly EvaluatedColumn[] =>
  controls.filter(({ column: { control } }) => control === "shuffled" || control === "random");

/** Methods that were drawn by Gaussian and by bilinear upsampling, alike in all else. */
const upsampledBothWays = ({
  methods,
}: Findings): readonly (readonly [gaussian: EvaluatedColumn, bilinear: EvaluatedColumn])[] => {
  const drawn = (by: string) => methods.filter(({ column }) => column.upsampling.by === by);
  return drawn("gaussian").flatMap((gaussian) =>
    drawn("bilinear")
      .filter(
        ({ column: { method, rectify } }) =>
          method === gaussian.column.method && rectify === gaussian.column.rectify,
      )
      .map((bilinear) => [gaussian, bilinear] as const),
  );
};

/** What the measured photographs say. */
export interface Conclusion {
  readonly evaluation: Evaluation;
  /** Maskings by fills, in the tables' order. */
  readonly tests: readonly { readonly name: TestName; readonly masking: MaskingName }[];
  /** The result as paragraphs. */
  readonly reading: readonly string[];
}

/** @param columns those that the tables are of: a sweep's are measured beside them */
export function conclusionOf(
  { design, confidence, sources }: Pick<EvaluationRun, "design" | "confidence" | "sources">,
  columns: readonly EvaluatedColumn[],
  photographs: readonly Photograph[],
  resampling: Resampling,
): Conclusion {
  const keys = new Set(columns.map(({ key }) => key));
  const evaluation = evaluationOf(photographs, keys, confidence, resampling);
  const tests = design.maskings.flatMap((masking) =>
    design.fills.map((fill) => ({ name: maskingTest(masking, fill), masking })),
  );
  const reading = readingOf({
    evaluation,
    keep: design.keep,
    methods: columns.filter(({ column }) => column.control === null),
    controls: columns.filter(({ column }) => column.control !== null),
    tests,
  });
  const copies = copiesIn(sources);
  return { evaluation, tests, reading: copies.count === 0 ? reading : [copiesText(copies), ...reading] };
}
