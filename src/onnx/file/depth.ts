import type { GraphProto, ModelProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { subgraphsOf } from "./scope.ts";

/** Branches in branches: exporters write two or three. Protobuf itself reads a hundred messages deep, five to a branch. */
const deepest = 16;

/** @throws ErfitError where graphs lie in graphs deeper than any exporter writes: they would exhaust the stack */
export function checkDepth({ graph, functions }: ModelProto, file: string): void {
  let level: readonly GraphProto[] = [
    ...(graph === undefined ? [] : [graph]),
    ...functions.flatMap(({ node }) => node.flatMap(subgraphsOf)),
  ];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest)
      throw new ErfitError(
        `${file}: its branches and loops lie more than ${deepest} levels deep in one another`,
      );
    level = level.flatMap((outer) => outer.node.flatMap(subgraphsOf));
  }
}
