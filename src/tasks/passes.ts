import { Stopped, type PassWatch } from "../cam/passes.ts";
import type { Interruption } from "../io/interruption.ts";

/** What a run over photographs tells people while it runs. */
export interface RunReport {
  /** Photographs that are done, with the part of the one under way as a fraction. */
  readonly update: (done: number, total: number, remark: string) => void;
  readonly info: (text: string) => void;
  readonly interruption: Interruption;
}

/** A run of so many photographs, each of so many passes. */
interface Counted {
  readonly photographs: number;
  /** Photographs that were done before this run. */
  readonly before: number;
  readonly passesEach: number;
}

/** Milliseconds after which the cost is told, where the first photograph takes longer. */
const soonest = 10_000;

/** A duration in the unit in which people would say it. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Counts the passes of a run: progress within a photograph, and what the whole will cost, once the first one is timed. */
export function passCounter(
  { photographs, before, passesEach }: Counted,
  { update, info, interruption }: RunReport,
  now: () => number = Date.now,
): { readonly watch: PassWatch; readonly photographDone: (done: number, name: string) => void } {
  const todo = photographs - before;
  const all = todo * passesEach;
  let passes = 0;
  let started: number | null = null;
  let told = all === 0;
  /** All are timed by the passes so far: several photographs are under way at once. */
  function tellCost(): void {
    if (told || started === null || passes === 0) return;
    told = true;
    const seconds = ((now() - started) / 1000) * (all / passes);
    const each = passesEach === 1 ? "1 pass" : `${passesEach} passes`;
    const many = todo === 1 ? "1 photograph" : `${todo} photographs`;
    info(`about ${durationText(seconds)} for ${many}: ${each} through the network each`);
  }
  return {
    watch: {
      isStopping: () => interruption() !== null,
      onPass() {
        started ??= now();
        if (now() - started > soonest) tellCost();
        passes++;
        const done = before + Math.min(passes / passesEach, todo);
        update(done, photographs, `pass ${passes} of ${all}`);
      },
    },
    photographDone(done, name) {
      if (done < photographs) tellCost();
      update(done, photographs, name);
    },
  };
}

/** The same work; where it stops within a photograph, `leave` throws what there is to say of that. */
export async function* endingWith<Step>(
  leave: () => void,
  work: AsyncIterable<Step>,
): AsyncGenerator<Step, void, void> {
  try {
    for await (const step of work) yield step;
  } catch (thrown) {
    if (thrown instanceof Stopped) leave();
    throw thrown;
  }
}
