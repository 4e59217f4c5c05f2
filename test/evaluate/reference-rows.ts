import { readFileSync } from "node:fs";
import type { Photograph } from "../../src/evaluate/photograph.ts";
import { referencePath } from "../reference.ts";
import { column } from "./made-up.ts";

/** Masked photographs as PyTorch scored them: a line of `cams/cam-per-image.csv`. */
interface ReferenceRow {
  readonly image: string;
  readonly labeled: number;
  readonly classIndex: number;
  readonly variant: string;
  /** A column of ours and a test of ours. */
  readonly column: string;
  readonly test: string;
  readonly Y: number;
  readonly O: number;
  readonly logits: readonly [Y: number, O: number];
}

const columns: Readonly<Record<string, string>> = {
  gradcam: "grad-cam",
  gradcampp: "grad-cam++",
  extended: "extended",
  extrelu: "extended-relu",
  shuffled: "extended-shuffled",
  otherimage: "extended-other-image",
};
const upsamplings: Readonly<Record<string, string>> = {
  bilinear: "bilinear",
  gauss16i: "gaussian",
  "gauss16i+7.5": "gaussian-center",
};

export function referenceRows(): readonly ReferenceRow[] {
  const [, ...lines] = readFileSync(referencePath("cams", "cam-per-image.csv"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [image = "", labeled, , target, variant = "", method = "", by = "", masking, fill = "", ...scores] =
      line.split(",");
    const [Y = NaN, O = NaN, logitY = NaN, logitO = NaN] = scores.map(Number);
    return {
      image,
      labeled: Number(labeled),
      classIndex: Number(target),
      variant,
      column: `${columns[method] ?? method}.${upsamplings[by] ?? by}`,
      test: `${masking === "rel" ? "relative" : "full"}.${fill}`,
      Y,
      O,
      logits: [logitY, logitO],
    };
  });
}

/** The rows of one variant as photographs that were measured. */
export function referencePhotographs(rows: readonly ReferenceRow[]): readonly Photograph[] {
  const images = [...new Set(rows.map(({ image }) => image))];
  const keys = [...new Set(rows.map((row) => `${row.column} ${row.test}`))];
  const found = new Map(rows.map((row) => [`${row.image} ${row.column} ${row.test}`, row]));
  return images.flatMap((image) => {
    const own = keys.flatMap((key) => found.get(`${image} ${key}`) ?? []);
    const [first] = own;
    if (first === undefined || own.length < keys.length) return []; // one photograph has no partner
    const { classIndex, Y, logits } = first;
    return [
      {
        image,
        classIndex,
        predicted: classIndex,
        logit: logits[0],
        probability: Y,
        partner: null,
        masked: own.map((row) => ({
          column: row.column,
          test: row.test,
          logit: row.logits[1],
          probability: row.O,
          kept: 0,
        })),
        curves: [],
        likeness: [],
      },
    ];
  });
}

/** Columns of the twelve rows. */
export const evaluatedMethods = [
  column("grad-cam", "bilinear"),
  column("grad-cam", "gaussian"),
  column("grad-cam++", "bilinear"),
  column("grad-cam++", "gaussian"),
  column("extended", "bilinear"),
  column("extended", "gaussian"),
];
