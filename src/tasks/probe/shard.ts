import { ErfitError, optionText } from "../../core/error.ts";
import { shardOf, shardText, type Shard } from "../../erf/shard.ts";
import type { Context } from "../context.ts";
import { option, text as anyText } from "../option.ts";

export const shardOptions = {
  shard: option(anyText, {
    group: "advanced",
    describe: "measure only part I/N of the run, for `erfit merge`; none: all of it",
    otherwise: "in a Slurm array job, the task's part",
  }),
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** `3/20`; `none` is the whole run. @throws ErfitError that names the option */
function given(text: string): Shard | null {
  if (text === "none") return null;
  const [, part, of] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  if (part === undefined || of === undefined)
    throw new ErfitError(
      `${optionText("shard", text)}: expected a part and their number, such as 3/20, or none`,
    );
  return shardOf(Number(part), Number(of));
}

/**
 * The part of a task of a Slurm array job (sbatch, "Job arrays").
 * @throws ErfitError where the array has gaps, or more tasks than there can be parts: it is for something else
 */
function slurmTask(environment: Environment): Shard | null {
  const number = (name: string): number => {
    const text = environment[`SLURM_ARRAY_TASK_${name}`] ?? "";
    return /^\d+$/.test(text) ? Number(text) : NaN;
  };
  const [id, min, max, count] = ["ID", "MIN", "MAX", "COUNT"].map(number);
  if (id === undefined || min === undefined || max === undefined || Number.isNaN(id)) return null;
  const step = number("STEP") || 1;
  const [part, of] = [(id - min) / step + 1, (max - min) / step + 1];
  const remedy = `name the part with ${optionText("shard", "I/N")}, or measure the whole run with ${optionText("shard", "none")}`;
  if (
    !Number.isInteger(part) ||
    !Number.isInteger(of) ||
    (count !== undefined && count !== of && !Number.isNaN(count))
  )
    throw new ErfitError(
      `SLURM_ARRAY_TASK_ID ${id} of an array from ${min} to ${max} that has gaps: which part of the run it is cannot be inferred`,
      { remedy },
    );
  try {
    return shardOf(part, of);
  } catch (thrown) {
    if (!(thrown instanceof ErfitError)) throw thrown;
    throw new ErfitError(`SLURM_ARRAY_TASK_ID ${id} of ${of} tasks: ${thrown.message}`, {
      remedy,
      cause: thrown,
    });
  }
}

/** The part of the run that this process measures; null: all of it. */
export function shardFrom(
  { shard }: { readonly shard?: string | undefined },
  { info }: Context,
  environment: Environment = process.env,
): Shard | null {
  if (shard !== undefined) return given(shard);
  const task = slurmTask(environment);
  if (task !== null)
    info(
      `shard ${shardText(task)}, as this task's place in its Slurm array; ${optionText("shard")} overrides it`,
    );
  return task;
}
