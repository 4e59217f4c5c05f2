import { basename, dirname, join } from "node:path";
import { readIfRegular } from "../../io/regular-file.ts";
import { ErfitError, messageOf } from "../../core/error.ts";
import { parseProcessorConfig, type ProcessorConfig } from "./config.ts";

/** A configuration in a model's folder; it is parsed where the preprocessing is taken from it. */
export interface ProcessorFile {
  readonly path: string;
  readonly text: string;
}

/** Exports to ONNX lie in such a folder of a model's repository. */
const exported = "onnx";

/** A timm model's configuration, among the fields of other models' that say nothing of photographs. */
const timmsFile = "config.json";

/**
 * `preprocessor_config.json` in the model's folder, as transformers writes it, or the `config.json` of a timm model on the Hub.
 * Of a folder `onnx` the one above is looked into as well.
 */
export async function readProcessorFile(model: string): Promise<ProcessorFile | undefined> {
  const folder = dirname(model);
  const folders = basename(folder) === exported ? [folder, dirname(folder)] : [folder];
  for (const name of ["preprocessor_config.json", timmsFile])
    for (const place of folders) {
      const path = join(place, name);
      const bytes = path === model ? undefined : await readIfRegular(path);
      const text = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
      if (text !== undefined && (name !== timmsFile || text.includes('"pretrained_cfg"')))
        return { path, text };
    }
  return undefined;
}

/** @throws ErfitError that names the file, and what of it erfit does not follow */
export function parseProcessorFile({ path, text }: ProcessorFile): ProcessorConfig {
  const file = basename(path);
  try {
    const json: unknown = JSON.parse(text);
    return file === timmsFile
      ? parseProcessorConfig({ ...object(json), image_processor_type: "TimmWrapperImageProcessor" }, file)
      : parseProcessorConfig(json, file);
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    throw new ErfitError(`${path}: not JSON (${messageOf(thrown)})`, { cause: thrown });
  }
}

/** Of a timm model's configuration only the part on photographs counts. */
const object = (json: unknown): object =>
  typeof json === "object" && json !== null && "pretrained_cfg" in json
    ? { pretrained_cfg: json.pretrained_cfg }
    : {};
