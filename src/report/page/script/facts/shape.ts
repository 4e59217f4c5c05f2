import type { Calibration } from "../../../../calibration/schema.ts";
import { element, part, tableRow, type Child } from "../parts/dom.ts";
import { percent } from "../parts/slider.ts";

type Shape = Calibration["shape"];
type Row = readonly [heading: string, ...cells: string[]];

/** A small table of statistics of one kind; null where the map has none of them. */
interface Block {
  readonly title: string;
  readonly note: string;
  readonly rows: (shape: Shape) => readonly Row[] | null;
}

const pixels = (length: number | null | undefined): string => length?.toFixed(1) ?? "–";

const blocks: readonly Block[] = [
  {
    title: "Widths",
    note: "px along x and y. The standard deviation is of the whole map, tails and background in full; a Gaussian's full width at half maximum is 2.355 σ.",
    rows: ({ moments, fullWidthX, fullWidthY }) => [
      ["", "x", "y"],
      ["center of mass", pixels(moments?.centerX), pixels(moments?.centerY)],
      ["standard deviation", pixels(moments?.sigmaX), pixels(moments?.sigmaY)],
      ["full width at half maximum", pixels(fullWidthX?.inner), pixels(fullWidthY?.inner)],
    ],
  },
  {
    title: "Contribution areas",
    note: "The smallest square around the image's center that holds the share (Ding et al. 2022, RepLKNet).",
    rows: ({ contributionAreas }) =>
      contributionAreas && [
        ["share", "side, px", "of the image"],
        ...contributionAreas.map(({ share, side, areaRatio }): Row => [
          percent(share),
          String(side ?? "–"),
          areaRatio === null ? "–" : percent(areaRatio),
        ]),
      ],
  },
  {
    title: "Contribution areas around the cell",
    note: "The same squares around the cell's own center, where that is another pixel than the image's; their part on the image.",
    rows: ({ contributionAreasAroundCell: own }) =>
      own
        ? [
            ["share", "side, px", "of the image"],
            ...own.areas.map(({ share, side, areaRatio }): Row => [
              percent(share),
              String(side ?? "–"),
              areaRatio === null ? "–" : percent(areaRatio),
            ]),
          ]
        : null,
  },
  {
    title: "Mass within a radius",
    note: "The least radius that holds the share, around the image's center and around the cell's own.",
    rows: ({ radialMass, radialMassAroundCell: own }) =>
      radialMass && [
        ["share", "image, px", ...(own ? ["cell, px"] : [])],
        ...radialMass.holding.map(({ share, radius }, k): Row => [
          percent(share),
          pixels(radius),
          ...(own ? [pixels(own.holding[k]?.radius)] : []),
        ]),
      ],
  },
  {
    title: "Effective and theoretical",
    note: "Side of a square as large as the pixels above 4.55 % of the center (Luo et al. 2016), beside the theoretical field's part on the image.",
    rows: ({ effectiveArea: area }) =>
      area && [
        ["", "side, px"],
        ["effective", pixels(area.side)],
        ["theoretical", pixels(area.theoreticalSide)],
        ["ratio", area.ratio === null ? "–" : percent(area.ratio)],
      ],
  },
];

/** Statistics of the map that take no Gaussian for granted. */
export function shape(given: Shape): void {
  part("shape", HTMLElement).hidden = false;
  const reasons = [...new Set(given.missing.map(({ reason }) => reason))];
  part("shape-blocks", HTMLDivElement).append(
    ...blocks.flatMap(({ title, note, rows }) => {
      const found = rows(given);
      return found === null ? [] : [block(title, note, found)];
    }),
    ...reasons.map((reason) => element("p", {}, `Not measured: ${reason}`)),
  );
}

function block(title: string, note: string, [head, ...rows]: readonly Row[]): HTMLElement {
  const headings: Child[] = (head ?? []).map((name) =>
    name === "" ? element("td") : element("th", { scope: "col" }, name),
  );
  return element(
    "article",
    {},
    element("h3", {}, title),
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...headings)),
      element("tbody", {}, ...rows.map(([name, ...cells]) => tableRow(name, ...cells))),
    ),
    element("p", { class: "note" }, note),
  );
}
