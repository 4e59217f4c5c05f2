import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cellAt, centralCell } from "../../../src/runtime/feature-grid.ts";
import { geometryOf } from "../../../src/runtime/geometry.ts";
import { findLayer } from "../../../src/runtime/layers.ts";
import { openModel, type OpenedModel } from "../../../src/runtime/open.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { noise } from "../../onnx/small-model.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";
import { relativeL2 } from "../../relative-l2.ts";
import { testedBackends } from "./backends.ts";
import { asGraph } from "./twins/as-graph.ts";
import { asLayers } from "./twins/as-layers.ts";
import { asOnnx } from "./twins/as-onnx.ts";
import { smallTwin, transposed } from "./twins/network.ts";

const formats = { layers: asLayers(smallTwin), graph: asGraph(smallTwin) };

async function openAll(
  files: Readonly<Record<string, string | Uint8Array>>,
  backend: "wasm" | "cpu" | "tfjs-node",
) {
  const folder = await scratchFolder();
  await fill(folder, { "net.onnx": asOnnx(smallTwin) });
  await fill(join(folder, "tfjs"), files);
  return {
    onnx: await openModel(join(folder, "net.onnx"), { threads: 1 }),
    tfjs: await openModel(join(folder, "tfjs"), { threads: 1, backend }),
  };
}

const { height, width } = smallTwin;
const image = noise([1, 3, height, width], 21);

/** The image, or the gradient by it, as the network orders its axes. */
const ordered = ({ network: { input } }: OpenedModel, planar: Tensor<"float32">): Tensor<"float32"> =>
  input.layout === "NCHW" ? planar : transposed(planar, [0, 2, 3, 1]);

/** A tensor of the network with its channels in front, as ONNX has it. */
function planar({ network: { input } }: OpenedModel, tensor: Tensor | undefined): Tensor<"float32"> {
  if (tensor?.dtype !== "float32") throw new Error("not float32");
  return input.layout === "NHWC" && tensor.shape.length === 4 ? transposed(tensor, [0, 3, 1, 2]) : tensor;
}

async function imageGradient(model: OpenedModel, name: string, kind: "channel-mean" | "rectified-sum") {
  const { network } = model;
  const layer = findLayer(network, name);
  const cell = cellAt(layer.grid, ...centralCell(layer.grid, network.input));
  const program = await network.differentiate({ target: layer.name, objective: { kind, cell } });
  const { gradient } = await program.run({ image: ordered(model, image) });
  await program.release();
  return gradient.shape[1] === 3 ? gradient : transposed(gradient, [0, 3, 1, 2]);
}

describe.each(testedBackends)("one network in ONNX and in TF.js on %s", (backend) => {
  describe.each(["layers", "graph"] as const)("as a %s model", (format) => {
    it.each(["stem", "depthwise", "shortcut", "maximum", "average", "last/linear", "last"])(
      "the same gradient of %s by the image",
      async (layer) => {
        const { onnx, tfjs } = await openAll(formats[format], backend);
        const expected = await imageGradient(onnx, layer, "channel-mean");
        const found = await imageGradient(tfjs, layer, "channel-mean");
        expect(relativeL2(found.data, expected.data)).toBeLessThan(1e-4);
      },
    );

    it("the same gradient of rectified channels", async () => {
      const { onnx, tfjs } = await openAll(formats[format], backend);
      const [expected, found] = [
        await imageGradient(onnx, "average", "rectified-sum"),
        await imageGradient(tfjs, "average", "rectified-sum"),
      ];
      expect(relativeL2(found.data, expected.data)).toBeLessThan(1e-4);
    });

    it.each([
      { kind: "top" },
      { kind: "element", index: 2 },
      { kind: "top", of: "softmax" },
      { kind: "element", index: 2, of: "softmax" },
    ] as const)(
      "the same gradient of %o by a layer, with logits and features beside it",
      async (objective) => {
        const { onnx, tfjs } = await openAll(formats[format], backend);
        const explained = async (model: OpenedModel, layer: string) => {
          const { logits } = model.network;
          const request = { target: logits.name, objective, alongside: [logits.name, layer] };
          const program = await model.network.differentiate({ ...request, withRespectTo: layer });
          const { gradient, alongside } = await program.run({ image: ordered(model, image) });
          await program.release();
          return [...alongside, gradient].map((tensor) => planar(model, tensor));
        };
        for (const layer of ["stem", "last"]) {
          const [expected, found] = [await explained(onnx, layer), await explained(tfjs, layer)];
          expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
          found.forEach(({ data }, k) => {
            expect(relativeL2(data, expected[k]?.data ?? data.fill(NaN))).toBeLessThan(1e-4);
          });
        }
      },
    );

    it("the same scores of a layer's map that is fed, and their gradient", async () => {
      const { onnx, tfjs } = await openAll(formats[format], backend);
      const map = noise([1, 8, 12, 13], 9);
      const fed = async (model: OpenedModel) => {
        const { network } = model;
        const [from, target] = ["maximum", network.logits.name];
        const forward = await network.forward({ outputs: ["last", target], from });
        const weighted = { target, objective: { kind: "element", index: 1 }, from } as const;
        const backward = await network.differentiate({ ...weighted, alongside: [target] });
        const outputs = await forward.run(ordered(model, map));
        const { gradient, alongside } = await backward.run({ image: ordered(model, map) });
        await Promise.all([forward.release(), backward.release()]);
        return [...outputs, gradient, ...alongside].map((tensor) => planar(model, tensor));
      };
      const [expected, found] = [await fed(onnx), await fed(tfjs)];
      expect(found.map(({ shape }) => shape)).toEqual([
        [1, 12, 12, 13],
        [1, 4],
        [1, 8, 12, 13],
        [1, 4],
      ]);
      found.forEach(({ data }, k) => {
        expect(relativeL2(data, expected[k]?.data ?? data.fill(NaN))).toBeLessThan(1e-5);
      });
    });

    it("the same geometry of every layer that both name", async () => {
      const { onnx, tfjs } = await openAll(formats[format], backend);
      for (const name of ["stem", "depthwise", "shortcut", "maximum", "average", "last"]) {
        const geometry = ({ network }: OpenedModel) => geometryOf(network, findLayer(network, name));
        expect(geometry(tfjs), name).toEqual(geometry(onnx));
      }
    });
  });
});

describe("a cotangent that the user feeds", () => {
  it("weighs the elements of the target", async () => {
    const { onnx, tfjs } = await openAll(formats.layers, "cpu");
    const weights = noise([1, 12, 12, 13], 5);
    const pulled = async (model: OpenedModel) => {
      const objective = { kind: "cotangent", name: "weights" } as const;
      const program = await model.network.differentiate({ target: "last", objective });
      const { gradient } = await program.run({
        image: ordered(model, image),
        cotangent: ordered(model, weights),
      });
      await program.release();
      return gradient;
    };
    const [expected, found] = [await pulled(onnx), await pulled(tfjs)];
    expect(relativeL2(transposed(found, [0, 3, 1, 2]).data, expected.data)).toBeLessThan(1e-4);
    expect(found.shape).toEqual([1, height, width, 3]);
    expect(float32([1], [0]).data).toHaveLength(1);
  });
});
