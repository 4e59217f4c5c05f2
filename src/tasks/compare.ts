import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { comparable } from "../calibration/comparison/compared.ts";
import { pairTests } from "../calibration/comparison/difference.ts";
import { growthOf } from "../calibration/comparison/growth.ts";
import { readCalibration } from "../calibration/read.ts";
import type { Calibration } from "../calibration/schema.ts";
import { ErfitError, messageOf, optionText } from "../core/error.ts";
import { readMap } from "../core/npy.ts";
import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { isFolder, readIfThere, readNamed, within } from "../io/files.ts";
import type { PicturedErf } from "../report/comparison/pictured.ts";
import type { Comparison } from "../report/comparison/tables.ts";
import {
  folderLabelsFromText,
  folderLabelsSchema,
  namedFolders,
  type FolderLabels,
} from "./compare-labels.ts";
import { layersFileName, layersFileSchema } from "./calibrate/files.ts";
import { flag, option, type CheckedOptions } from "./option.ts";

/** The calibration files that a word of the command names: of a folder, of all layers that a folder lists, or itself. */
async function calibrationsAt(path: string): Promise<readonly string[]> {
  if (!(await isFolder(path))) return [path];
  const list = await readIfThere(join(path, layersFileName), "a list of layers");
  if (list === undefined) return [join(path, "calibration.json")];
  const record = join(path, layersFileName);
  return listedIn(record, list).map(({ folder }) => join(within(path, folder, record), "calibration.json"));
}

function listedIn(path: string, bytes: Uint8Array) {
  try {
    return layersFileSchema.parse(JSON.parse(Buffer.from(bytes).toString())).layers;
  } catch (thrown) {
    throw new ErfitError(`${path}: no list of layers that erfit wrote: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** A calibration that a program holds, with its map; called by its label where it has one. */
export interface HeldCalibration {
  readonly calibration: Calibration;
  readonly map: RealMap;
  readonly label?: string | undefined;
}

interface Read {
  readonly path: string;
  readonly calibration: Calibration;
  /** Already there, for one that a program holds. */
  readonly map?: RealMap;
  readonly label?: string | undefined;
}

/** Where a calibration lies; of one that a program holds, its place in the list. */
const placeOf = ({ path, map }: Read): string => (map === undefined ? dirname(path) : path);

/** What tells each from the others: its layer, its model, both, or its folder. */
function labelsOf(read: readonly Read[]): readonly string[] {
  const model = ({ calibration }: Read) => calibration.model.file.replace(/([/\\]model)?\.(onnx|json)$/i, "");
  const layer = ({ calibration }: Read) => calibration.layer.label;
  const both = (one: Read) => `${model(one)} ${layer(one)}`;
  const folder = placeOf;
  const folderName = (one: Read) => basename(folder(one));
  const tells = [layer, model, both, folderName, folder].find(
    (label) => new Set(read.map(label)).size === read.length,
  );
  const one = new Set(read.map(model)).size === 1;
  return read.map(
    tells === layer && !one
      ? new Set(read.map(model)).size === read.length
        ? model
        : both
      : (tells ?? folder),
  );
}

/** Two words for one file are a mistake: it differs from itself by nothing. */
async function refuseTwice(paths: readonly string[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const real = await realpath(path).catch(() => path);
    const other = seen.get(real);
    if (other !== undefined)
      throw new ErfitError(`${path} is the same file as ${other}`, { remedy: "give each calibration once" });
    seen.set(real, path);
  }
}

interface ComparedFiles {
  readonly erfs: readonly PicturedErf[];
  /** Labels of listed layers that hold no Gaussian, and are left out. */
  readonly unfitted: readonly string[];
}

/**
 * Calibrations with their maps, in the order of the command.
 * @throws ErfitError for a file that is there twice, a copy, one without a fit (but of a list of layers), or one without its map
 */
export async function comparedFiles(
  given: readonly (string | HeldCalibration)[],
  labels: FolderLabels,
): Promise<ComparedFiles> {
  const named: { readonly path: string; readonly listed: boolean; readonly held?: HeldCalibration }[] = [];
  for (const [k, word] of given.entries()) {
    if (typeof word !== "string") {
      named.push({ path: `calibration ${k + 1}`, listed: false, held: word });
      continue;
    }
    const paths = await calibrationsAt(word);
    named.push(...paths.map((path) => ({ path, listed: paths.length > 1 })));
  }
  await refuseTwice(named.map(({ path }) => path));
  const read: Read[] = [];
  const unfitted: string[] = [];
  for (const { path, listed, held } of named) {
    if (held !== undefined) {
      read.push({ path, ...held });
      continue;
    }
    const calibration = await readCalibration(path);
    if (calibration.fit === null && listed) unfitted.push(calibration.layer.label);
    else read.push({ path, calibration });
  }
  const folders = named.filter(({ held }) => held === undefined).map(({ path }) => dirname(path));
  const byFolder = namedFolders(labels, folders);
  const names = labelsOf(read).map((own, k) => {
    const { label, map, path } = at(read, k);
    return label ?? (map === undefined ? byFolder.get(dirname(path)) : undefined) ?? own;
  });
  refuseSameLabel(names, read);
  const erfs: PicturedErf[] = [];
  for (const [k, { path, calibration, map }] of read.entries()) {
    const { fit } = calibration;
    if (fit === null)
      throw new ErfitError(
        `${path} holds no Gaussian to compare: ${calibration.warnings[0]?.message ?? "none could be fitted"}`,
        {
          remedy: "leave it out, or calibrate with more photographs",
        },
      );
    erfs.push({ label: at(names, k), path, calibration, fit, map: map ?? (await mapBeside(path)) });
  }
  refuseCopies(erfs);
  return { erfs, unfitted };
}

async function mapBeside(calibration: string): Promise<RealMap> {
  const path = join(dirname(calibration), "erf.npy");
  return readMap(
    await readNamed(path, "the map of the calibration beside it, which `erfit calibrate` writes"),
    path,
  );
}

/** A label that was given may be what another calibration is called without one. */
function refuseSameLabel(names: readonly string[], read: readonly Read[]): void {
  const twice = names.findIndex((name, k) => names.indexOf(name) < k);
  if (twice === -1) return;
  const [one, other] = [names.indexOf(at(names, twice)), twice].map((k) => placeOf(at(read, k)));
  throw new ErfitError(`${one ?? ""} and ${other ?? ""} would both be called "${at(names, twice)}"`, {
    remedy: `${optionText("labels")} names them apart`,
  });
}

function refuseCopies(erfs: readonly PicturedErf[]): void {
  const seen = new Map<string, string>();
  for (const { path, calibration } of erfs) {
    const text = JSON.stringify(calibration);
    const other = seen.get(text);
    if (other !== undefined)
      throw new ErfitError(`${path} is a copy of ${other}`, { remedy: "give each calibration once" });
    seen.set(text, path);
  }
}

export const compareOptions = {
  labels: option(folderLabelsSchema, {
    group: "output",
    describe: "what to call them, by folder: resnet50=ResNet-50,convnext=ConvNeXt-T",
    otherwise: "what tells them apart: layer, model",
    fromText: folderLabelsFromText,
  }),
  anyProtocol: option(flag, {
    group: "advanced",
    default: false,
    describe: "compare what was measured by different protocols, or fitted by different models",
  }),
} as const;

/** Calibrations side by side, with the maps of each. */
interface ComparedErfs {
  readonly comparison: Comparison;
  readonly erfs: readonly PicturedErf[];
}

/** @throws ErfitError for a calibration that is missing, given twice, or not comparable with the others */
export async function compared(
  { labels, anyProtocol }: CheckedOptions<typeof compareOptions>,
  calibrations: readonly (string | HeldCalibration)[],
): Promise<ComparedErfs> {
  const { erfs, unfitted } = await comparedFiles(calibrations, labels ?? {});
  const left = unfitted.map((layer) => `layer "${layer}" holds no Gaussian, and is left out.`);
  const remarks = [...comparable(erfs, anyProtocol), ...left];
  return { comparison: { compared: erfs, tests: pairTests(erfs), growth: growthOf(erfs), remarks }, erfs };
}

/** What a program reads: NaN is null in JSON. */
export const comparisonRecord = ({ compared, tests, growth, remarks }: Comparison) => ({
  format: "erfit-comparison",
  version: 1,
  remarks,
  calibrations: compared.map(({ label, path, calibration, fit }) => ({
    label,
    path,
    model: calibration.model,
    layer: calibration.layer,
    protocol: calibration.protocol,
    photographs: calibration.images.photographs,
    sigmaX: fit.sigmaX,
    sigmaY: fit.sigmaY,
    rSquared: fit.rSquared,
    intervalSource: fit.intervalSource,
    warnings: calibration.warnings,
  })),
  tests: tests.map(({ first, second, ...test }) => ({ first: first.label, second: second.label, ...test })),
  growth,
});
