import picomatch from "picomatch";
import { nearestOf } from "../core/suggestion.ts";
import type { Network, TensorInfo } from "./network.ts";

/**
 * What people call a layer. A file names tensors (`relu_16`); the exporter's modules are what its author wrote (`layer4.2.act3`).
 * A module's name means the last tensor that is made in it.
 */

type Named = Pick<Network, "tensors">;

/** `layer4.2.act3`, `layer4.2` and `layer4`. */
function* withParents(module: string): Generator<string, void> {
  for (let end = module.length; end > 0; end = module.lastIndexOf(".", end - 1)) yield module.slice(0, end);
}

/** The dotted path that all modules lie in: an exporter that wraps a model calls its layer4 `model.layer4`. */
function moduleRoot({ tensors }: Named): string {
  const paths = tensors.flatMap(({ module }) => (module === undefined ? [] : [module.split(".")]));
  const [first = []] = paths;
  const depth = first.findIndex((part, k) => paths.some((path) => path[k] !== part));
  return first.slice(0, depth < 0 ? first.length : depth).join(".");
}

/** The names of a network's tensors. */
export interface LayerNames {
  /** The tensor of that name, else the last one that the module of that name makes; the root that all modules share may be left out. */
  readonly find: (name: string) => TensorInfo | undefined;
  /** The shortest name that people know a tensor by, and that finds it: its module's, else its own. */
  readonly labelOf: (tensor: TensorInfo) => string;
  /** The modules with their parents, in the order of the network, without the root. */
  readonly modules: readonly string[];
  /** The path that all modules lie in; empty where there is none. */
  readonly root: string;
}

export function layerNames(network: Named): LayerNames {
  const tensors = new Map(network.tensors.map((tensor) => [tensor.name, tensor]));
  const lastOf = new Map<string, TensorInfo>();
  for (const tensor of network.tensors)
    for (const module of withParents(tensor.module ?? "")) lastOf.set(module, tensor);
  const root = moduleRoot(network);
  const find = (name: string) =>
    tensors.get(name) ?? lastOf.get(name) ?? (root === "" ? undefined : lastOf.get(`${root}.${name}`));
  /** Of a sequence that is the whole network the root stays: `0` names nothing. */
  const rootless = (module: string): string => {
    const short = module.startsWith(`${root}.`) ? module.slice(root.length + 1) : module;
    return root === "" || /^\d/.test(short) || find(short) !== lastOf.get(module) ? module : short;
  };
  return {
    find,
    labelOf({ name, module }) {
      const label = module === undefined ? name : rootless(module);
      return find(label)?.name === name ? label : name;
    },
    modules: [...lastOf.keys()].map(rootless),
    root,
  };
}

/** `layer4`, `blocks.11`, `features.denseblock3`, `inception4a`: one of a numbered series. */
const numbered = /\d[a-z]?$/;

const seriesOf = (stage: string): string => stage.replace(/\d+[a-z]?$/, "");

/**
 * The stages of a network, in its order: of each path of modules the first that is one of a numbered series and is made of
 * further modules, such as layer1 to layer4 or blocks.0 to blocks.11. One alone (a stem `conv1`) is no series.
 */
export function stageNames(network: Named): readonly string[] {
  const { modules, find } = layerNames(network);
  const parents = new Set(modules.flatMap((module) => [...withParents(module)].slice(1)));
  const stages = new Set<string>();
  for (const module of modules) {
    const outermost = [...withParents(module)].toReversed().find((name) => numbered.test(name));
    if (outermost !== undefined && parents.has(outermost)) stages.add(outermost);
  }
  const order = new Map(network.tensors.map(({ name }, place) => [name, place]));
  const placeOf = (name: string): number => order.get(find(name)?.name ?? "") ?? -1;
  const all = [...stages];
  const inSeries = all.filter((one) =>
    all.some((other) => other !== one && seriesOf(other) === seriesOf(one)),
  );
  return inSeries.toSorted((a, b) => placeOf(a) - placeOf(b));
}

export const isLayerPattern = (text: string): boolean => /[*?[{]/.test(text);

/** Modules and tensors whose names match a glob, in which a dot parts names as a slash does: `layer*`, `blocks.*.attn`. */
export function matchingNames(network: Named, pattern: string): readonly string[] {
  const asPath = (name: string): string => name.replaceAll(".", "/");
  const matches = picomatch(asPath(pattern));
  const { modules, root } = layerNames(network);
  const names = [...modules, ...network.tensors.map(({ name }) => name)];
  return names.filter((name) => matches(asPath(name)) || (root !== "" && matches(asPath(`${root}.${name}`))));
}

/** Names that are most like a given one, modules among them. */
export function nearestNames(network: Named, given: string, most = 3): readonly string[] {
  const names = [...layerNames(network).modules, ...network.tensors.map(({ name }) => name)];
  return nearestOf(given, names).slice(0, most);
}
