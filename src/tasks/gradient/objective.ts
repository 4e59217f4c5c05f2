import type { Objective } from "../../autodiff/objective.ts";
import { objectiveScale } from "../../cam/scores.ts";
import {
  cellAt,
  centralCell,
  type FeatureGrid,
  gridOf,
  type StatedGrid,
} from "../../runtime/feature-grid.ts";
import type { ImageInput, ProbabilityRule, TensorInfo } from "../../runtime/network.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { sizeOf } from "../../core/tensor.ts";

/** The scalar that is differentiated, as a user names it. */
export type ObjectiveChoice =
  /** Mean over the channels at one cell of a feature map: row and column from 0, the central one by default. */
  | { readonly kind: "cell"; readonly cell?: readonly [row: number, column: number] | undefined }
  /** Mean over the channels of one token, prefix tokens counted. */
  | { readonly kind: "token"; readonly token: number }
  /** One element of the flattened tensor: the score of a class, most often, or its probability. */
  | { readonly kind: "element"; readonly index: number; readonly of?: "score" | "probability" | undefined }
  /** The largest element: the predicted class, most often. */
  | { readonly kind: "top"; readonly of?: "score" | "probability" | undefined }
  /** A weighted sum of all elements; the weights are fed with the image. */
  | { readonly kind: "cotangent" };

/** Where a choice is to be understood. */
export interface ObjectivePlace {
  readonly target: TensorInfo;
  readonly input: ImageInput;
  /** How the target's tokens lie, where that is stated. */
  readonly grid: StatedGrid | undefined;
  /** How the target's elements become probabilities, where the target is the network's scores. */
  readonly rule?: ProbabilityRule | undefined;
}

const shown = ({ name, shape }: TensorInfo): string => `"${name}" [${shape.join(", ")}]`;

/** Whether a tensor has cells. */
export const isFeatureMap = ({ target, input, grid }: ObjectivePlace): boolean =>
  target.shape.length === 4 || gridOf(target, input, grid) !== null;

/** @throws ErfitError where the target has no such cell, token or element */
export function objectiveOf(choice: ObjectiveChoice, place: ObjectivePlace): Objective {
  switch (choice.kind) {
    case "cell":
      return cellOf(choice.cell, place);
    case "token":
      return tokenOf(choice.token, place);
    case "element":
      return { ...elementOf(choice.index, place), ...scaleOf(choice.of, place) };
    case "top":
      return { kind: "top", ...scaleOf(choice.of, place) };
    case "cotangent":
      return { kind: "cotangent", name: "erfit_cotangent" };
  }
}

/** Of the network's own scores the probability is the network's, of another tensor's elements a softmax's. */
const scaleOf = (of: "score" | "probability" | undefined, { rule = "softmax" }: ObjectivePlace) =>
  of === undefined ? {} : { of: objectiveScale(of === "score" ? "logit" : of, rule) };

function elementOf(index: number, { target }: ObjectivePlace): Extract<Objective, { kind: "element" }> {
  const elements = sizeOf(target.shape);
  if (index < elements) return { kind: "element", index };
  throw new ErfitError(
    `${optionText("index", index)} is outside ${shown(target)}: ${elements} elements, counted from 0`,
  );
}

function tokenOf(token: number, { target }: ObjectivePlace): Objective {
  const [, tokens = 0] = target.shape;
  if (target.shape.length === 3 && token < tokens) return { kind: "channel-mean", cell: [0, token, null] };
  throw new ErfitError(
    `${optionText("token", token)}: ${shown(target)} has no such token; expected [1, tokens, C] with more than ${token} tokens`,
  );
}

function cellOf(cell: readonly [number, number] | undefined, place: ObjectivePlace): Objective {
  const { target, input, grid } = place;
  if (!isFeatureMap(place))
    throw new ErfitError(`${shown(target)} is not a feature map`, {
      remedy: `name the scalar by ${["index", "token", "cotangent"].map((key) => optionText(key)).join(", ")}`,
    });
  const map: FeatureGrid = gridOf(target, input, grid) ?? {
    layout: "NCHW",
    height: target.shape[2] ?? 1,
    width: target.shape[3] ?? 1,
    channels: 0,
    prefixTokens: 0,
  };
  const [row, column] = cell ?? centralCell(map, input);
  if (row < map.height && column < map.width) return { kind: "channel-mean", cell: cellAt(map, row, column) };
  throw new ErfitError(
    `${optionText("cell", `${row},${column}`)} is outside ${shown(target)}: ${map.height} rows and ${map.width} columns, counted from 0`,
  );
}
