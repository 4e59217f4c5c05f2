import { max, median, min } from "simple-statistics";
import { type CamColumn, columnKey } from "../../cam/columns.ts";
import { camMethods } from "../../cam/methods.ts";
import { listed } from "../../core/error.ts";
import { isPredicted, type ClassChoice } from "../../cam/class-choice.ts";
import type { ImageRecord } from "./record.ts";
import { short } from "../../report/text.ts";

interface Remarked {
  readonly layer: string;
  readonly columns: readonly CamColumn[];
  readonly images: readonly ImageRecord[];
  readonly classes: ClassChoice;
  readonly score: string;
}

/** What a reader of the maps should know of them. */
export const remarksOn = (run: Remarked): readonly string[] => [
  ...linearHead(run),
  ...methodsOf(run).flatMap((column) => [...removed(run, column), ...empty(run, column)]),
  ...anyClass(run),
];

/** One column of each method: its ReLU comes before the upsampling, and is the same by each of them. */
const methodsOf = ({ columns }: Remarked): readonly CamColumn[] => [
  ...new Map(
    columns.flatMap((column) => (column.control === null ? [[column.method, column]] : [])),
  ).values(),
];

/** DESIGN, "Extended-CAM": Eq. 8 is then Grad-CAM's weighted sum. */
function linearHead({ layer, columns, images }: Remarked): readonly string[] {
  const classes = images.flatMap((image) => image.classes);
  if (!columns.some(({ method }) => method === "extended") || classes.length === 0) return [];
  if (!classes.every(({ evenGradient: even }) => even === true)) return [];
  return [
    `The gradient is the same at every cell of "${layer}", as behind global average pooling and one linear layer: on this network Extended-CAM differs from Grad-CAM by the ReLU and the upsampling alone.`,
  ];
}

const mapsOf = ({ images }: Remarked, column: CamColumn) =>
  images.flatMap(({ image, classes }) =>
    classes.flatMap(({ maps }) =>
      maps.filter((map) => map.column === columnKey(column)).map((map) => ({ ...map, image })),
    ),
  );

const percent = (share: number): string => `${short(100 * share, share < 0.1 ? 1 : 0)} %`;

/** Less than this share is not worth a line. */
const worthSaying = 0.005;

function removed(run: Remarked, column: CamColumn): readonly string[] {
  const shares = mapsOf(run, column).map(({ removedShare }) => removedShare);
  if (!column.rectify || shares.length === 0 || max(shares) < worthSaying) return [];
  const { title } = camMethods[column.method];
  const spread =
    shares.length === 1
      ? ""
      : `: ${percent(min(shares))} to ${percent(max(shares))} over ${shares.length} maps`;
  return [`The ReLU removes ${percent(median(shares))} of ${title}'s mass${spread}.`];
}

function empty(run: Remarked, column: CamColumn): readonly string[] {
  const names = [...new Set(mapsOf(run, column).flatMap((map) => (map.empty ? [map.image] : [])))];
  if (names.length === 0) return [];
  const { title } = camMethods[column.method];
  return [
    `${title} has no positive cell on ${listed(names)}: its ReLU leaves nothing; without the ReLU the map shows.`,
  ];
}

function anyClass(run: Remarked): readonly string[] {
  if (isPredicted(run.classes) && run.score === "logit") return [];
  return methodsOf(run).flatMap(({ method }) => {
    const { requires, title } = camMethods[method];
    return requires === "features"
      ? [`${title} reads the features alone: its map is the same for every class and by every score.`]
      : [];
  });
}
