import type { GraphNode } from "./files.ts";

/** The message inside a `shape` attribute: a tensor's dimensions, or that their number is unknown. */
function shapeAttribute({ attr }: GraphNode): { readonly dim?: unknown; readonly unknownRank?: unknown } {
  const attribute = attr["shape"];
  const shape =
    typeof attribute === "object" && attribute !== null && "shape" in attribute ? attribute.shape : undefined;
  return typeof shape === "object" && shape !== null ? shape : { unknownRank: true };
}

/** Extents of a Placeholder's `shape` attribute; -1 is open, and so is a shape of unknown rank. */
export function placeholderShape(node: GraphNode): readonly (number | null)[] | null {
  const { dim } = shapeAttribute(node);
  if (!Array.isArray(dim)) return null;
  const extents = dim.map((extent: unknown) =>
    Number(typeof extent === "object" && extent !== null && "size" in extent ? extent.size : -1),
  );
  return extents.length === 0 ? null : extents.map((extent) => (extent < 0 ? null : extent));
}

/** Whether the file declares a number of dimensions, and not an image's four. */
function hasOtherRank(node: GraphNode): boolean {
  const { dim, unknownRank } = shapeAttribute(node);
  return unknownRank !== true && (Array.isArray(dim) ? dim.length : 0) !== 4;
}

/** The inputs that may take the image: those of four dimensions, where there are such. */
export function imageLike(nodes: readonly GraphNode[]): ReadonlyMap<string, GraphNode> {
  const placeholders = nodes.filter(({ op }) => op === "Placeholder");
  const candidates = placeholders.filter((node) => !hasOtherRank(node));
  return new Map((candidates.length > 0 ? candidates : placeholders).map((node) => [node.name, node]));
}
