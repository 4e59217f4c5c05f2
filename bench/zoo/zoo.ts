import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { runtimeName } from "../../src/engine/onnxruntime.ts";
import { ErfitError, messageOf } from "../../src/math/error.ts";
import { pythonEnvironment, versionsOf } from "../python/environment.ts";
import { compare } from "./compare.ts";
import { discard, exportNetwork, type Exported, type Reference } from "./exports.ts";
import { exportsOf, knownExportFailures, models } from "./models.ts";
import { report, summary, table } from "./results.ts";
import { forgetRows, passed, readRows, rowName, writeRow, type Row } from "./rows.ts";

const results = "bench/zoo/RESULTS.md";

const usage = `npm run test:zoo -- [part of a model's name ...] [options]

Compares erfit's gradients of ${models.length} networks, exported by both of PyTorch's exporters, with PyTorch's own.
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
  try {
    return { kind: "compared", comparison: await compare(made.path, reference) };
  } catch (thrown) {
    return { kind: "failed", reason: firstLine(thrown) };
  }
}

/** All rows of one network. */
async function* rowsOf(python: string, model: string): AsyncGenerator<Row> {
  const exports = exportsOf(model);
  try {
    const made = await exportNetwork(python, model, exports);
    for (const each of made.exports) {
      const { exporter, opset } = each;
      yield { model, exporter, opset, outcome: await outcomeOf(model, each, made.reference) };
    }
  } catch (thrown) {
    for (const each of exports)
      yield { model, ...each, outcome: { kind: "failed", reason: firstLine(thrown) } };
  }
}

function describe({ outcome }: Row): string {
  if (outcome.kind !== "compared") return `${outcome.kind}: ${outcome.reason}`;
  const { fromFloat64, agreed, passed } = outcome.comparison;
  const verdict = `${passed ? "pass" : "FAILED"}: ${fromFloat64.toExponential(1)}`;
  return agreed === undefined
    ? verdict
    : `${verdict}, ${agreed.fromFloat64.toExponential(1)} with float64's decisions (${agreed.flips} flipped)`;
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
  const selected = models.filter(
    (model) => positionals.length === 0 || positionals.some((part) => model.includes(part)),
  );
  if (selected.length === 0)
    throw new ErfitError(`no model's name contains ${positionals.join(" or ")}`, {
      remedy: `models: ${models.join(", ")}`,
    });

  const python = await pythonEnvironment();
  if (values.resume !== true) await forgetRows();
  const rows = new Map([...(await readRows())].filter(([, row]) => passed(row)));
  for (const [at, model] of selected.entries()) {
    if (exportsOf(model).every((each) => rows.has(rowName({ model, ...each })))) continue;
    console.error(`[${at + 1}/${selected.length}] ${model}`);
    for await (const row of rowsOf(python, model)) {
      console.error(`  ${row.exporter} ${row.opset}: ${describe(row)}`);
      await writeRow(row);
      rows.set(rowName(row), row);
    }
    if (values.keep !== true) await discard(model);
  }

  const measured = selected.flatMap((model) =>
    exportsOf(model).flatMap((each) => rows.get(rowName({ model, ...each })) ?? []),
  );
  if (selected.length === models.length) {
    const packages = await versionsOf(python, ["torch", "torchvision", "timm", "onnx", "onnxscript"]);
    await writeFile(results, await report(rows, `${await runtimeName()}, ${packages}`, results));
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
