import { basename, dirname } from "node:path";
import type { z } from "zod";
import { ErfitError } from "../core/error.ts";
import { at } from "../core/required.ts";
import { readIfThere, removeFile, writeWhole } from "./files.ts";
import { notResumable, openJournal, refuseOtherRun, type Journal, type Settings } from "./journal.ts";
import { locked } from "./lock.ts";
import { sweep } from "./temporary.ts";

/** Where a run keeps what it has finished. */
export interface StorePlace {
  readonly path: string;
  /** Whether to start over where an earlier run left something. */
  readonly restart: boolean;
  readonly note: (text: string) => void;
}

/**
 * What a long run has finished, in one file beside its results, so that a killed run can be resumed: as records that are
 * appended, or as snapshots that replace each other. While the store is open, no other run can use it.
 */
export interface RunStore {
  readonly path: string;
  /** Records of a run with these settings. */
  readonly journal: <T>(settings: Settings, record: z.ZodType<T>) => Promise<Journal<T>>;
  readonly snapshots: <State>(codec: SnapshotCodec<State>) => Snapshots<State>;
  /** Removes what a killed run left on its way to files of these names; only this run writes them. */
  readonly sweep: (names: ReadonlySet<string>) => Promise<void>;
  /** Closes the store; the run can be resumed. */
  readonly close: () => Promise<void>;
  /** Closes the store and deletes its file: the results are complete. */
  readonly finish: () => Promise<void>;
}

/** The exact form of a state as a file; `read` throws an ErfitError where the file is damaged. */
export interface SnapshotCodec<State> {
  /** What the file is, for messages: "the state of a run". */
  readonly what: string;
  readonly write: (state: State) => Uint8Array;
  readonly read: (file: Uint8Array, path: string) => State;
}

interface Snapshots<State> {
  /**
   * What an earlier run left.
   * @param differences the settings in which it differs from this one
   * @throws ErfitError where it is of another run, or damaged
   */
  readonly load: (differences: (there: State) => readonly string[]) => Promise<State | undefined>;
  /** Whether the last save is so long ago that another is worth its time. */
  readonly isDue: () => boolean;
  readonly save: (state: State) => Promise<void>;
}

/** @throws ErfitError where another run uses the store, or its folder cannot be written to */
export async function openRunStore({ path, restart, note }: StorePlace): Promise<RunStore> {
  const release = await locked(path, note);
  const folder = dirname(path);
  const owned = basename(path);
  await sweep(folder, (name) => name === owned);
  const journals: Pick<Journal<unknown>, "close">[] = [];
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    for (const journal of journals) await journal.close();
    await release();
  };
  return {
    path,
    async journal(settings, record) {
      const journal = await openJournal(path, settings, record, restart);
      journals.push(journal);
      return journal;
    },
    snapshots: (codec) => snapshotsAt(path, restart, codec),
    sweep: (names) => sweep(folder, (name) => names.has(name)),
    close,
    async finish() {
      await close();
      await removeFile(path);
    },
  };
}

/** Does the work while the stores are open; all are closed after it. */
export async function withRunStores<T>(
  places: readonly StorePlace[],
  work: (stores: readonly RunStore[]) => Promise<T>,
): Promise<T> {
  const opened = await Promise.allSettled(places.map(openRunStore));
  try {
    return await work(
      opened.map((store) => {
        if (store.status === "rejected") throw store.reason;
        return store.value;
      }),
    );
  } finally {
    for (const store of opened) if (store.status === "fulfilled") await store.value.close();
  }
}

/** The same with one store. */
export const withRunStore = <T>(place: StorePlace, work: (store: RunStore) => Promise<T>): Promise<T> =>
  withRunStores([place], (stores) => work(at(stores, 0)));

/** Seconds of work that a power failure costs at most, where saving is quick. */
const secondsApart = 1;

/** Saving takes a fiftieth of the time at most, but is not put off for longer than this. */
const [largestShare, mostSecondsApart] = [1 / 50, 30];

function snapshotsAt<State>(
  path: string,
  restart: boolean,
  { what, read, write }: SnapshotCodec<State>,
): Snapshots<State> {
  let saved = performance.now();
  let pause = 1000 * secondsApart;
  const earlier = async (): Promise<State | undefined> => {
    const file = await readIfThere(path, what);
    return file && read(file, path);
  };
  return {
    async load(differences) {
      if (restart) return undefined;
      const state = await earlier().catch((thrown: unknown) => {
        throw thrown instanceof ErfitError ? notResumable(thrown.message, thrown) : thrown;
      });
      if (state !== undefined) refuseOtherRun(path, differences(state));
      return state;
    },
    isDue: () => performance.now() - saved >= pause,
    async save(state) {
      const started = performance.now();
      await writeWhole(path, write(state));
      saved = performance.now();
      const needed = (saved - started) / largestShare;
      pause = Math.min(1000 * mostSecondsApart, Math.max(1000 * secondsApart, needed));
    },
  };
}
