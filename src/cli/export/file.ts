import { dirname } from "node:path";
import { erfitVersion } from "../../io/version.ts";
import type { Subject } from "../../calibration/subject.ts";
import type { Graph } from "../../graph/graph.ts";
import { ErfitError, listed } from "../../core/error.ts";
import { exportModel } from "../../onnx/export.ts";
import { nonFiniteConstants } from "../../onnx/non-finite.ts";
import { writableFolder, writeWhole } from "../../io/files.ts";

/** The network as a graph, which models of other formats do not have. */
export function graphOf({ network, file }: Subject): Graph {
  if (network.graph !== null) return network.graph;
  throw new ErfitError(`${file}: expected an ONNX model; from a TF.js model nothing can be exported`, {
    remedy: "convert the model to ONNX, with tf2onnx for instance",
  });
}

/** What a file says of its origin. */
export interface Origin {
  /** One sentence: what the graph computes. */
  readonly what: string;
  /** Further facts, which the file carries as metadata named `erfit.…`. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

const typed = ({ name, dtype, shape }: Graph["outputs"][number]): string =>
  `${name}: ${dtype} [${shape.join(", ")}]`;

/** `image: float32 [1, 3, 224, 224] -> map: float32 [224, 224]` */
const signature = ({ inputs, outputs }: Graph): string =>
  `${inputs.map(typed).join(", ")} -> ${outputs.map(typed).join(", ")}`;

const metadata = (facts: Origin["facts"]): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).map(([key, value]) => [`erfit.${key}`, String(value)]));

/** A folder that the file can be written to: asked for before the work, not after it. */
export const exportFolder = (path: string): Promise<string> => writableFolder(dirname(path));

/**
 * Writes the graph as an ONNX file that says where it comes from.
 * @throws ErfitError where a weight is NaN or infinite, or the file would be larger than ONNX allows
 */
export async function writeModel(
  path: string,
  graph: Graph,
  { file, sha256 }: Subject,
  { what, facts }: Origin,
): Promise<{ readonly signature: string; readonly bytes: number }> {
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
  await writeWhole(path, bytes);
  return { signature: signature(graph), bytes: bytes.length };
}
