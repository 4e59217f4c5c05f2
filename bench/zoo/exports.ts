import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readNpy } from "../../src/math/npy.ts";
import type { DType, Tensor } from "../../src/math/tensor.ts";
import { run } from "../python/run.ts";
import type { Export } from "./models.ts";

const script = "bench/zoo/export.py";
const requirements = "bench/python/requirements.txt";
const cache = "bench/.cache/zoo";

const summary = z.object({
  index: z.number(),
  decisions: z.array(z.object({ operator: z.string(), elements: z.number() })),
  exports: z.array(
    z.object({
      exporter: z.enum(["dynamo", "legacy"]),
      opset: z.number(),
      file: z.string().optional(),
      failure: z.string().optional(),
    }),
  ),
});

/** What one operator decided in float64, one byte an element: `export.py` says how the bytes count. */
export interface Recorded {
  readonly operator: string;
  readonly decided: Uint8Array;
}

/** PyTorch's half of the comparison. */
export interface Reference {
  /** Of the logit that is differentiated. */
  readonly index: number;
  readonly image: Tensor<"float32">;
  /** d logit / d image. */
  readonly inFloat32: Float32Array;
  readonly inFloat64: Float64Array;
  /** In the order in which the network takes them. */
  readonly decisions: readonly Recorded[];
}

/** A file, or the exporter's words where there is none. */
export type Exported = Export & ({ readonly path: string } | { readonly failure: string });

export interface ExportedNetwork {
  readonly reference: Reference;
  readonly exports: readonly Exported[];
}

const folderOf = (model: string): string => join(cache, model);

/** What the files depend on: a cached export is used as long as these are the same. */
async function recipe(exports: readonly Export[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(exports));
  for (const path of [script, requirements]) hash.update(await readFile(path));
  return hash.digest("hex");
}

async function readArray<D extends DType>(path: string, dtype: D): Promise<Tensor<D>> {
  const tensor: Tensor = readNpy(await readFile(path), path);
  if (tensor.dtype !== dtype) throw new Error(`${path} holds ${tensor.dtype}, not ${dtype}`);
  return tensor as Tensor<D>; // the element type has just been compared
}

/** Exports a network in Python, or finds it in the cache. @throws ErfitError where the script fails */
export async function exportNetwork(
  python: string,
  model: string,
  exports: readonly Export[],
): Promise<ExportedNetwork> {
  const folder = folderOf(model);
  const [wanted, made] = [
    await recipe(exports),
    await readFile(join(folder, "recipe"), "utf8").catch(() => undefined),
  ];
  if (made !== wanted) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const requests = exports.map(({ exporter, opset }) => `${exporter}:${opset}`);
    await run(python, [script, model, folder, ...requests], { purpose: `exporting ${model}` });
    await writeFile(join(folder, "recipe"), wanted);
  }
  const read = summary.parse(JSON.parse(await readFile(join(folder, "network.json"), "utf8")));
  const decided = await readArray(join(folder, "decisions.npy"), "uint8");
  let start = 0;
  const decisions = read.decisions.map(({ operator, elements }): Recorded => {
    start += elements;
    return { operator, decided: decided.data.subarray(start - elements, start) };
  });
  return {
    reference: {
      index: read.index,
      image: await readArray(join(folder, "image.npy"), "float32"),
      inFloat32: (await readArray(join(folder, "gradient-float32.npy"), "float32")).data,
      inFloat64: (await readArray(join(folder, "gradient-float64.npy"), "float64")).data,
      decisions,
    },
    exports: read.exports.map(({ exporter, opset, file, failure }) =>
      file === undefined
        ? { exporter, opset, failure: failure ?? "no file was written" }
        : { exporter, opset, path: join(folder, file) },
    ),
  };
}

/** Deletes a network's files. */
export const discard = (model: string): Promise<void> =>
  rm(folderOf(model), { recursive: true, force: true });
