import { dot, line, ruleX, text } from "@observablehq/plot";
import { doubtsOf } from "../../calibration/comparison/doubts.ts";
import { meanSigma } from "../../calibration/comparison/growth.ts";
import { ink } from "../color.ts";
import { borderMark, xAxis, yAxis } from "../map-panel.ts";
import { panel, type Panel } from "../svg.ts";
import type { Group } from "./groups.ts";

/** Room of the panel in its figure. */
export const depthSpace = { above: 22, left: 44, height: 112, below: 44 } as const;

/** Sigmas that differ by more than this factor are drawn on a logarithmic axis. */
const wideRange = 6;

/** Sigma against the place in the list, which for the layers of a network is their depth; a line for each group's edge. */
export function depthPanel(groups: readonly Group[], right: number): Panel {
  const points = groups
    .flatMap(({ erfs }) => erfs)
    .map((erf, k) => ({ place: k + 1, doubted: doubtsOf(erf).length > 0, ...meanSigma(erf) }));
  const edges = groups.map((_, k) => groups.slice(0, k).reduce((sum, { erfs }) => sum + erfs.length, 0.5));
  const sigmas = points.map(({ sigma }) => sigma);
  const log = Math.max(...sigmas) > wideRange * Math.min(...sigmas);
  const ends = points
    .flatMap(({ interval95 }) => interval95 ?? [])
    .filter((end) => !log || end > 0.6 * Math.min(...sigmas));
  const [least, most] = [Math.min(...sigmas, ...ends), Math.max(...sigmas, ...ends)];
  const domain = log ? [least / 1.15, most * 1.15] : [Math.min(0, least), most * 1.08];
  const bottom = domain[0];
  return panel(
    [right - depthSpace.left, depthSpace.height],
    { top: 0, right: 0, bottom: depthSpace.below - 8, left: depthSpace.left },
    {
      x: { domain: [0.5, points.length + 0.5] },
      y: { type: log ? "log" : "linear", domain },
      marks: [
        ruleX(edges.slice(1), { stroke: "#bbb", strokeWidth: 0.8 }),
        text(edges, {
          x: (start: number) => start,
          text: (_: number, k: number) => shortTitle(groups[k]?.title ?? ""),
          frameAnchor: "top",
          textAnchor: "start",
          dx: 3,
          dy: -10,
          fontSize: 7,
          fill: "#555",
        }),
        line(points, { x: "place", y: "sigma", stroke: ink.blue, strokeWidth: 1 }),
        ruleX(
          points.filter(({ interval95 }) => interval95 !== null),
          {
            x: "place",
            y1: ({ interval95 }: (typeof points)[number]) => Math.max(interval95?.[0] ?? 0, bottom ?? 0),
            y2: ({ interval95 }: (typeof points)[number]) => interval95?.[1],
            stroke: ink.blue,
            clip: "frame",
          },
        ),
        dot(points, {
          x: "place",
          y: "sigma",
          r: 2.2,
          stroke: ({ doubted }: (typeof points)[number]) => (doubted ? ink.vermilion : ink.blue),
          fill: ({ doubted }: (typeof points)[number]) => (doubted ? "white" : ink.blue),
        }),
        borderMark(),
        xAxis("layer, in the order of the pictures", { ticks: Math.min(points.length, 10), tickFormat: "d" }),
        yAxis("σ (px)", { tickFormat: "~g", ticks: 5, labelOffset: 36 }),
      ],
    },
  );
}

/** A narrow column has room for `/8` alone. */
const shortTitle = (title: string): string => title.replace(/^stride ([^:]*):.*$/, "/$1").slice(0, 14);
