import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { run } from "../python/run.ts";
import type { Package } from "./packages.ts";

const cache = "bench/.cache/trained";

/** npm as it was called, or the one in the path. */
const npm = ([...options]: readonly string[], purpose: string): Promise<string> => {
  const script = process.env["npm_execpath"];
  return script === undefined
    ? run("npm", options, { purpose })
    : run(process.execPath, [script, ...options], { purpose });
};

async function onlyFileOf(folder: string): Promise<string> {
  const [file, ...more] = await readdir(folder);
  if (file === undefined || more.length > 0) throw new Error(`${folder} does not hold one file`);
  return join(folder, file);
}

/** The package's contents, from its registry through its own client: nothing of it is run. @returns their folder */
export async function fetched({ registry, name, version }: Package, python: string): Promise<string> {
  const folder = join(cache, `${name.replaceAll("/", "-")}-${version}`);
  if (existsSync(folder)) return folder;
  const [archives, contents] = [`${folder}.archive`, `${folder}.contents`];
  for (const each of [archives, contents]) {
    await rm(each, { recursive: true, force: true });
    await mkdir(each, { recursive: true });
  }
  const purpose = `fetching ${name} ${version} from ${registry}`;
  if (registry === "npm") await npm(["pack", `${name}@${version}`, "--pack-destination", archives], purpose);
  else
    await run(python, ["-m", "pip", "download", "--no-deps", "--dest", archives, `${name}==${version}`], {
      purpose,
    });
  const archive = await onlyFileOf(archives);
  const reader = registry === "npm" ? "tarfile" : "zipfile";
  await run(python, ["-m", reader, "-e", archive, contents], { purpose: `unpacking ${archive}` });
  await rename(registry === "npm" ? join(contents, "package") : contents, folder);
  for (const each of [archives, contents]) await rm(each, { recursive: true, force: true });
  return folder;
}

const modelJson = z.looseObject({
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()) })),
});

/** nsfwjs ships its models as scripts that return a model.json and its shards: writes the files they were made of. */
async function unscripted(path: string): Promise<string> {
  const load = createRequire(resolve(path));
  const model: unknown = load(resolve(path));
  const file = join(dirname(path), "model.json");
  await writeFile(file, JSON.stringify(model));
  for (const { paths } of modelJson.parse(model).weightsManifest)
    for (const shard of paths) {
      const base64 = z.string().parse(load(`./${shard}.min.js`));
      await writeFile(join(dirname(path), shard), Buffer.from(base64, "base64"));
    }
  return file;
}

/** A model of a fetched package as a file that erfit opens. */
export const modelFileIn = async (folder: string, file: string): Promise<string> =>
  basename(file) === "model.min.js" ? unscripted(join(folder, file)) : join(folder, file);
