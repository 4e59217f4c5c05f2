import { distance } from "fastest-levenshtein";

/** What a user may have meant by a name that is none. */

/** The letters of a name alone: `GradCAM++`, `gradcampp` and `grad_cam_plus_plus` are `grad-cam++`. */
const letters = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_.:-]/g, "")
    .replaceAll("plus", "+")
    .replace(/pp$/, "++");

/** Names in the order of their likeness to a given one. */
export function nearestOf(given: string, names: Iterable<string>): readonly string[] {
  const wanted = letters(given);
  return [...new Set(names)]
    .map((name) => ({ name, away: distance(wanted, letters(name)) }))
    .toSorted((a, b) => a.away - b.away)
    .map(({ name }) => name);
}

/** Letters that a slip of the keyboard changes, of a name so long. */
const slips = (length: number): number => Math.max(1, Math.round(length / 3));

/** The name that is meant: one that is alike but for a slip, or that begins with what was given; undefined where none is. */
export function meantBy(given: string, names: Iterable<string>): string | undefined {
  const wanted = letters(given);
  if (wanted === "") return undefined;
  const ranked = nearestOf(given, names);
  const alike = ranked.find(
    (name) => distance(wanted, letters(name)) <= slips(Math.min(wanted.length, letters(name).length)),
  );
  return alike ?? (wanted.length < 3 ? undefined : ranked.find((name) => letters(name).startsWith(wanted)));
}

/** A question for the end of an error; undefined where nothing is alike. */
export function didYouMean(
  given: string,
  names: Iterable<string>,
  shown: (name: string) => string = (name) => JSON.stringify(name),
): string | undefined {
  const meant = meantBy(given, names);
  return meant === undefined ? undefined : `did you mean ${shown(meant)}?`;
}
