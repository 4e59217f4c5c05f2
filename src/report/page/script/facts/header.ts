import type { Calibration } from "../../../../calibration/schema.ts";
import type { Interval } from "../../../../fit/result.ts";
import type { PageRecord } from "../../record.ts";
import { explanations } from "./explanations.ts";
import { element, part, sigma, type Child, factList } from "../parts/dom.ts";
import { withUncertainty } from "../../../text.ts";

/** What the page is about, and the numbers that people came for. */
export function header({ title, erf }: PageRecord): void {
  document.title = `${title} · erfit`;
  part("title", HTMLHeadingElement).textContent = title;
  if (erf === null) return;
  const { fit, images, layer } = erf.calibration;
  part("tiles", HTMLDListElement).append(
    ...(fit === null
      ? [tile(["Gaussian"], "none reported", "the warnings say why")]
      : [
          tile(sigma("X"), estimate(fit.sigmaX), intervalNote),
          tile(sigma("Y"), estimate(fit.sigmaY), intervalNote),
          tile(["R²"], fit.rSquared.toFixed(3), "of the Gaussian"),
        ]),
    tile(
      ["photographs"],
      String(images.photographs),
      images.views === images.photographs ? "" : `${images.views} views of them`,
    ),
    tile(["feature map"], layer.grid.join(" × "), `cells ${pitch(layer.stride)} px apart`),
  );
}

const pitch = ([vertical, horizontal]: readonly [number, number]): string =>
  vertical === horizontal ? String(vertical) : `${vertical} and ${horizontal}`;

const intervalNote = "95 % interval";

const estimate = ({
  value,
  interval95: [low, high],
}: {
  readonly value: number;
  readonly interval95: Interval;
}) => `${withUncertainty(value, (high - low) / 2)} px`;

const tile = (name: readonly Child[], value: string, note: string): HTMLDivElement =>
  element(
    "div",
    {},
    element("dt", {}, ...name),
    element("dd", {}, element("strong", {}, value), element("small", {}, note)),
  );

/**
 * What should be known before the numbers are used: the sentence for this map, and what such a warning means. Of the
 * calibration's and the maps' warnings of one kind the first stands for both.
 */
export function warnings(all: Calibration["warnings"]): void {
  const given = all.filter(({ code }, place) => all.findIndex((one) => one.code === code) === place);
  if (given.length === 0) return;
  part("warnings", HTMLElement).hidden = false;
  part("warnings-list", HTMLUListElement).append(
    ...given.map(({ code, message }) => {
      const known = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
      return element(
        "li",
        {},
        element("p", {}, message),
        element(
          "p",
          { class: "meaning" },
          element("code", {}, code),
          ...(known === undefined ? [] : [` ${known.means}; what to do: ${known.remedy}.`]),
        ),
      );
    }),
  );
}

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
    ["layer", layer.label],
    ...(layer.label === layer.name ? [] : [["tensor", layer.name] as const]),
    ...(layer.module === null || layer.module === layer.label ? [] : [["module", layer.module] as const]),
    ["cell", `row ${layer.cell[0]}, column ${layer.cell[1]} of ${layer.grid.join(" × ")}`],
    [
      "theoretical field",
      field === null
        ? "not known"
        : `${field.width} × ${field.height} px around (${field.centerX}, ${field.centerY})`,
    ],
    ["protocol", protocol],
    [
      "photographs",
      `${images.views} views of ${images.photographs} photographs, ${images.skipped.length} skipped, worth ${images.effectiveNumber.toFixed(1)} of equal weight`,
    ],
    ["SHA-256 of the views", images.sha256],
    ["preprocessing", preprocessingText(preprocessing)],
    ["made by", `erfit ${from.erfit}, ${from.engine}, Node ${from.node}, ${from.platform}`],
    ["date", from.date],
    ["command", from.command],
  ];
}

const preprocessingText = ({ source, ...rest }: Calibration["preprocessing"]): string =>
  `${source}: ${JSON.stringify(rest)}`;
