import { calibrationSchema } from "../../src/calibration/schema.ts";
import { parseSidecar } from "../../src/input/sidecar.ts";

/** What a document has to be, by the word after `json`. */
const kinds: Readonly<Record<string, (document: unknown) => unknown>> = {
  "": (document) => document,
  sidecar: (document) => parseSidecar(document, "the sidecar"),
  calibration: (document) => calibrationSchema.parse(document),
};

/** Reads a document, as erfit would read it where it is one of erfit's. Throws with what is wrong. */
export function json(code: string, kind: string): void {
  const read = kinds[kind];
  if (read === undefined) throw new Error(`json ${kind}: expected one of ${Object.keys(kinds).join(", ")}`);
  read(JSON.parse(code));
}
