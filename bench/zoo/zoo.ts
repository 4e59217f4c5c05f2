import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { runtimeName } from "../../src/runtime/onnxruntime.ts";
import { ErfitError, messageOf } from "../../src/core/error.ts";
import { pythonEnvironment, versionsOf } from "../python/environment.ts";
import { compare } from "./compare.ts";
import { discard, exportNetwork, type Exported, type Reference } from "./exports.ts";
import { entries } from "./entries.ts";
import { exportsOf, modelOf, type Entry } from "./entry.ts";
import { knownExportFailures, refusals } from "./known.ts";
import { report, summary, table } from "./results.ts";
import { forgetRows, passed, readRows, rowName, rowsIn, writeRow, type Row } from "./rows.ts";

const packages = [
  "torch",
  "torchvision",
  "timm",
  "ultralytics",
  "transformers",
  "segmentation-models-pytorch",
  "monai",
  "onnx",
  "onnxscript",
];

const results = "bench/zoo/RESULTS.md";

const usage = `npm run test:zoo -- [part of a model's name ...] [options]

Compares erfit's gradients of ${entries.length} networks, exported by both of PyTorch's exporters, with PyTorch's own.
A run of all networks writes ${results}.

  --resume  go on with an interrupted run: rows that passed are kept
  --keep    keep the exported networks in bench/.cache/zoo for the next run: some 10 GB
  --help    show this`;

const firstLine = (thrown: unknown): string => messageOf(thrown).split("\n")[0] ?? "";

async function outcomeOf(model: string, made: Exported, reference: Reference): Promise<Row["outcome"]> {
  if ("failure" in made) {
    const reason = knownExportFailures[rowName({ model, ...made })];
    return reason === undefined
      ? { kind: "failed", reason: `the exporter fails: ${made.failure}` }
      : { kind: "not exported", reason };
  }
  const refusal = refusals[model];
  try {
    const comparison = await compare(made.path, reference);
    return refusal === undefined
      ? { kind: "compared", comparison }
      : { kind: "failed", reason: `no longer refused (${refusal.message}): compare it` };
  } catch (thrown) {
    const message = firstLine(thrown).replaceAll(made.path, basename(made.path));
    return refusal !== undefined && message.includes(refusal.message)
      ? { kind: "refused", message, why: refusal.why }
      : { kind: "failed", reason: message };
  }
}

/** All rows of one network. */
async function* rowsOf(python: string, entry: Entry): AsyncGenerator<Row> {
  const model = modelOf(entry);
  try {
    const made = await exportNetwork(python, entry);
    for (const each of made.exports) {
      const { exporter, opset } = each;
      yield { model, exporter, opset, outcome: await outcomeOf(model, each, made.reference) };
    }
  } catch (thrown) {
    for (const each of exportsOf(entry))
      yield { model, ...each, outcome: { kind: "failed", reason: firstLine(thrown) } };
  }
}

function describe({ outcome }: Row): string {
  if (outcome.kind === "refused") return `refused (${outcome.why}): ${outcome.message}`;
  if (outcome.kind !== "compared") return `${outcome.kind}: ${outcome.reason}`;
  const { fromFloat64, strides, agreed, passed } = outcome.comparison;
  const { length: wrong } = strides.wrong;
  const layers = wrong === 0 ? "" : `; ${wrong} of ${strides.layers} strides wrong`;
  const verdict = `${passed ? "pass" : "FAILED"}: ${fromFloat64.toExponential(1)}`;
  return agreed === undefined
    ? `${verdict}${layers}`
    : `${verdict}, ${agreed.fromFloat64.toExponential(1)} with float64's decisions (${agreed.flips} flipped)${layers}`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { resume: { type: "boolean" }, keep: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const selected = entries.filter(
    (entry) => positionals.length === 0 || positionals.some((part) => modelOf(entry).includes(part)),
  );
  if (selected.length === 0)
    throw new ErfitError(`no model's name contains ${positionals.join(" or ")}`, {
      remedy: `models: ${entries.map(modelOf).join(", ")}`,
    });

  const python = await pythonEnvironment();
  if (values.resume !== true) await forgetRows();
  const rows = new Map([...(await readRows())].filter(([, row]) => passed(row)));
  for (const [at, entry] of selected.entries()) {
    const model = modelOf(entry);
    if (exportsOf(entry).every((each) => rows.has(rowName({ model, ...each })))) continue;
    console.error(`[${at + 1}/${selected.length}] ${model}`);
    for await (const row of rowsOf(python, entry)) {
      console.error(`  ${row.exporter} ${row.opset}: ${describe(row)}`);
      await writeRow(row);
      rows.set(rowName(row), row);
    }
    if (values.keep !== true) await discard(entry);
  }

  const measured = rowsIn(selected, rows);
  if (selected.length === entries.length) {
    const versions = await versionsOf(python, packages);
    await writeFile(results, await report(measured, `${await runtimeName()}, ${versions}`, results));
    console.error(`-> ${results}`);
  } else console.log(table(measured));
  console.error(summary(measured));
  if (!measured.every(passed)) process.exitCode = 1;
}

await main().catch((thrown: unknown) => {
  const remedy = thrown instanceof ErfitError && thrown.remedy !== undefined ? `\n${thrown.remedy}` : "";
  console.error(`${messageOf(thrown)}${remedy}`);
  process.exitCode = 2;
});
