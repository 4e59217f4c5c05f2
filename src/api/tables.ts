import { controls as controlTable, type ControlName } from "../cam/controls.ts";
import { camMethods as methodTable, type CamMethodName } from "../cam/methods.ts";
import { normalizations as normalizationTable, type NormalizationName } from "../cam/normalizations.ts";
import { cellPositions as positionTable, type CellPositionName } from "../cam/axis-weights.ts";
import { upsamplers as upsamplerTable, type UpsamplerName } from "../cam/upsamplers.ts";
import { fitChoices as fitTable, type FitChoice } from "../fit/result.ts";
import { presets as presetTable, type PresetName } from "../input/resolve.ts";
import { protocols as protocolTable, type ProtocolName } from "../erf/protocols.ts";
import { curves as curveTable, type CurveName } from "../evaluate/metrics.ts";
import {
  fills as fillTable,
  type FillName,
  maskings as maskingTable,
  type MaskingName,
} from "../evaluate/maskings.ts";

/** What the options that take a name can be, each with what it means: for menus, messages and tables. */

interface Titled {
  readonly title: string;
}

/** CAM methods, with their papers. */
export const camMethods: Readonly<Record<CamMethodName, Titled & { readonly paper: string }>> = methodTable;

/** How a grid of cells becomes pixels. */
export const upsamplers: Readonly<Record<UpsamplerName, Titled>> = upsamplerTable;

/** Where Gaussian upsampling puts the cells. */
export const cellPositions: Readonly<Record<CellPositionName, Titled>> = positionTable;

/** Maps that do not know where the class is. */
export const controls: Readonly<Record<ControlName, Titled>> = controlTable;

/** How the values of a map are scaled. */
export const normalizations: Readonly<Record<NormalizationName, Titled>> = normalizationTable;

/** How gradients become an effective receptive field, with their sources. */
export const protocols: Readonly<Record<ProtocolName, Titled & { readonly source: string }>> = protocolTable;

/** What can be fitted to a map. */
export const fitChoices: Readonly<Record<FitChoice, string>> = fitTable;

/** Preprocessing presets, with their sources. */
export const presets: Readonly<Record<PresetName, { readonly source: string }>> = presetTable;

/** How a map becomes a mask, with the papers. */
export const maskings: Readonly<Record<MaskingName, Titled & { readonly paper: string }>> = maskingTable;

/** What stands where a mask takes the photograph away. */
export const fills: Readonly<Record<FillName, Titled>> = fillTable;

/** Deletion and insertion curves, with their paper. */
export const curves: Readonly<Record<CurveName, Titled & { readonly paper: string }>> = curveTable;
