import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ErfitError } from "../../src/core/error.ts";
import { openRunStore, withRunStore, withRunStores, type StorePlace } from "../../src/io/run-store.ts";
import { sealed, unsealed } from "../../src/io/sealed.ts";

const root = mkdtempSync(join(tmpdir(), "erfit-store-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const note = vi.fn();
const placeIn = (folder: string): StorePlace => ({ path: join(folder, "run.state"), restart: false, note });
const fresh = (): StorePlace => placeIn(mkdtempSync(join(root, "run-")));
const filesAt = ({ path }: StorePlace) => readdirSync(join(path, "..")).sort();

const format = { name: "count", version: 1, header: z.object({ count: z.int() }), what: "a count" };
const codec = {
  what: format.what,
  write: (count: number) => sealed(format, { count }, []),
  read: (file: Uint8Array, path: string) => unsealed(format, file, path).header.count,
};
const same = () => [];

/** Leaves a snapshot as a killed run would. */
const leave = (place: StorePlace, count: number) =>
  withRunStore(place, (store) => store.snapshots(codec).save(count));

describe("the store of a run", () => {
  it("is locked while it is open, and leaves what was saved when it is closed", async () => {
    const place = fresh();
    await withRunStore(place, async (store) => {
      await expect(openRunStore(place)).rejects.toThrow(/run\.state\.lock: another run is at work here/);
      await store.snapshots(codec).save(3);
    });
    expect(filesAt(place)).toEqual(["run.state"]);
    await withRunStore(place, async (store) => {
      expect(await store.snapshots(codec).load(same)).toBe(3);
    });
  });

  it("is deleted when the run is complete, also once it is closed", async () => {
    for (const isClosed of [true, false]) {
      const place = fresh();
      const store = await openRunStore(place);
      const journal = await store.journal({ crops: 1 }, z.int());
      await journal.append("cat.jpg", 1);
      expect(existsSync(place.path)).toBe(true);
      if (isClosed) await store.close();
      await store.finish();
      expect(filesAt(place)).toEqual([]);
    }
  });

  it("refuses what another run left, or is damaged, and starts over on request alone", async () => {
    const place = fresh();
    await leave(place, 3);
    const load = (of: StorePlace, differences: (there: number) => readonly string[] = same) =>
      withRunStore(of, (store) => store.snapshots(codec).load(differences));
    await expect(load(place, (there) => [`count: ${there} there, 4 here`])).rejects.toMatchObject({
      message: `${place.path} was left by another run: count: 3 there, 4 here`,
      remedy: "choose another folder with out, or start over with restart",
    });
    const file = readFileSync(place.path);
    writeFileSync(place.path, file.subarray(0, -1));
    await expect(load(place)).rejects.toMatchObject({
      message: `${place.path}: damaged: its checksum does not match`,
      remedy: "choose another folder with out, or start over with restart",
    });
    expect(await load({ ...place, restart: true })).toBe(undefined);
    expect(readFileSync(place.path)).toEqual(file.subarray(0, -1));
  });

  it("keeps an earlier run's records from a run with other settings", async () => {
    const place = fresh();
    const appended = (settings: Readonly<Record<string, unknown>>) =>
      withRunStore(place, async (store) => {
        const { records, append } = await store.journal(settings, z.int());
        await append("cat.jpg", records.size);
        return records.size;
      });
    expect(await appended({ crops: 1 })).toBe(0);
    expect(await appended({ crops: 1 })).toBe(1);
    await expect(appended({ crops: 2 })).rejects.toThrow("crops: 1 there, 2 here");
  });

  it("saves at once where that was long ago, and not again within a second", async () => {
    vi.useFakeTimers();
    try {
      const { isDue } = (await openRunStore(fresh())).snapshots(codec);
      expect(isDue()).toBe(false);
      vi.advanceTimersByTime(1000);
      expect(isDue()).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("closes those that opened where one of several is in use", async () => {
    const [first, second] = [fresh(), fresh()];
    await withRunStore(second, async () => {
      await expect(withRunStores([first, second], () => Promise.resolve())).rejects.toThrow(ErfitError);
      expect(filesAt(first)).toEqual([]);
    });
  });
});

describe("temporary files of a killed run", () => {
  /** Of a run on another machine, a moment ago: nobody but who holds the lock can tell that it is dead. */
  const half = (name: string) => `${name}.elsewhere.7.erfit-tmp`;

  it("on their way to the store's file go when it is opened", async () => {
    const place = fresh();
    for (const name of ["run.state", "cat.npy"]) writeFileSync(join(place.path, "..", half(name)), "half");
    await withRunStore(place, () => {
      expect(filesAt(place)).toEqual([half("cat.npy"), "run.state.lock"]);
      return Promise.resolve();
    });
  });

  it("on their way to results go when the run has written these, and no others", async () => {
    const place = fresh();
    for (const name of ["cat.npy", "dog.npy"]) writeFileSync(join(place.path, "..", half(name)), "half");
    const dead = `dog.npy.${hostname().replace(/[^\w-]/g, "_")}.4194304.erfit-tmp`;
    writeFileSync(join(place.path, "..", dead), "half");
    await withRunStore(place, (store) => store.sweep(new Set(["cat.npy"])));
    expect(filesAt(place)).toEqual([half("dog.npy")]);
  });
});
