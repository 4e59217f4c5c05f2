import { rect } from "@observablehq/plot";
import type { RealMap } from "../core/tensor.ts";
import type { ColorMapName, Range } from "./color.ts";
import { borderMark, frameOf, mapLayer } from "./map-panel.ts";
import { panel, type Panel } from "./svg.ts";
import type { Window } from "./window.ts";

/** Sides of the frame that shows where a window lies, in units of the figure, at least: a smaller one is a dot. */
const leastFrame = 3;

/** The whole map, small, with a frame around what the picture beside it shows. */
export async function locator(
  map: RealMap,
  colors: readonly [ColorMapName, Range],
  window: Window,
  side: number,
): Promise<Panel> {
  const frame = frameOf(map.shape, side);
  const unit = frame[0] / map.shape[1];
  const grown = (start: number, count: number) => {
    const half = Math.max(count, leastFrame / unit) / 2;
    const middle = start + count / 2 - 0.5;
    return [middle - half, middle + half] as const;
  };
  const [x1, x2] = grown(window.x, window.width);
  const [y1, y2] = grown(window.y, window.height);
  const styles = [
    { stroke: "black", strokeOpacity: 0.6, strokeWidth: 2.2 },
    { stroke: "white", strokeWidth: 1 },
  ];
  return panel(
    frame,
    { top: 0, right: 0, bottom: 0, left: 0 },
    {
      x: { domain: [-0.5, map.shape[1] - 0.5], axis: null },
      y: { domain: [map.shape[0] - 0.5, -0.5], axis: null },
      marks: [
        await mapLayer(map, colors, frame),
        ...styles.map((style) =>
          rect([{ x1, x2, y1, y2 }], {
            ...{ x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "none" },
            ariaDescription: "what the picture shows",
            ...style,
          }),
        ),
        borderMark(),
      ],
    },
  );
}
