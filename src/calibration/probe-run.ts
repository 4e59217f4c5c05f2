import type { Layer, LayerGeometry } from "../engine/layers.ts";
import type { ImageSource } from "../image/listing.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { ProbeProgress } from "../probe/probe.ts";
import type { ProtocolName } from "../probe/protocols.ts";
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
  /** Called after each view. */
  readonly onProgress?: (progress: ProbeProgress, of: number) => void;
}
