import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readNpy } from "../../src/core/npy.ts";
import type { DType, Shape, Tensor } from "../../src/core/tensor.ts";
import { run } from "../python/run.ts";
import { exportsOf, modelOf, type Entry, type Export } from "./entry.ts";

const script = "bench/zoo/export.py";
const scripts = [script, "bench/zoo/networks.py", "bench/zoo/decisions.py"];
const requirements = "bench/python/requirements.txt";
const cache = "bench/.cache/zoo";

const summary = z.object({
  output: z.number(),
  shape: z.array(z.number()),
  position: z.array(z.number()),
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
  /** Of the network's outputs, the one that has the scalar: counted from 0. */
  readonly output: number;
  readonly shape: Shape;
  /** Of the scalar in that output: an index on every axis. */
  readonly position: readonly number[];
  readonly image: Tensor<"float32">;
  /** d scalar / d image. */
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

const folderOf = (entry: Entry): string => join(cache, modelOf(entry));

/** What the files depend on: a cached export is used as long as these are the same. */
async function recipe(request: string): Promise<string> {
  const hash = createHash("sha256").update(request);
  for (const path of [...scripts, requirements]) hash.update(await readFile(path));
  return hash.digest("hex");
}

async function readArray<D extends DType>(path: string, dtype: D): Promise<Tensor<D>> {
  const tensor: Tensor = readNpy(await readFile(path), path);
  if (tensor.dtype !== dtype) throw new Error(`${path} holds ${tensor.dtype}, not ${dtype}`);
  return tensor as Tensor<D>; // the element type has just been compared
}

/** Exports a network in Python, or finds it in the cache. @throws ErfitError where the script fails */
export async function exportNetwork(python: string, entry: Entry): Promise<ExportedNetwork> {
  const folder = folderOf(entry);
  const request = JSON.stringify({ ...entry, exports: exportsOf(entry) });
  const [wanted, made] = [
    await recipe(request),
    await readFile(join(folder, "recipe"), "utf8").catch(() => undefined),
  ];
  if (made !== wanted) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run(python, [script, request, folder], { purpose: `exporting ${modelOf(entry)}` });
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
      output: read.output,
      shape: read.shape,
      position: read.position,
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
export const discard = (entry: Entry): Promise<void> => rm(folderOf(entry), { recursive: true, force: true });
