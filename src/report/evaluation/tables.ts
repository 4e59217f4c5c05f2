import type { CamMethodName } from "../../cam/methods.ts";
import type { UpsamplerName } from "../../cam/upsamplers.ts";
import type { Shape } from "../../core/tensor.ts";
import type { EvaluatedColumn } from "../../evaluate/design.ts";
import type { EvaluatedRow, Evaluation } from "../../evaluate/evaluation.ts";
import type { MaskingName } from "../../evaluate/maskings.ts";

/** Average Drop % and % Increase as a paper prints them. */
interface Printed {
  readonly drop: number;
  readonly increase: number;
}

/** What Kim et al. 2021 measured of VGG-16 (arXiv 2001.05153, Tables 2 to 4). */
const vgg16: readonly (readonly [
  MaskingName,
  CamMethodName,
  UpsamplerName,
  drop: number,
  increase: number,
])[] = [
  ["full", "grad-cam", "bilinear", 46.56, 13.42],
  ["full", "grad-cam++", "bilinear", 36.84, 17.05],
  ["full", "extended", "gaussian", 21.89, 28.72],
  ["relative", "grad-cam", "bilinear", 47.94, 16.39],
  ["relative", "grad-cam", "gaussian", 43.64, 17.46],
  ["relative", "grad-cam++", "bilinear", 45.6, 15.1],
  ["relative", "grad-cam++", "gaussian", 47.79, 13.99],
  ["relative", "extended", "bilinear", 79.23, 4.02],
  ["relative", "extended", "gaussian", 39.86, 20.72],
];

function printedFor(masking: string, method: string, by: string): Printed | null {
  const found = vgg16.find(([m, c, u]) => m === masking && c === method && u === by);
  return found === undefined ? null : { drop: found[3], increase: found[4] };
}

/** What an evaluation was made with, as far as the paper's numbers depend on it. */
interface SetUp {
  readonly model: string;
  readonly layer: Shape;
  readonly input: Shape;
  readonly keep: number;
  readonly labeled: boolean;
  readonly confidence: string;
}

/** Whether the numbers may stand beside the paper's: VGG-16 by its name, its last feature map at 224 pixels, half of the pixels. */
export const isPapersSetUp = ({ model, layer, input, keep, labeled, confidence }: SetUp): boolean =>
  /vgg[-_ ]?16/i.test(model) &&
  [512, 14, 14].every((extent) => layer.includes(extent)) &&
  input.filter((extent) => extent === 224).length === 2 &&
  keep === 0.5 &&
  !labeled &&
  confidence === "probability";

/** A row of a table, with the paper's numbers where the set-up is the paper's. */
export interface TableRow {
  readonly column: EvaluatedColumn;
  readonly row: EvaluatedRow;
  readonly printed: Printed | null;
}

interface PaperTable {
  readonly title: string;
  readonly masking: MaskingName;
  /** Which columns stand in it. */
  readonly takes: (column: EvaluatedColumn, among: readonly EvaluatedColumn[]) => boolean;
  /** Whether upsamplings stand beside one another rather than below. */
  readonly crossed: boolean;
}

/** The layout of Kim et al. 2021; the controls, which the paper lacks, stand below the methods. */
export const paperTables = {
  "2": {
    title: "full masking, every method with its own upsampling",
    masking: "full",
    takes: ownUpsampling,
    crossed: false,
  },
  "3": {
    title: "relative masking, every method with its own upsampling",
    masking: "relative",
    takes: ownUpsampling,
    crossed: false,
  },
  "4": {
    title: "relative masking, methods by upsampling",
    masking: "relative",
    takes: () => true,
    crossed: true,
  },
} as const satisfies Record<string, PaperTable>;

type TableName = keyof typeof paperTables;

export const tableNames: readonly TableName[] = ["2", "3", "4"];

/** Extended-CAM is Gaussian in its paper, where it was evaluated so; every other method bilinear in its own. */
function ownUpsampling({ column }: EvaluatedColumn, among: readonly EvaluatedColumn[]): boolean {
  const gaussian = among.some(
    (other) => other.column.method === "extended" && other.column.upsampling.by === "gaussian",
  );
  return column.upsampling.by === (column.method === "extended" && gaussian ? "gaussian" : "bilinear");
}

/** The rows of one test, methods first. */
export function testRows(
  { rows }: Evaluation,
  columns: readonly EvaluatedColumn[],
  test: string,
  papers: boolean,
): readonly TableRow[] {
  const [masking = "", fill = ""] = test.split(".");
  const of = (column: EvaluatedColumn): TableRow[] =>
    rows
      .filter((row) => row.column === column.key && row.test === test)
      .map((row) => ({
        column,
        row,
        printed:
          papers && fill === "black" && column.column.control === null
            ? printedFor(masking, column.column.method, column.column.upsampling.by)
            : null,
      }));
  const plain = columns.filter(({ column }) => column.control === null);
  return [...plain, ...columns.filter(({ column }) => column.control !== null)].flatMap(of);
}

/** The rows of one of the paper's tables, by one fill. */
export function tableRows(
  name: TableName,
  evaluation: Evaluation,
  columns: readonly EvaluatedColumn[],
  fill: string,
  papers: boolean,
): readonly TableRow[] {
  const { masking, takes }: PaperTable = paperTables[name];
  const taken = columns.filter((column) => takes(column, columns));
  return testRows(evaluation, taken, `${masking}.${fill}`, papers);
}
