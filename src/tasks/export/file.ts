import { erfitVersion } from "../../io/version.ts";
import type { LoadedModel } from "../../calibration/loaded-model.ts";
import type { Graph } from "../../graph/graph.ts";
import { ErfitError, listed } from "../../core/error.ts";
import type { Warning } from "../../fit/result.ts";
import { exportModel } from "../../onnx/export.ts";
import { nonFiniteConstants } from "../../onnx/non-finite.ts";

/** The network as a graph, which models of other formats do not have. */
export function graphOf({ network, file }: LoadedModel): Graph {
  if (network.graph !== null) return network.graph;
  throw new ErfitError(`${file}: expected an ONNX model; from a TF.js model nothing can be exported`, {
    remedy: "convert the model to ONNX, with tf2onnx for instance",
  });
}

/** What a file records of its origin, as metadata named `erfit.…`. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** A graph to export. */
export interface ExportedGraph {
  readonly model: LoadedModel;
  readonly graph: Graph;
  /** What its file is called after the model: the layer, and what is computed there. */
  readonly name: string;
  /** One sentence: what the graph computes. */
  readonly what: string;
  readonly facts: Facts;
  /** What to know before the graph's map is used. */
  readonly warnings: readonly Warning[];
}

const typed = ({ name, dtype, shape }: Graph["outputs"][number]): string =>
  `${name}: ${dtype} [${shape.join(", ")}]`;

/** `image: float32 [1, 3, 224, 224] -> map: float32 [224, 224]` */
const signature = ({ inputs, outputs }: Graph): string =>
  `${inputs.map(typed).join(", ")} -> ${outputs.map(typed).join(", ")}`;

const metadata = (facts: Facts): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).map(([key, value]) => [`erfit.${key}`, String(value)]));

/**
 * The graph as an ONNX file that records where it comes from.
 * @throws ErfitError where a weight is NaN or infinite, or the file would be larger than ONNX allows
 */
export function exportedFile({ model: { file, sha256 }, graph, what, facts }: ExportedGraph): {
  readonly bytes: Uint8Array;
  readonly signature: string;
} {
  const names = nonFiniteConstants(graph.constants);
  if (names.length > 0)
    throw new ErfitError(`${file}: weights that the graph needs hold NaN or infinity: ${listed(names)}`, {
      remedy: "export the model again from a checkpoint that is sound",
    });
  const bytes = exportModel(graph, {
    producerVersion: erfitVersion,
    docString: `${what}. Made by erfit ${erfitVersion} from ${file}. ${signature(graph)}`,
    metadata: metadata({ version: erfitVersion, model: file, model_sha256: sha256, ...facts }),
  });
  return { bytes, signature: signature(graph) };
}
