import { z } from "zod";
import {
  chosenCamLayer,
  chosenLayer,
  type CellChoice,
  type LoadedModel,
} from "../calibration/loaded-model.ts";
import type { Layer } from "../runtime/layers.ts";
import { ErfitError } from "../core/error.ts";
import type { OptionChecks } from "./check.ts";
import type { ModelHandle } from "./model.ts";

/** A feature map of the model. */
export interface LayerOptions {
  /** Its tensor's name, or the exporter's module; by default the sidecar's last feature map, else the network's. */
  readonly layer?: string | undefined;
  /** How its tokens lie, where that is not to be seen: `[rows, columns]`. */
  readonly grid?: readonly [rows: number, columns: number] | undefined;
}

/** A cell of a feature map; the central one by default. One of the two. */
export interface CellOptions {
  /** Row and column, from 0. */
  readonly cell?: readonly [row: number, column: number] | undefined;
  /** Number of the token, prefix tokens counted. */
  readonly token?: number | undefined;
}

/** Row and column of a cell. */
export const cellCheck = z.tuple(
  [z.int().min(0), z.int().min(0)],
  "expected [row, column], whole numbers from 0",
);

export const layerChecks: OptionChecks<LayerOptions> = {
  layer: z.string().optional(),
  grid: z
    .tuple([z.int().min(1), z.int().min(1)], "expected [rows, columns], whole numbers above 0")
    .optional(),
};

export const cellChecks: OptionChecks<CellOptions> = {
  cell: cellCheck.optional(),
  token: z.int().min(0).optional(),
};

export const layerOf = ({ subject }: ModelHandle, { layer, grid }: LayerOptions): Layer =>
  chosenLayer(subject, layer, grid);

/** The layer that class activation maps are drawn at. */
export const camLayerOf = (subject: LoadedModel, { layer, grid }: LayerOptions): Layer =>
  chosenCamLayer(subject, layer, grid);

export function cellChoiceOf({ cell, token }: CellOptions): CellChoice {
  if (cell !== undefined && token !== undefined)
    throw new ErfitError("cell and token name the same thing: give one of them");
  if (token !== undefined) return { kind: "token", token };
  return cell === undefined ? { kind: "central" } : { kind: "cell", row: cell[0], column: cell[1] };
}
