import { cpus } from "node:os";
import { format, resolveConfig } from "prettier";
import { entries } from "./entries.ts";
import { passed, rowName, type Comparison, type Row } from "./rows.ts";
import type { Strides } from "./strides.ts";

type Agreed = NonNullable<Comparison["agreed"]>;

const scientific = (value: number): string => value.toExponential(1);

function flipsCell({ flips, decisions, margin, unmatched }: Agreed): string {
  const lost = unmatched === 0 ? "" : `; ${unmatched} operators not in PyTorch's record`;
  return `${flips} of ${decisions}${flips === 0 ? "" : `, ${scientific(margin)}`}${lost}`;
}

/** Cells of the table after model, exporter and opset. */
function cells({ outcome }: Row): readonly string[] {
  if (outcome.kind !== "compared") return ["", "", "", "", "", "", "", outcomeCell(outcome)];
  const { scalar, operators, strides, fromFloat64, fromFloat32, agreed } = outcome.comparison;
  return [
    operators.toSorted().join(" "),
    scalar,
    stridesCell(strides),
    scientific(fromFloat64),
    scientific(fromFloat32),
    agreed === undefined ? "" : flipsCell(agreed),
    agreed === undefined ? "" : scientific(agreed.fromFloat64),
    outcomeCell(outcome),
  ];
}

function outcomeCell(outcome: Row["outcome"]): string {
  switch (outcome.kind) {
    case "compared":
      return outcome.comparison.passed && outcome.comparison.strides.wrong.length === 0
        ? "pass"
        : "**FAILED**";
    case "refused":
      return `refused (${outcome.why}): ${outcome.message}`;
    case "not exported":
      return `no export: ${outcome.reason}`;
    case "failed":
      return `**FAILED**: ${outcome.reason}`;
  }
}

const stridesCell = ({ layers, wrong }: Strides): string =>
  wrong.length === 0 ? String(layers) : `${wrong.length} of ${layers} **WRONG**`;

const tableRow = (texts: readonly string[]): string =>
  `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;

const header = [
  "model",
  "exporter",
  "opset",
  "operators between image and scalar",
  "scalar",
  "layers",
  "from float64",
  "from float32",
  "flips, margin",
  "with float64's decisions",
  "verdict",
];

export function table(rows: readonly Row[]): string {
  return [
    tableRow(header),
    tableRow(header.map(() => "---")),
    ...rows.map((row) => tableRow([row.model, row.exporter, String(row.opset), ...cells(row)])),
  ].join("\n");
}

/** What erfit refuses and what PyTorch cannot write, and why. */
function notCompared(rows: readonly Row[]): string {
  const texts = rows.flatMap((row) =>
    row.outcome.kind === "refused" || row.outcome.kind === "not exported"
      ? [[row.model, row.exporter, String(row.opset), outcomeCell(row.outcome)]]
      : [],
  );
  const names = ["model", "exporter", "opset", "why"];
  return [names, names.map(() => "---"), ...texts].map(tableRow).join("\n");
}

const isCompared = ({ outcome }: Row): boolean => outcome.kind === "compared" || outcome.kind === "failed";

export function summary(rows: readonly Row[]): string {
  const count = (kind: Row["outcome"]["kind"]) => rows.filter(({ outcome }) => outcome.kind === kind).length;
  const failures = rows.filter((row) => !passed(row));
  const compared = count("compared");
  const named = failures.length === 0 ? "" : ` (${failures.map(rowName).join(", ")})`;
  return `${rows.length} exports: ${compared} compared, ${count("refused")} refused, ${count("not exported")} that PyTorch cannot write; ${failures.length} failed${named}`;
}

/** Class of the machine, as far as the figures depend on it. */
const machine = (): string =>
  `${cpus().length} cores, ${cpus()[0]?.model ?? process.arch}, ${process.platform}`;

/** The whole run as a Markdown page, formatted as the gate wants it at `path`. */
export async function report(rows: readonly Row[], versions: string, path: string): Promise<string> {
  const page = `# The zoo: erfit's gradients of ${entries.length} networks against PyTorch's

\`npm run test:zoo\`, ${new Date().toISOString().slice(0, 10)}; ${versions}; ${machine()}.

${summary(rows)}.

Random weights (EfficientNet-Lite's are trained), one image, d scalar / d image through the whole network. The *scalar* is an element of
the named output: of class scores and embeddings the largest, of a dense output one in the middle. The figures are relative L2
distances from PyTorch's gradient in float64 and in float32; up to 1e-4 from either passes. Where a network has ReLUs or max
pools, float32 decides a few of them otherwise than float64, and the gradient jumps, in PyTorch as in erfit. There erfit's
gradient is computed again with the decisions that PyTorch took in float64: *flips* says how many of all differed, *margin* how
far the farthest of them was from its kink or tie, over the operator's largest input. What is left then is erfit's own error: it
has to be within 1e-4, and the margin within 1e-5. (Tried on ResNet-50: with Add's rule wrong by one in a thousand, it fails.)

*Layers* are the feature maps that \`erfit layers\` lists. Each one's stride times its cells has to be the image's size, within one
stride; windows without padding, padded windows and upsampling that aligns corners are allowed for (\`strides.ts\`).

${table(rows.filter(isCompared))}

## Not compared

*Refused* is what erfit does not take, in its own words, and *no export* what PyTorch's exporter cannot write. Both are expected,
row by row (\`known.ts\`): another message fails, and so does a network that is refused no longer.

${notCompared(rows)}
`;
  return format(page, { ...(await resolveConfig(path)), filepath: path });
}
