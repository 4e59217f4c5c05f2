import type { EvaluatedColumn } from "../../evaluate/design.ts";
import type { EvaluatedRow, Evaluation } from "../../evaluate/evaluation.ts";
import type { MaskingName } from "../../evaluate/maskings.ts";
import { printedFor, type Printed } from "./paper.ts";

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

export type TableName = keyof typeof paperTables;

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
