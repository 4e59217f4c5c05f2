import { availableParallelism, cpus, totalmem } from "node:os";
import { z } from "zod";
import { runtimeName } from "../../src/runtime/onnxruntime.ts";
import { versionsOf } from "../python/environment.ts";
import { run } from "../python/run.ts";

/** What figures depend on, apart from what was asked for: no name or path of the machine. */
export const conditions = z.object({
  machine: z.string(),
  erfit: z.string(),
  /** Of the libraries on both sides. */
  versions: z.string(),
});

export type Conditions = z.infer<typeof conditions>;

/** The commit, and whether files differ from it. */
const commit = (): Promise<string> =>
  run("git", ["describe", "--always", "--dirty"], { purpose: "reading the commit" }).then(
    (described) => `commit ${described.trim()}`,
    () => "a copy without history",
  );

export async function conditionsOf(python: string): Promise<Conditions> {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const peers = await versionsOf(python, ["torch", "timm", "openerf", "onnx"]);
  return {
    machine: `${availableParallelism()} cores (${model}), ${gibibytes} GiB of memory, ${process.platform} ${process.arch}`,
    erfit: await commit(),
    versions: `Node ${process.versions.node}, ${await runtimeName()}; ${peers}`,
  };
}
