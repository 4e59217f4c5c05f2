import type { LayerGeometry } from "../runtime/geometry.ts";
import type { Layer } from "../runtime/layers.ts";
import type { ImageSource } from "../input/listing.ts";
import type { SharedReader } from "../input/stream.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { ProtocolName } from "../erf/protocols.ts";
import type { Shard } from "../erf/shard.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { ProbingStep } from "./probing.ts";
import type { Subject } from "./subject.ts";

/** One measurement, decided in every part. */
export interface ProbeRun {
  readonly subject: Subject;
  readonly layer: Layer;
  readonly geometry: LayerGeometry;
  readonly protocol: ProtocolName;
  readonly photographs: readonly ImageSource[];
  /** Views of each photograph; 1 is the evaluation crop alone. */
  readonly crops: number;
  readonly preprocessing: Preprocessing;
  /** Seed of the random order that the photographs were put in; null: the order of the list. */
  readonly shuffled: number | null;
  /** The part of the run that is to be measured here; all of it by default. */
  readonly shard?: Shard | null;
  /** What decodes the photographs, where other runs read the same ones; `programs` is how many runs there are. */
  readonly shared?: { readonly reader: SharedReader; readonly programs: number };
  /** Where the run's state is saved; by default it is lost with the process. */
  readonly checkpoints?: Checkpoints;
  /** Told of each view that is done, by what runs to its end. */
  readonly onProgress?: (step: ProbingStep) => void;
}
