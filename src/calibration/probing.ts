import { ErfitError } from "../core/error.ts";
import { at, required } from "../core/required.ts";
import { imagesIn, skippedIn } from "../erf/accumulator.ts";
import { probe, type ProbeImage } from "../erf/probe.ts";
import { ownsPhotograph } from "../erf/shard.ts";
import { viewsOf, type View } from "../input/crops.ts";
import { sharedReaders, loadViews } from "../input/stream.ts";
import { looksUntil, watchFit } from "./convergence.ts";
import { runRecord, type ProbeRun, type ProbingStep } from "./probe-run.ts";
import { digested, unbegun, type RunRecord, type RunState } from "./run-state.ts";
import { endIfLost, withFailure, type ConsecutiveFailures } from "./consecutive-failures.ts";

/** A view with the number of its photograph in the list. */
interface NumberedView {
  readonly index: number;
  readonly view: View;
}

/** The views of the photographs that a run, or its shard, owns. */
const ownViews = ({ photographs, crops, shard = null }: ProbeRun): readonly NumberedView[] =>
  photographs.flatMap((source, index) =>
    shard === null || ownsPhotograph(shard, index)
      ? viewsOf([source], crops).map((view) => ({ index, view }))
      : [],
  );

/** The views as the probe takes them; `read` receives what identifies each (name and contents), "" for an unreadable one. */
async function* probeImages(
  { model, preprocessing, shared }: ProbeRun,
  views: readonly NumberedView[],
  read: string[],
): AsyncGenerator<ProbeImage, void> {
  const { layout } = model.network.input;
  let next = 0;
  const load = shared?.reader.load ?? loadViews;
  const own = views.map(({ view }) => view);
  for await (const { view, input, problem } of load(own, preprocessing, layout)) {
    read.push(input === null ? "" : `${view.name}\0${input.sha256}\n`);
    yield {
      name: view.name,
      photograph: { index: at(views, next++).index, name: view.source.name },
      tensor: input?.tensor ?? null,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/**
 * Probes the layer over the photographs of a run, or of its shard: all of them, or until the fit that is followed is narrow
 * enough. Resumes an interrupted run. Yields after each view; leaving it releases the network's sessions.
 * @param following the fit to follow; null: none
 * @throws ErfitError where not a single one could be used, or so many in a row could not that it is not a coincidence
 */
export async function* probing(
  run: ProbeRun,
  following: RunRecord["following"],
): AsyncGenerator<ProbingStep, RunState, void> {
  const { model, layer, geometry, protocol, shard = null, checkpoints } = run;
  const record = runRecord(run, following);
  const views = ownViews(run);
  if (record.views === 0) throw new ErfitError("there are no photographs to probe with");
  const { height, width } = model.network.input;
  let state =
    (await checkpoints?.load(record, shard)) ?? unbegun(record, shard, views.length, [height, width]);
  const { expectedCenter: theoreticalCenter } = record;
  const watch =
    following === null
      ? undefined
      : watchFit(
          protocol,
          following.until ?? undefined,
          { model: following.model, theoreticalCenter },
          state.history ?? undefined,
        );

  const left = views.slice(state.done);
  const read: string[] = []; // of the views on their way through the engine
  let failures: ConsecutiveFailures<RunState> | null = null;
  if (left.length > 0) {
    const options = {
      layer,
      cell: geometry.cell,
      protocol,
      count: left.length,
      programs: run.shared?.programs ?? 1,
      accumulator: state.accumulator,
      cancellation: state.cancellation === null,
    };
    for await (const progress of probe(model.network, probeImages(run, left, read), options)) {
      const { accumulator, problem } = progress;
      const [here, next] = [left[progress.done - 1], left[progress.done]];
      if (here === undefined) break; // the probe yields no more images than it was given
      const finished = here.index !== next?.index;
      if (problem === null) failures = null;
      else {
        const { name, source } = here.view;
        failures = withFailure(failures, source, { name, reason: problem }, state);
        await endIfLost(failures, checkpoints?.save ?? null);
      }
      const behind = shard === null ? here.index + 1 : (next?.index ?? record.photographs);
      const stop: boolean = finished && watch?.look(accumulator, behind) === true;
      state = {
        ...state,
        done: state.done + 1,
        accumulator,
        cancellation: state.cancellation ?? progress.cancellation,
        digests: digested(state.digests, here.index, required(read.shift(), "the view that was read")),
        history: watch?.history() ?? null,
        looks: finished && shard !== null ? looksUntil(behind, state.looks, accumulator) : state.looks,
      };
      const estimate = watch?.history().points.at(-1) ?? null;
      yield { ...progress, done: state.done, of: views.length, estimate };
      if (stop) break;
      // Images that may only be out of reach for the moment are tried again by the run that resumes.
      await checkpoints?.reached(failures?.before ?? state);
    }
  }
  if (shard === null) refuseUnused(state);
  return state;
}

/** The result of a run, after each of its steps is passed to `onProgress`. */
export async function finished<Result>(
  steps: AsyncGenerator<ProbingStep, Result, void>,
  { onProgress }: Pick<ProbeRun, "onProgress">,
): Promise<Result> {
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
      onProgress?.(step.value);
    }
  } catch (thrown) {
    await steps.throw(thrown); // closes what is open, where it was the listener that threw
    throw thrown;
  }
}

/** @throws ErfitError where not a single image of a run could be used */
export function refuseUnused({
  accumulator,
  views,
  record,
}: Pick<RunState, "accumulator" | "views" | "record">): void {
  const [first] = skippedIn(accumulator).first;
  if (imagesIn(accumulator) === 0 && first !== undefined)
    throw noImageUsed(views, first, record.crops === 1 ? "photographs" : "views");
}

export const noImageUsed = (
  count: number,
  first: { readonly name: string; readonly reason: string },
  what = "photographs",
) =>
  new ErfitError(
    count === 1
      ? `${first.name} could not be used: ${first.reason}`
      : `not one of ${count} ${what} could be used; the first, ${first.name}: ${first.reason}`,
  );

/**
 * Runs over the same photographs side by side, each photograph decoded once for all. Each run computes what it would compute
 * alone, bit for bit. All are awaited: where one fails on the way, or is interrupted, the others end by themselves and save
 * what they have; one that cannot begin stops them.
 * @throws what the first of the failed runs threw
 */
export async function together<T>(
  runs: readonly ProbeRun[],
  work: (run: ProbeRun, place: number) => Promise<T>,
): Promise<readonly T[]> {
  const [first] = runs;
  if (first === undefined) return [];
  const { photographs, crops, shard = null } = first;
  const own = photographs.filter((_, index) => shard === null || ownsPhotograph(shard, index));
  const readers = sharedReaders(runs.length, viewsOf(own, crops).length);
  const outcomes = await Promise.allSettled(
    runs.map(async (run, place) => {
      const reader = readers[place];
      if (reader === undefined) return work(run, place);
      try {
        const result = await work({ ...run, shared: { reader, programs: runs.length } }, place);
        reader.close();
        return result;
      } catch (thrown) {
        reader.close(thrown);
        throw thrown;
      }
    }),
  );
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}
