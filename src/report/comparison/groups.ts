import { sameNetwork } from "../../calibration/comparison/compared.ts";
import type { PicturedErf } from "./pictured.ts";

/** Calibrations that stand together: layers of one stage of a network, or of one network. */
export interface Group {
  readonly title: string;
  readonly erfs: readonly PicturedErf[];
}

/** Layers of one network by the grid of their feature maps, in their order; else by network. */
export function groupsOf(erfs: readonly PicturedErf[]): readonly Group[] {
  const one = sameNetwork(erfs);
  const groups: { readonly key: string; readonly title: string; readonly erfs: PicturedErf[] }[] = [];
  for (const erf of erfs) {
    const { layer, model } = erf.calibration;
    const grid = layer.grid.join(" × ");
    const stride = [...new Set(layer.stride)].join(" × ");
    const [key, title] = one
      ? [grid, `stride ${stride}: ${grid} cells`]
      : [`${model.file} ${model.sha256}`, model.file];
    const last = one ? groups.at(-1) : groups.find((group) => group.key === key);
    if (last?.key === key) last.erfs.push(erf);
    else groups.push({ key, title, erfs: [erf] });
  }
  return groups;
}
