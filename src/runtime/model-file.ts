import { constants, closeSync, openSync, readSync, statSync } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";
import { ErfitError, messageOf, firstLineOf } from "../core/error.ts";
import { meantPath, readRegular } from "../io/read.ts";
import type { WeightsFile } from "../onnx/file/stored-bytes.ts";

/** The file that a path means: a folder's `model.json`, where it holds one (a TF.js model is a folder). */
export async function modelFile(path: string): Promise<string> {
  const inFolder = join(path, "model.json");
  const isFile = (candidate: string) =>
    stat(candidate).then(
      (found) => found.isFile(),
      () => false,
    );
  return (await isFile(inFolder)) ? inFolder : path;
}

/** The model's own file. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readRegular(path, Infinity);
  } catch (thrown) {
    throw await unreadable(path, "the model", thrown);
  }
}

async function unreadable(path: string, what: string, thrown: unknown): Promise<ErfitError> {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT")
    return new ErfitError(`${path}: no such file`, {
      remedy: (await meantPath(path)) ?? `give the path of ${what}`,
    });
  if (code === "EISDIR")
    return new ErfitError(
      `${path}: is a folder without a model.json; expected ${what} as an .onnx file, or a TF.js model's folder`,
    );
  if (code === "EACCES") return new ErfitError(`${path}: permission denied`);
  return new ErfitError(`${path}: cannot be read (${messageOf(thrown)})`);
}

/**
 * Path of a file of weights beside the model. A model may read in the folder that it is in, or really lies in: in a cache of
 * Hugging Face, model and weights are links into one other folder. Links that lead elsewhere are refused.
 */
export async function pathBeside(folder: string, location: string, model: string): Promise<string> {
  const path = join(folder, location);
  try {
    const homes = [await realpath(folder), dirname(await realpath(model))];
    const real = await realpath(path);
    if (!homes.some((home) => isWithin(home, real))) {
      throw new ErfitError(`${model}: its weights file "${location}" lies outside the model's folder`, {
        remedy: "put the file beside the model",
      });
    }
    // A pipe has no length and may never end.
    if (!(await stat(real)).isFile())
      throw new ErfitError(`${model}: its weights file "${location}" is no file`);
    await access(path, constants.R_OK);
    return path;
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    throw new ErfitError(
      `${model}: its weights file "${location}" cannot be read (expected it beside the model)`,
      { cause: thrown },
    );
  }
}

function isWithin(folder: string, path: string): boolean {
  const away = relative(folder, path);
  return !away.startsWith("..") && !isAbsolute(away);
}

/** A file on disk that is read in pieces; it is open only while one is read. */
export function weightsFile(path: string): WeightsFile {
  return {
    length: statSync(path).size,
    read(offset, target) {
      const { length } = target;
      const file = openSync(path, "r");
      try {
        for (let done = 0; done < length;) {
          const count = readSync(file, target, done, length - done, offset + done);
          if (count === 0) throw new ErfitError(`${path}: became shorter while erfit was reading it`);
          done += count;
        }
      } finally {
        closeSync(file);
      }
    },
  };
}

export function wholeOf(file: WeightsFile): Uint8Array {
  const bytes = new Uint8Array(file.length);
  file.read(0, bytes);
  return bytes;
}

function attributed(file: string, thrown: unknown): ErfitError {
  if (thrown instanceof ErfitError) return thrown;
  return new ErfitError(`${file}: its parts do not fit together: ${firstLineOf(thrown)}`, {
    remedy: "export the model again",
    cause: thrown,
  });
}

/**
 * Does something with a model. Where its parts do not fit together in a way that no check foresaw, a rule or a library fails
 * on them with a message of its own: the error is attributed to the file.
 */
export function attributedToFile<Result>(file: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return action().catch((thrown: unknown) => {
      throw attributed(file, thrown);
    });
  } catch (thrown) {
    throw attributed(file, thrown);
  }
}
