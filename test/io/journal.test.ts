import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { erfitVersion } from "../../src/io/version.ts";
import { openJournal } from "../../src/io/journal.ts";

const folder = mkdtempSync(join(tmpdir(), "erfit-journal-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const entry = z.object({ score: z.number() });
const settings = { methods: ["grad-cam", "extended"], class: undefined, sigma: { x: 32, y: 33 } };
const opened = (name: string, how: Record<string, unknown> = settings, restart = false) =>
  openJournal(join(folder, name), how, entry, restart);

/** A journal of two items, left by a run that was killed. */
async function left(name: string): Promise<string> {
  const journal = await opened(name);
  await journal.append("cat.jpg", { score: 1.5 });
  await journal.append("hónd.jpg", { score: 2 });
  await journal.close();
  return join(folder, name);
}

const both = [
  ["cat.jpg", { score: 1.5 }],
  ["hónd.jpg", { score: 2 }],
];

it("a run resumes with what an earlier one finished", async () => {
  await left("resumed");
  const journal = await opened("resumed");
  expect([...journal.records]).toEqual(both);
  await journal.append("last.jpg", { score: 3 });
  await journal.close();
  expect([...(await opened("resumed")).records]).toEqual([...both, ["last.jpg", { score: 3 }]]);
});

it("settings are the same in any order, and with what JSON leaves out", async () => {
  await left("order");
  const turned = { sigma: { y: 33, x: 32 }, methods: ["grad-cam", "extended"] };
  expect((await opened("order", turned)).records.size).toBe(2);
});

it("a line cut in its middle is dropped, and the next entry stands on a line of its own", async () => {
  const path = await left("torn");
  for (const torn of ['{"key":"ra', '{"key":"raccoon.jpg","entry":{"score":4}}', Buffer.of(0xc3)]) {
    appendFileSync(path, torn);
    const journal = await opened("torn");
    expect([...journal.records]).toEqual(both);
    await journal.append("cat.jpg", { score: 1.5 });
    await journal.close();
  }
  expect((await opened("torn")).records.size).toBe(2);
});

it("a first line that was never finished holds nothing", async () => {
  writeFileSync(join(folder, "first"), '{"journal":1,"er');
  const journal = await opened("first");
  expect(journal.records.size).toBe(0);
  await journal.append("cat.jpg", { score: 1.5 });
  await journal.close();
  expect([...(await opened("first")).records.keys()]).toEqual(["cat.jpg"]);
});

it("entries that are added at once lie line by line, in order", async () => {
  const journal = await opened("at-once");
  const keys = Array.from({ length: 200 }, (_, k) => `${k}.jpg`);
  await Promise.all(keys.map((key, score) => journal.append(key, { score })));
  await journal.close();
  expect([...(await opened("at-once")).records.keys()]).toEqual(keys);
});

it("other settings are refused, and named with both values", async () => {
  await left("other");
  const other = { ...settings, methods: ["extended"], class: 3 };
  await expect(opened("other", other)).rejects.toThrow(
    /other was left by another run: methods: \["grad-cam","extended"\] there, \["extended"\] here; class: nothing there, 3 here$/,
  );
  await expect(opened("other", other)).rejects.toMatchObject({
    remedy: "choose another folder with out, or start over with restart",
  });
  const nested = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
  writeFileSync(
    join(folder, "deep"),
    `{"journal":1,"erfit":${JSON.stringify(erfitVersion)},"settings":{"class":${nested}}}\n`,
  );
  await expect(opened("deep")).rejects.toThrow(/class: nested too deeply to be a setting there/);
  const long = { ...settings, methods: Array(99).fill("extended") };
  await expect(opened("other", long)).rejects.toThrow(/there, \["extended".{0,60}… here$/);
});

it("a restart discards what was left, once there is a new record", async () => {
  const path = await left("restarted");
  const journal = await opened("restarted", { class: 3 }, true);
  expect(journal.records.size).toBe(0);
  expect(readFileSync(path, "utf8")).toContain("cat.jpg");
  await journal.append("rocket.jpg", { score: 7 });
  await journal.close();
  expect([...(await opened("restarted", { class: 3 })).records.keys()]).toEqual(["rocket.jpg"]);
});

it("a journal of another version is refused, with both named", async () => {
  const path = await left("version");
  writeFileSync(path, readFileSync(path, "utf8").replace(/"erfit":"[^"]*"/, '"erfit":"0.0.7"'));
  await expect(opened("version")).rejects.toThrow(/erfit's version: 0\.0\.7 there, \d/);
});

it.each([
  ["words", "words\n", 1],
  ["an entry of another kind", undefined, 4],
])("%s in its place are refused, with the line", async (name, text, number) => {
  const path = await left(name);
  if (text !== undefined) writeFileSync(path, text);
  else appendFileSync(path, '{"key":"a","entry":{"score":"high"}}\n');
  await expect(opened(name)).rejects.toThrow(`${path}, line ${number}: not what erfit wrote there`);
});

it("what cannot be read or written is refused in one line", async () => {
  mkdirSync(join(folder, "folder"));
  await expect(opened("folder")).rejects.toThrow(
    /folder: the journal of an earlier run cannot be read: EISDIR/,
  );
  writeFileSync(join(folder, "file"), "");
  await expect(opened("file/journal")).rejects.toThrow(/file\/journal: .* cannot be read: ENOTDIR/);
  const journal = await opened("gone/journal");
  await expect(journal.append("cat.jpg", { score: 1 })).rejects.toThrow(
    /gone\/journal: cannot be written: no folder can be made there/,
  );
  await journal.close();
});

it("is made with its first record", async () => {
  const path = join(folder, "complete");
  const journal = await opened("complete");
  expect(existsSync(path)).toBe(false);
  await journal.append("cat.jpg", { score: 1 });
  expect(existsSync(path)).toBe(true);
});
