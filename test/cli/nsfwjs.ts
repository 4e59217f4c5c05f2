import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { folder } from "./erfit.ts";

/** nsfwjs exports its functions only; its models lie beside them, as modules that return what a model.json and a shard hold. */
const models = join(dirname(createRequire(import.meta.url).resolve("nsfwjs")), "../models");
const load = createRequire(join(models, "package.json"));

const modelJson = z.looseObject({
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()) })),
});

/** Writes a model of nsfwjs (MobileNetV2, trained; MIT license) as the folder that it was packed from; returns the path. */
export function unpacked(name: "mobilenet_v2"): string {
  const model: unknown = load(`./${name}/model.min.js`);
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "model.json"), JSON.stringify(model));
  for (const { paths } of modelJson.parse(model).weightsManifest)
    for (const shard of paths) {
      const base64 = z.string().parse(load(`./${name}/${shard}.min.js`));
      writeFileSync(join(path, shard), Buffer.from(base64, "base64"));
    }
  return path;
}
