#!/usr/bin/env node
/**
 * node scripts/notebooks/compare.js SAVED EXECUTED: whether a notebook, executed again, says what it is saved to say. Words must
 * be equal, numbers within 2e-4 of each other or one unit of their last printed place; a picture must be there for each saved one.
 * Another processor rounds otherwise, and a ReLU whose input is all but 0 then decides otherwise: that is what 2e-4 is for.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";

const tolerance = 2e-4;
const number = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

const joined = (text) => [text ?? ""].flat().join("");

/** What a cell says in words, and how many pictures it shows. */
function saidBy({ outputs = [] }) {
  const texts = outputs.map(({ text, data }) => joined(text) + joined(data?.["text/markdown"]));
  const pictures = outputs.filter(({ data }) => joined(data?.["image/png"]) !== "");
  return { text: texts.join(""), pictures: pictures.length };
}

const lastPlace = (printed) => 10 ** -(/\.(\d+)/.exec(printed)?.[1].length ?? 0);

function agree(a, b) {
  const slack = Math.max(tolerance * Math.abs(Number(a)), 1.01 * lastPlace(a));
  return a === b || Math.abs(Number(a) - Number(b)) <= slack;
}

/** The first way in which two cells differ; null where they agree. */
function difference(saved, executed) {
  const [a, b] = [saidBy(saved), saidBy(executed)];
  if (joined(saved.source) !== joined(executed.source)) return "the source differs";
  if (a.pictures !== b.pictures) return `${a.pictures} pictures are saved, ${b.pictures} were drawn`;
  const words = [a, b].map(({ text }) => text.replace(number, "#"));
  if (words[0] !== words[1]) return `saved:\n${a.text}\nexecuted:\n${b.text}`;
  const [saidA, saidB] = [a, b].map(({ text }) => text.match(number) ?? []);
  const at = saidA.findIndex((value, k) => !agree(value, saidB[k]));
  return at < 0 ? null : `${saidA[at]} is saved, ${saidB[at]} was found`;
}

const [saved, executed] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")).cells);
const name = basename(process.argv[2]);
const differences = saved.flatMap((cell, k) => {
  const found = difference(cell, executed[k] ?? {});
  return found === null ? [] : [`${name}, cell "${cell.id}": ${found}`];
});
const numbers = saved.flatMap((cell) => saidBy(cell).text.match(number) ?? []);
if (differences.length > 0 || numbers.length === 0 || saved.length !== executed.length) {
  process.stderr.write(`${[...differences, `${name}: not as saved`].join("\n")}\n`);
  process.exitCode = 1;
} else process.stdout.write(`${name}: ${numbers.length} numbers as saved\n`);
