import { keysOf } from "../../src/core/required.ts";
import { compare, matmulOf, type Comparison, type Spread } from "./figures.ts";
import { backbones, type Backbone } from "./models.ts";
import { firstImages } from "./pair.ts";
import type { BackboneRecord } from "./record.ts";

/** A column of the results: its heading, and what it says of one backbone. */
interface Column {
  readonly heading: string;
  readonly text: (row: Row) => string;
}

/** A record with its medians. */
interface Row {
  readonly backbone: Backbone;
  readonly record: BackboneRecord;
  readonly image: Comparison;
  readonly memory: Comparison;
  readonly resident: Comparison;
  readonly first: Comparison;
  /** GFLOP/s of erfit, decoding and everything else included: a multiply-add is two operations. */
  readonly rate: number;
}

function rowOf(record: BackboneRecord, backbone: Backbone): Row {
  const comparison = (quantity: "image" | "memory" | "resident" | "first") =>
    compare(quantity, record.pairs, record.settings.images);
  const image = comparison("image");
  return {
    backbone,
    record,
    image,
    memory: comparison("memory"),
    resident: comparison("resident"),
    first: comparison("first"),
    rate: (2 * record.work.cone) / image.erfit / 1e6,
  };
}

const spread = ({ median, least, most }: Spread): string =>
  `${median.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;
const share = (part: number): string => `${Math.round(100 * part)} %`;
const verdict = ({ ratio }: Comparison, bar: number): string =>
  `${ratio.median <= bar ? "✓" : "✗"} ${bar.toFixed(2)}`;

const columns: readonly Column[] = [
  { heading: "model", text: ({ backbone }) => backbone.title },
  { heading: "target", text: ({ backbone }) => backbone.target },
  { heading: "erfit, ms an image", text: ({ image }) => image.erfit.toFixed(1) },
  { heading: "OpenERF, ms an image", text: ({ image }) => image.openerf.toFixed(1) },
  { heading: "ratio", text: ({ image }) => spread(image.ratio) },
  { heading: "bar", text: ({ image, backbone }) => verdict(image, backbone.bars.time) },
  { heading: "erfit, peak MiB", text: ({ memory }) => memory.erfit.toFixed(0) },
  { heading: "OpenERF, peak MiB", text: ({ memory }) => memory.openerf.toFixed(0) },
  { heading: "ratio", text: ({ memory }) => spread(memory.ratio) },
  { heading: "bar", text: ({ memory, backbone }) => verdict(memory, backbone.bars.memory) },
  { heading: "resident, ratio", text: ({ resident }) => resident.ratio.median.toFixed(2) },
  { heading: `erfit, s to ${firstImages} images`, text: (row) => row.first.erfit.toFixed(2) },
  { heading: `OpenERF, s to ${firstImages} images`, text: (row) => row.first.openerf.toFixed(2) },
  { heading: "ratio", text: (row) => spread(row.first.ratio) },
  { heading: "bar", text: (row) => verdict(row.first, row.backbone.bars.first) },
  { heading: "work in the cone", text: ({ record: { work } }) => share(work.cone / work.whole) },
  { heading: "GFLOP/s", text: ({ rate }) => rate.toFixed(0) },
  {
    heading: "of MatMul's",
    text: ({ rate, record }) => share(rate / matmulOf(record.pairs).threads),
  },
  { heading: "maps' correlation", text: ({ record }) => record.agreement.toFixed(5) },
];

/** Headings of figures are set to the right. */
const wordy = 2;

/** The measured backbones as a Markdown table, in the order of the bench's own table. */
export function table(records: readonly BackboneRecord[]): string {
  const names = keysOf(backbones);
  const rows = names.flatMap((name) =>
    records.filter((record) => record.name === name).map((record) => rowOf(record, backbones[name])),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    line(columns.map((_, index) => (index < wordy ? "---" : "---:"))),
    ...rows.map((row) => line(columns.map(({ text }) => text(row)))),
  ].join("\n");
}
