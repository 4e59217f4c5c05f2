import { expect, test } from "vitest";
import { sourceOf } from "../../../src/onnx/stages/normal-form.ts";
import { node } from "../small-model.ts";

const named = (name: string, metadata: Readonly<Record<string, string>> = {}) =>
  sourceOf(node("Relu", ["x"], ["y"], {}, { name, metadata }), 7);

test.each([
  ["/layer4/layer4.0/act2/Relu", "layer4.0.act2"],
  ["/features/features.0/Conv", "features.0"],
  ["/conv1/Conv", "conv1"],
  ["/m/stem/stem.0/Conv", "m.stem.0"],
  ["/layers/layers.1/blocks/blocks.1/attn/MatMul_1", "layers.1.blocks.1.attn"],
  ["/a/b/a.b.0/Relu", "a.b.0"],
  ["/features/features.1/features.1.0/block/block.0/Conv", "features.1.0.block.0"],
  ["/Flatten", undefined],
  ["Conv_12", undefined],
  ["node_relu_11", undefined],
])("the TorchScript exporter's name %s means module %s", (name, module) => {
  expect(named(name)).toEqual({ node: name, module });
});

test("the newer exporter records modules beside the node", () => {
  const scopes = "['', 'layer4', 'layer4.0', 'layer4.0.act2', 'relu_11']";
  expect(named("node_relu_11", { "pkg.torch.onnx.name_scopes": scopes }).module).toBe("layer4.0.act2");
  const namespace =
    ": torchvision.ResNet/layer4: torch.nn.Sequential/layer4.0: Basic/layer4.0.act2: ReLU/relu_11: aten.relu.default";
  expect(named("node_relu_11", { namespace }).module).toBe("layer4.0.act2");
  expect(
    named("n", { "pkg.torch.onnx.name_scopes": "['', 'relu']", namespace: ": Net/relu: aten.relu" }).module,
  ).toBeUndefined();
  expect(named("n", { "pkg.torch.onnx.name_scopes": `['', "it's", 'x']` }).module).toBe("it's");
});

test("a node without a name goes by operator and place", () => {
  expect(named("").node).toBe("Relu #7");
});
