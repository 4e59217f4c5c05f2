import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ErfitError } from "../../src/core/error.ts";
import type { ParserName } from "./bases.ts";
import { casesOf } from "./cases.ts";
import { opened } from "./opened.ts";

/** What became of one input. */
export interface Outcome {
  readonly index: number;
  readonly kind: "opened" | "refused" | "untyped";
  readonly words: string;
  /** Processor time that it took. */
  readonly milliseconds: number;
  /** Peak resident memory while it was opened, above what the process held before, bytes. */
  readonly memory: number;
}

/** A number of /proc/self/status, bytes. */
async function resident(field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
}

/** From here on Linux counts the peak anew. Elsewhere memory is not measured. */
const forgetPeak = (): Promise<void> => writeFile("/proc/self/clear_refs", "5").catch(() => undefined);

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

function wordsOf(thrown: unknown): Pick<Outcome, "kind" | "words"> {
  if (thrown instanceof ErfitError)
    return { kind: "refused", words: firstLine(thrown.message).slice(0, 300) };
  const words = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { kind: "untyped", words: words.split("\n").slice(0, 12).join("\n") };
}

/** Opens the inputs that the parent names by number, one after the other. */
export async function serve(seed: number, only: ParserName | undefined, scratch: string): Promise<void> {
  const caseOf = await casesOf(seed, only);
  const folder = join(scratch, `input-${process.pid}`);
  async function outcomeOf(index: number): Promise<Outcome> {
    const { parser, file, files, runs } = caseOf(index);
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    await forgetPeak();
    const before = await resident("VmRSS");
    const start = process.cpuUsage();
    const result = await opened[parser](join(folder, file), runs).then(
      () => ({ kind: "opened" as const, words: "" }),
      wordsOf,
    );
    const { user, system } = process.cpuUsage(start);
    const milliseconds = (user + system) / 1000;
    const memory = Math.max(0, (await resident("VmHWM")) - before);
    await rm(folder, { recursive: true, force: true });
    return { index, ...result, milliseconds, memory };
  }
  process.on("message", (index: number) => {
    void outcomeOf(index).then((outcome) => process.send?.(outcome));
  });
  process.send?.("ready");
}
