import { access, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../python/run.ts";
import type { BackboneName } from "./models.ts";

/** One network in the forms that the peers take, the same weights in both. */
export interface ExportedBackbone {
  readonly name: BackboneName;
  /** ONNX, with its sidecar beside it. */
  readonly onnx: string;
  /** safetensors, for timm. */
  readonly weights: string;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The network as exported by torch, made where `folder` does not hold it yet: whole or not at all. */
export async function exported(
  name: BackboneName,
  folder: string,
  python: string,
): Promise<ExportedBackbone> {
  const home = join(folder, name);
  if (!(await exists(home))) {
    const partial = `${home}.partial`;
    await rm(partial, { recursive: true, force: true });
    await run(python, ["bench/backbones/export.py", name, partial], { purpose: `exporting ${name}` });
    await rename(partial, home);
  }
  return { name, onnx: join(home, `${name}.onnx`), weights: join(home, `${name}.safetensors`) };
}
