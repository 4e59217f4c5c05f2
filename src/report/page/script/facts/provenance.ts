import type { Calibration } from "../../../../calibration/schema.ts";
import type { PageRecord } from "../../record.ts";
import { element, factList, part } from "../parts/dom.ts";

type Facts = readonly (readonly [string, string])[];

/** Where it all comes from: enough to make it again. */
export function provenance({ erf, cams, made }: PageRecord): void {
  const blocks: readonly (readonly [string, Facts])[] = [
    ...(erf === null ? [] : [["Calibration", calibrationFacts(erf.calibration)] as const]),
    ...(cams === null ? [] : [["Class activation maps", cams.settings] as const]),
    ["This page", made],
  ];
  part("provenance-blocks", HTMLDivElement).append(
    ...blocks.flatMap(([title, facts]) => [element("h3", {}, title), factList(facts)]),
  );
}

function calibrationFacts({
  model,
  layer,
  protocol,
  images,
  preprocessing,
  provenance: from,
}: Calibration): Facts {
  const field = layer.receptiveField;
  return [
    ["model", model.file],
    ["SHA-256 of the model", model.sha256],
    ["input", `${model.input.name} [${model.input.shape.join(", ")}] ${model.input.layout}`],
    ["layer", layer.module === null ? layer.name : `${layer.name} (${layer.module})`],
    ["cell", `row ${layer.cell[0]}, column ${layer.cell[1]} of ${layer.grid.join(" × ")}`],
    [
      "theoretical field",
      field === null
        ? "not known"
        : `${field.width} × ${field.height} px around (${field.centerX}, ${field.centerY})`,
    ],
    ["protocol", protocol],
    [
      "images",
      `${images.count} views of ${images.photographs} photographs, ${images.skipped.length} skipped, worth ${images.effectiveNumber.toFixed(1)} of equal weight`,
    ],
    ["SHA-256 of the images", images.sha256],
    ["preprocessing", preprocessingText(preprocessing)],
    ["made by", `erfit ${from.erfit}, ${from.engine}, Node ${from.node}, ${from.platform}`],
    ["date", from.date],
    ["command", from.command],
  ];
}

const preprocessingText = ({ source, ...rest }: Calibration["preprocessing"]): string =>
  `${source}: ${JSON.stringify(rest)}`;
