import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { expectedCenter } from "../../src/calibration/probe-run.ts";
import { chosenCell, chosenLayer, loadModel } from "../../src/calibration/loaded-model.ts";
import type { ReceptiveField } from "../../src/autodiff/receptive-field/receptive-field.ts";
import { onDisk, smallOnnx } from "../runtime/small-onnx.ts";

/**
 * The small network's layer of 12 x 10 cells over 24 x 20 pixels, its fields as given, or its own. With fields that are
 * given, as an engine has it that cannot follow the image's axes.
 */
async function centerAt(
  row: number,
  column: number,
  field?: (row: number, column: number) => ReceptiveField | null,
) {
  const opened = await loadModel(await onDisk(smallOnnx()), { threads: 1 });
  const network: typeof opened.network = {
    ...opened.network,
    ...(field && {
      receptiveField: (_, cell) => field(cell[2] ?? NaN, cell[3] ?? NaN),
      tensors: opened.network.tensors.map((tensor) => ({ ...tensor, axes: undefined })),
    }),
  };
  const loaded = { ...opened, network };
  const layer = chosenLayer(loaded, "conv2");
  return expectedCenter({
    model: loaded,
    layer,
    geometry: chosenCell(loaded, layer, { kind: "cell", row, column }),
  });
}

describe("where the middle of an ERF is expected", () => {
  it("in the middle of the theoretical field of a convolution's cell", async () => {
    expect(await centerAt(6, 5)).toEqual({ x: 10, y: 12 });
    expect(await centerAt(0, 9)).toEqual({ x: 18, y: 0 });
  });

  it("at the cell's own place where every cell sees the whole image", async () => {
    const whole = { height: 24, width: 20, centerY: 11.5, centerX: 9.5 };
    expect(await centerAt(3, 2, () => whole)).toEqual({ x: 4.5, y: 6.5 });
  });

  it("at the cell's own place where a window of cells sees the same", async () => {
    const windowed = (row: number, column: number) => ({
      height: 8,
      width: 8,
      centerY: 8 * Math.floor(row / 4) + 3.5,
      centerX: 8 * Math.floor(column / 4) + 3.5,
    });
    expect(await centerAt(5, 2, windowed)).toEqual({ x: 4.5, y: 10.5 }); // inside a window
    expect(await centerAt(8, 4, windowed)).toEqual({ x: 8.5, y: 16.5 }); // at its edge: the next is a window away
  });

  it("where its strides and padding have it, beside a path that sees the whole image", async () => {
    const path = fileURLToPath(new URL("../fixtures/cases/stride_behind_se.onnx", import.meta.url));
    const loaded = await loadModel(path, { threads: 1 });
    const layer = chosenLayer(loaded, undefined);
    const geometry = chosenCell(loaded, layer, { kind: "central" });
    // Five convolutions of stride 2 or 1, padded by one: cell 3 is over pixel 3 * 16.
    expect(expectedCenter({ model: loaded, layer, geometry })).toEqual({ x: 48, y: 48 });
  });

  it("nowhere, where the theoretical field is not known", async () => {
    expect(await centerAt(6, 5, () => null)).toBeNull();
  });
});
