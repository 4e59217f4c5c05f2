import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { expect, it } from "vitest";
import { createSession, writeOptimized } from "../../src/runtime/onnxruntime.ts";
import { extend } from "../../src/graph/builder.ts";
import { int64, numbersOf, type Tensor } from "../../src/core/tensor.ts";
import { exportWithWeights } from "../../src/onnx/export.ts";
import { decodeModel } from "../../src/onnx/file/wire.ts";
import { noise } from "../onnx/small-model.ts";

const steps = 200;
const integers: number = TensorProto_DataType.INT64;

/** A map's positions picked one by one, as an unrolled scan does: the runtime makes a Split into 200 parts of them. */
function unrolled() {
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map() });
  const x = g.input("x", "float32", [1, steps, 64]);
  const weights = g.constant(noise([64, 64]));
  const picked = Array.from({ length: steps }, (_, k) =>
    g.single("Gather", [x, g.constant(int64([], [k]))], { axis: 1 }, "float32", [1, 64]),
  );
  const sum = picked.reduce((state, row) => g.tanh(g.add(state, row)));
  return g.build([g.matmul(sum, weights)]);
}

it("keeps the sizes that a fusion makes in the optimized model's file, where shapes are inferred from them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "erfit-test-"));
  const path = (name: string) => join(folder, name);
  try {
    const { model, weights } = exportWithWeights(unrolled(), "model.weights");
    await writeFile(path("model.onnx"), model);
    await writeFile(path("model.weights"), Buffer.concat([...weights]));
    await writeOptimized(path("model.onnx"), path("optimized.onnx"), "optimized.weights");

    const { graph } = decodeModel(await readFile(path("optimized.onnx")), "optimized.onnx");
    expect(graph?.node.map(({ opType }) => opType)).toContain("Split");
    const outside = graph?.initializer.filter(
      ({ dataLocation, dataType }) =>
        dataLocation === TensorProto_DataLocation.EXTERNAL && dataType === integers,
    );
    expect(outside).toEqual([]);

    const feeds = { x: noise([1, steps, 64]) };
    const results: Tensor[] = [];
    for (const file of ["model.onnx", "optimized.onnx"]) {
      const session = await createSession(path(file), "a test", { threads: 1, optimization: "none" });
      results.push(...Object.values(await session.run(feeds)));
      await session.release();
    }
    const [plain, optimized] = results.map(numbersOf);
    expect(optimized).toEqual(plain);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("keeps integers that may be sizes in the model's own file", () => {
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map() });
  const x = g.input("x", "float32", [400]);
  const indices = g.constant(int64([400], [...Array(400).keys()]));
  const y = g.single("Gather", [x, indices], { axis: 0 }, "float32", [400]);
  const { model, weights } = exportWithWeights(g.build([g.add(y, g.constant(noise([400])))]), "weights");
  const { graph } = decodeModel(model, "model.onnx");
  const outside = graph?.initializer.filter(
    ({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL,
  );
  expect(outside?.map(({ dataType }) => dataType)).toEqual([TensorProto_DataType.FLOAT]);
  expect([...weights].reduce((sum, { length }) => sum + length, 0)).toBe(1600);
});
