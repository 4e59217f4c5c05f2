import { bases, type Base, type ParserName } from "./bases.ts";
import { byteMutators, type ByteMutator } from "./bytes.ts";
import { diceOf, type Dice } from "./dice.ts";
import { mutatedNpyHeader, mutatedPictureHeader, mutatedState } from "./headers.ts";
import { mutatedJson, mutatedLines } from "./json.ts";
import { mutatedModel } from "./models.ts";
import { mutatedTfjs } from "./tfjs.ts";

/** One changed input. */
export interface Case {
  readonly parser: ParserName;
  readonly base: string;
  readonly mutation: string;
  readonly file: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Whether the program is run, not only made: for a share of the models. */
  readonly runs: boolean;
}

/** How many inputs of a hundred a parser gets: the most where the most can go wrong. */
const shares: Readonly<Record<ParserName, number>> = {
  onnx: 53,
  tfjs: 14,
  picture: 9,
  npy: 7,
  calibration: 4,
  sidecar: 3,
  classes: 2,
  state: 3,
  cams: 2,
  layers: 1,
  journal: 2,
};

/** Changes that know the format, taken in two cases of three. */
const knowing: Readonly<Record<ParserName, ByteMutator>> = {
  onnx: mutatedModel,
  npy: mutatedNpyHeader,
  calibration: mutatedJson,
  sidecar: mutatedJson,
  classes: mutatedJson,
  picture: mutatedPictureHeader,
  tfjs: mutatedTfjs,
  state: mutatedState,
  cams: mutatedJson,
  layers: mutatedJson,
  journal: mutatedLines,
};

function chosenParser(dice: Dice): ParserName {
  let rest = dice.below(100);
  for (const [parser, share] of Object.entries(shares) as [ParserName, number][]) {
    rest -= share;
    if (rest < 0) return parser;
  }
  return "onnx";
}

function changed(parser: ParserName, base: Base, dice: Dice): Pick<Case, "mutation" | "files"> {
  if (dice.often(2 / 3)) {
    const files = { ...base.beside, [base.file]: knowing[parser](base.bytes, dice) };
    return { mutation: "structure", files };
  }
  const mutation = dice.pick(Object.keys(byteMutators)) ?? "";
  const mutate = byteMutators[mutation] ?? ((bytes: Uint8Array) => bytes);
  const others = Object.entries(base.beside);
  const other = dice.often(0.2) ? dice.pick(others) : undefined;
  const [file, bytes] = other ?? [base.file, base.bytes];
  return { mutation, files: { ...base.beside, [base.file]: base.bytes, [file]: mutate(bytes, dice) } };
}

/** The inputs of a seed, each by its number; which bases there are depends on what lies beside the checkout. */
export async function casesOf(seed: number, only?: ParserName): Promise<(index: number) => Case> {
  const loaded = new Map<ParserName, readonly Base[]>();
  for (const parser of Object.keys(bases) as ParserName[]) loaded.set(parser, await bases[parser]());
  return (index) => {
    const dice = diceOf(seed * 1_000_003 + index);
    const parser = only ?? chosenParser(dice);
    const base = dice.pick(loaded.get(parser) ?? []);
    if (base === undefined) throw new Error(`no base for ${parser}`);
    const { mutation, files } = changed(parser, base, dice);
    return { parser, base: base.name, mutation, file: base.file, files, runs: dice.often(0.25) };
  };
}
