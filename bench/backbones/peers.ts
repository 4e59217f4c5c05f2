import { join } from "node:path";
import type { ExportedBackbone } from "./export.ts";
import { backbones } from "./models.ts";

/** The same for both peers. */
export interface Task {
  readonly backbone: ExportedBackbone;
  readonly photographs: string;
  /** How many of them, from the first. */
  readonly images: number;
  readonly threads: number;
  /** Folder for the map. */
  readonly out: string;
}

interface Peer {
  /** The command of a process that goes from files to the map, and ends. */
  readonly command: (task: Task, python: string) => readonly string[];
  readonly map: (task: Task) => string;
}

const erfit: Peer = {
  command: ({ backbone: { name, onnx }, photographs, images, threads, out }) => [
    process.execPath,
    "bin/erfit.js",
    "probe",
    onnx,
    photographs,
    ...["--layer", backbones[name].layer],
    ...["--limit", String(images)],
    ...["--threads", String(threads)],
    ...["--out", out],
    "--quiet",
  ],
  map: ({ out }) => join(out, "erf.npy"),
};

const openerf: Peer = {
  command: ({ backbone: { name, weights }, photographs, images, threads, out }, python) => [
    python,
    "bench/backbones/openerf_map.py",
    name,
    weights,
    backbones[name].openerf,
    photographs,
    String(images),
    String(threads),
    join(out, "openerf.npy"),
  ],
  map: ({ out }) => join(out, "openerf.npy"),
};

export const peers = { erfit, openerf };

export type PeerName = keyof typeof peers;
