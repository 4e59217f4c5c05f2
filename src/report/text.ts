import type { Estimate, GaussianFit } from "../fit/result.ts";

/** Mean advance of a character of DejaVu Sans in ems, rounded up: text of unknown letters must not run over. */
const emsPerCharacter = 0.62;

/** XML has no way to write these, not even escaped; a file name may hold them. Lone surrogates are no characters either. */
const notXml = /[\p{Cs}\p{Noncharacter_Code_Point}]|(?![\t\n\r])\p{Cc}/gu;

/** The text with U+FFFD for what XML cannot hold; everything else is escaped where the figure is written. */
export const xmlText = (text: string): string => text.replace(notXml, "\uFFFD");

/** Characters that have room in so many units at that font size. */
export const charactersIn = (width: number, fontSize: number): number =>
  Math.floor(width / (fontSize * emsPerCharacter));

/** The width to break known words by: English takes less than the letters of an unknown text. */
export const proseRoom = (width: number): number => 1.12 * width;

/** The text, its middle left out where it would be wider than so many units at that font size. */
export function elided(text: string, width: number, fontSize: number): string {
  const room = Math.max(charactersIn(width, fontSize), 3);
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  if (characters.length <= room) return text;
  const head = Math.ceil((room - 1) / 2);
  return [...characters.slice(0, head), "…", ...characters.slice(characters.length - (room - 1 - head))].join(
    "",
  );
}

/** The words in lines no wider than so many units at that font size. */
export function wrapped(text: string, width: number, fontSize: number): string[] {
  const room = charactersIn(width, fontSize);
  return text.split(/\s+/).reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    return last !== undefined && last.length + 1 + word.length <= room
      ? [...lines.slice(0, -1), `${last} ${word}`]
      : [...lines, word];
  }, []);
}

/** `31.99 ± 0.41`: two digits of the uncertainty, and the value to the same place; four digits without one. */
export function withUncertainty(value: number, halfWidth: number | undefined): string {
  if (halfWidth === undefined || !(halfWidth > 0) || !Number.isFinite(halfWidth)) return value.toPrecision(4);
  const digits = Math.min(Math.max(1 - Math.floor(Math.log10(halfWidth)), 0), 9);
  return `${value.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
}

/** Half of an estimate's 95 % interval over photographs; undefined where the fit has none, for least squares' own says too little. */
export const overPhotographs = (
  { intervalSource }: Pick<GaussianFit, "intervalSource">,
  { interval95: [low, high] }: Estimate,
): number | undefined => (intervalSource === "photographs" ? (high - low) / 2 : undefined);

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** The power of ten of the largest value, so that an axis counts in small numbers: `[1e-4, " (× 10⁻⁴)"]`. */
export function powerOfTen(largest: number): [unit: number, label: string] {
  const exponent = largest > 0 && Number.isFinite(largest) ? Math.floor(Math.log10(largest)) : 0;
  if (Math.abs(exponent) < 2) return [1, ""];
  const digits = Array.from(String(Math.abs(exponent)), (digit) => superscripts[Number(digit)]).join("");
  return [Number(`1e${exponent}`), ` (× 10${exponent < 0 ? "⁻" : ""}${digits})`];
}

/** At most `digits` decimals, without trailing zeros. */
export const short = (value: number, digits = 2): string => String(Number(value.toFixed(digits)));
