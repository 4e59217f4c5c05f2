import type { ExportedBackbone } from "../backbones/export.ts";

/** The same for all peers: Grad-CAM of each photograph's predicted class, scaled to 0 to 1, one map a file. */
export interface Task {
  readonly model: ExportedBackbone;
  /** The layer's module. */
  readonly layer: string;
  /** Folder of photographs. */
  readonly photographs: string;
  readonly threads: number;
  /** Folder for the maps. */
  readonly out: string;
}

interface Peer {
  readonly title: string;
  /** The command of a process that goes from files to files, and ends. */
  readonly command: (task: Task, python: string) => readonly string[];
  /** File of a photograph's map, by the photograph's name without its extension. */
  readonly map: (stem: string) => string;
}

const gradCam = (how: "plain" | "best", title: string): Peer => ({
  title,
  command: ({ model: { name, weights }, layer, photographs, threads, out }, python) => [
    python,
    "bench/cam/grad_cam.py",
    ...[how, name, weights, layer],
    ...[photographs, String(threads), out],
  ],
  map: (stem) => `${stem}.npy`,
});

const erfit: Peer = {
  title: "erfit",
  command: ({ model: { onnx }, layer, photographs, threads, out }) => [
    process.execPath,
    "bin/erfit.js",
    "cam",
    onnx,
    photographs,
    ...["--layer", layer],
    ...["--method", "grad-cam:bilinear"],
    ...["--normalize", "grid-and-map"],
    ...["--write", "maps"],
    ...["--threads", String(threads)],
    ...["--out", out],
    "--quiet",
  ],
  map: (stem) => `${stem}.grad-cam.bilinear.npy`,
};

export const peers = {
  erfit,
  plain: gradCam("plain", "pytorch-grad-cam"),
  best: gradCam("best", "at its best"),
};

export type PeerName = keyof typeof peers;
