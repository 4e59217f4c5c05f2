import { figure, ratio, type Quantity, type Ratio } from "./figures.ts";
import { models, type CamModelName } from "./models.ts";
import type { PeerName } from "./peers.ts";
import type { CamRecord } from "./record.ts";
import { firstImages } from "./round.ts";

/** A column of the results: its heading, and what it says of one model. */
interface Column {
  readonly heading: string;
  readonly text: (record: CamRecord, name: CamModelName) => string;
}

const spread = ({ median, least, most }: Ratio): string =>
  `${median.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;

const verdict = ({ median }: Ratio, bar: number): string => `${median <= bar ? "✓" : "✗"} ${bar.toFixed(2)}`;

const of = (quantity: Quantity, peer: PeerName, { rounds, settings }: CamRecord): number =>
  figure(quantity, peer, rounds, settings.images);

const shareOf = (quantity: Quantity, to: PeerName, { rounds, settings }: CamRecord): Ratio =>
  ratio(quantity, to, rounds, settings.images);

/** erfit, pytorch-grad-cam, the ratio and its bar; then pytorch-grad-cam at its best, and that ratio. */
const compared = (
  quantity: Quantity,
  unit: string,
  digits: number,
  bar?: (name: CamModelName) => number,
): readonly Column[] => [
  { heading: `erfit, ${unit}`, text: (record) => of(quantity, "erfit", record).toFixed(digits) },
  { heading: `pytorch-grad-cam, ${unit}`, text: (record) => of(quantity, "plain", record).toFixed(digits) },
  { heading: "ratio", text: (record) => spread(shareOf(quantity, "plain", record)) },
  ...(bar === undefined
    ? []
    : [
        {
          heading: "bar",
          text: (record: CamRecord, name: CamModelName) =>
            verdict(shareOf(quantity, "plain", record), bar(name)),
        },
      ]),
  { heading: "at its best", text: (record) => of(quantity, "best", record).toFixed(digits) },
  { heading: "ratio", text: (record) => spread(shareOf(quantity, "best", record)) },
];

const columns: readonly Column[] = [
  { heading: "model", text: (_, name) => models[name].title },
  { heading: "layer", text: (_, name) => models[name].target },
  ...compared("image", "ms an image", 1, (name) => models[name].bars.time),
  ...compared("memory", "peak MiB", 0, (name) => models[name].bars.memory),
  { heading: "resident, ratio", text: (record) => shareOf("resident", "plain", record).median.toFixed(2) },
  ...compared("first", `s to ${firstImages} maps`, 2),
  { heading: "maps' correlation", text: ({ agreement }) => agreement.toFixed(5) },
];

/** Headings of figures are set to the right. */
const wordy = 2;

/** The measured models as a Markdown table, in the order of the bench's own table. */
export function table(records: readonly CamRecord[]): string {
  const names = Object.keys(models) as CamModelName[];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    line(columns.map((_, index) => (index < wordy ? "---" : "---:"))),
    ...names.flatMap((name) =>
      records
        .filter((record) => record.name === name)
        .map((record) => line(columns.map(({ text }) => text(record, name)))),
    ),
  ].join("\n");
}
