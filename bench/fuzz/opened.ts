import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { readCalibration } from "../../src/calibration/read.ts";
import { readState } from "../../src/calibration/state-file.ts";
import { journalEntry } from "../../src/tasks/cam/record.ts";
import { comparedFiles } from "../../src/tasks/compare.ts";
import { openJournal } from "../../src/io/journal.ts";
import { camsRecord } from "../../src/tasks/report.ts";
import { cellAt } from "../../src/runtime/feature-grid.ts";
import { defaultLayer, layersOf } from "../../src/runtime/layers.ts";
import { openModel } from "../../src/runtime/open.ts";
import { loadInput } from "../../src/input/load.ts";
import { declaredInputSize, resolvePreprocessing } from "../../src/input/resolve.ts";
import { readClassNames, readSidecar } from "../../src/input/sidecar.ts";
import { readMap } from "../../src/core/npy.ts";
import { float32, sizeOf } from "../../src/core/tensor.ts";
import { journalSettings, type ParserName } from "./bases.ts";

/** Largest map that a run makes: a network that is large but sound may take what it takes. */
const mostRun = 2 ** 24;

/** Opens a model as erfit does: import, constants, the gradient of its default layer, and for a share a run of that. */
async function openedModel(path: string, runs: boolean, backend?: "cpu"): Promise<void> {
  const { network } = await openModel(path, { threads: 1, ...(backend === undefined ? {} : { backend }) });
  layersOf(network);
  const layer = defaultLayer(network);
  const [row, column] = [layer.grid.height >> 1, layer.grid.width >> 1];
  network.receptiveField(layer.name, cellAt(layer.grid, row, column));
  const differentiated = await network.differentiate({
    target: layer.name,
    objective: { kind: "channel-mean", cell: cellAt(layer.grid, row, column) },
  });
  try {
    if (!runs || network.tensors.some(({ shape }) => sizeOf(shape) > mostRun)) return;
    const { shape } = network.input;
    await differentiated.run({ image: float32(shape, new Float32Array(sizeOf(shape)).fill(0.1)) });
  } finally {
    await differentiated.release();
  }
}

async function openedSidecar(path: string): Promise<void> {
  const model = path.replace(/[^/]*$/, "net.onnx");
  const sidecar = await readSidecar(model);
  await readClassNames(model, sidecar);
  resolvePreprocessing({ inputSize: declaredInputSize({ sidecar }) ?? [224, 224], sidecar });
}

const openedPicture = (path: string) =>
  loadInput(
    { name: basename(path), path, kind: "photograph" },
    resolvePreprocessing({ inputSize: [224, 224] }),
    "NCHW",
  );

/** How each kind of file is opened; `runs` asks for a run of a network's gradient too. */
export const opened: Readonly<Record<ParserName, (path: string, runs: boolean) => Promise<unknown>>> = {
  onnx: (path, runs) => openedModel(path, runs),
  tfjs: (path, runs) => openedModel(path, runs, "cpu"),
  npy: async (path) => readMap(await readFile(path), path),
  calibration: readCalibration,
  sidecar: openedSidecar,
  classes: openedSidecar,
  picture: openedPicture,
  state: async (path) => readState(await readFile(path), path),
  cams: (path) => camsRecord(path, null),
  layers: (path) => comparedFiles([dirname(path)], {}),
  journal: async (path) => (await openJournal(path, journalSettings, journalEntry, false)).close(),
};
