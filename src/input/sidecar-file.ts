import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { readRegular } from "../io/regular-file.ts";
import { ErfitError, messageOf } from "../core/error.ts";
import { parseSidecar, type Sidecar } from "./sidecar.ts";

async function readJsonFile(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readRegular(path));
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new ErfitError(`${path}: not JSON (${messageOf(thrown)})`);
  }
}

/** A TF.js model is JSON itself. */
const sidecarOf = (model: string): string =>
  /\.json$/i.test(model) ? model.replace(/\.json$/i, ".sidecar.json") : model.replace(/\.[^./\\]*$/, ".json");

/** The sidecar beside a model (`net.onnx` -> `net.json`, `model.json` -> `model.sidecar.json`), where there is one. */
export async function readSidecar(model: string): Promise<Sidecar | undefined> {
  const path = sidecarOf(model);
  if (path === model) return undefined;
  const json = await readJsonFile(path).catch((thrown: unknown) => {
    if (thrown instanceof ErfitError) throw thrown;
    return undefined;
  });
  return json === undefined ? undefined : parseSidecar(json, basename(path));
}

const entry = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const classFile = z.union([
  z.array(entry),
  z.object({ classes: z.array(entry) }).transform(({ classes }) => classes),
]);

/** Class names in the order of the logits, from the sidecar or the file that it names; undefined where it names none. */
export async function readClassNames(
  model: string,
  sidecar: Sidecar | undefined,
): Promise<readonly string[] | undefined> {
  const classes = sidecar?.output?.classes;
  if (classes === undefined || typeof classes !== "string") return classes;
  const path = join(dirname(model), basename(classes));
  const parsed = classFile.safeParse(await readJsonFile(path).catch(() => undefined));
  return parsed.success ? parsed.data : undefined;
}
