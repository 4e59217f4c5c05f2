import { rect, type Markish } from "@observablehq/plot";
import type { ReceptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import type { RealMap } from "../../core/tensor.ts";
import { short } from "../text.ts";

const edges = ({ centerX, centerY, width, height }: ReceptiveField) => ({
  x1: centerX - width / 2,
  x2: centerX + width / 2,
  y1: centerY - height / 2,
  y2: centerY + height / 2,
});

/** Edges beyond the map stand just outside it: resvg dies of clipping what is far away. */
const within = (edge: number, extent: number): number => Math.min(Math.max(edge, -1.5), extent + 0.5);

/** The theoretical receptive field as a dotted frame, edged to show on light and dark; pixels of the map. */
export function fieldMarks(field: ReceptiveField, [height, width]: RealMap["shape"]): Markish[] {
  const { x1, x2, y1, y2 } = edges(field);
  if (!(x1 < width && x2 > -1 && y1 < height && y2 > -1)) return [];
  const frame = {
    x1: within(x1, width),
    x2: within(x2, width),
    y1: within(y1, height),
    y2: within(y2, height),
  };
  const styles = [
    { stroke: "black", strokeOpacity: 0.5, strokeWidth: 2.4 },
    { stroke: "white", strokeDasharray: "1.5 2.5", strokeWidth: 1.2 },
  ];
  return styles.map((style) =>
    rect([frame], {
      ...{ x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "none", clip: "frame" },
      ariaDescription: "theoretical receptive field",
      ...style,
    }),
  );
}

/** The field in words, where its frame may not be seen. */
export function fieldText(field: ReceptiveField | null, [height, width]: RealMap["shape"]): string {
  if (field === null) return "theoretical field: not known";
  const { x1, x2, y1, y2 } = edges(field);
  const seen = [x1 > -0.5, y1 > -0.5, x2 < width - 0.5, y2 < height - 0.5].some(Boolean);
  const size = `${short(field.width)} × ${short(field.height)} px`;
  return seen ? `dotted: theoretical field, ${size}` : `theoretical field: ${size}, the whole image`;
}
