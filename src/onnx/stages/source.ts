import type { NodeProto } from "onnx-buf";
import type { Source } from "../../graph/graph.ts";

/** The quoted entries of a Python list of strings. */
const quoted = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g;

/** `['', 'layer4', 'layer4.0', 'layer4.0.act2', 'relu_11']`: modules from outside in, then the node. */
const fromNameScopes = (scopes: string): string | undefined =>
  [...scopes.matchAll(quoted)].map(([, single, double]) => single ?? double ?? "").at(-2);

/** `: torchvision.ResNet/layer4: torch.nn.Sequential/layer4.0: .../relu_11: aten.relu.default`: the same, with classes. */
const fromNamespace = (namespace: string): string | undefined =>
  namespace
    .split("/")
    .map((entry) => entry.replace(/:.*$/s, "").trim())
    .at(-2);

/**
 * `/layer4/layer4.0/act2/Relu`: the names of modules from outside in, then the operator. A module in a container carries
 * the container's name again (`layer4.0` in `layer4`).
 */
function fromPath(name: string): string | undefined {
  if (!name.startsWith("/")) return undefined;
  let path: readonly string[] = [];
  for (const entry of name.split("/").slice(1, -1)) {
    if (entry.startsWith(`${path.join(".")}.`)) path = [entry];
    else if (entry.startsWith(`${path.at(-1) ?? ""}.`)) path = [...path.slice(0, -1), entry];
    else path = [...path, entry];
  }
  return path.join(".");
}

/** Where a node comes from: its name in the file, and the module that the exporter recorded. */
export function sourceOf(node: NodeProto, index: number): Source {
  const recorded = (key: string) => node.metadataProps.find((entry) => entry.key === key)?.value;
  const scopes = recorded("pkg.torch.onnx.name_scopes");
  const namespace = recorded("namespace");
  const module =
    (scopes && fromNameScopes(scopes)) ?? (namespace && fromNamespace(namespace)) ?? fromPath(node.name);
  return {
    node: node.name === "" ? `${node.opType} #${index}` : node.name,
    module: module === "" ? undefined : module,
  };
}
