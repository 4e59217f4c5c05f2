import { at } from "../../core/required.ts";
import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { sameShape, type Tensor } from "../../core/tensor.ts";
import { extend, type Builder } from "../../graph/builder.ts";
import { type Source, pruned, renamed, WrongInputs, type Graph, type Value } from "../../graph/graph.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { applies, capturesOf, domainOf } from "../file/node.ts";
import { DependsOnImage, fileNode, type FileNode } from "../importers/file-node.ts";
import { opaque } from "../importers/opaque.ts";
import { importers } from "../importers/table.ts";
import type { DataPath } from "./data-path.ts";
import type { TensorTypes } from "./tensor-types.ts";

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

/** The node in the graph's operators; opaque where no rule covers its form. */
function written(node: FileNode, g: Builder): readonly Value[] {
  const rule = importers.get(domainOf(node.proto))?.get(node.opType);
  try {
    const outputs = rule?.(node, g) ?? [];
    if (outputs.length >= node.outputs.length) return outputs;
  } catch (thrown) {
    if (thrown instanceof WrongInputs) throw node.refuse(thrown.message);
    if (!(thrown instanceof DependsOnImage)) throw thrown;
  }
  return opaque(node, g);
}

/**
 * The data path of a file's graph, node by node through the import rules. Tensors keep the file's names; those that a
 * rule adds in between are called %1, %2, ...
 */
export function normalized(
  graph: FileGraph,
  path: DataPath,
  image: Value,
  types: TensorTypes,
  constants: ReadonlyMap<string, Tensor>,
): Graph {
  const g = extend({ inputs: [image], nodes: [], outputs: [], constants: new Map(constants) });
  const values = new Map<string, Value>([[image.name, image]]);
  for (const [name, { dtype, shape }] of constants) values.set(name, { name, dtype, shape });
  const fileNames = new Map<string, string>();

  const typed = (name: string): Value => {
    const type = types.get(name);
    if (type === undefined)
      throw new ErfitError(
        `${graph.file}: tensor "${name}" holds no numbers that erfit computes with (strings, sequences and 4-bit integers are not supported)`,
        { remedy: "export the float model, without preprocessing and postprocessing" },
      );
    return { name, dtype: type.dtype, shape: type.shape };
  };

  /** What a node reads. A rule may write whole numbers as float32: a Cast takes them so, any other node as the file has them. */
  const operand = (name: string, reader: NodeProto): Value | null => {
    const value = values.get(name) ?? null;
    return value === null || applies(reader, "Cast")
      ? value
      : g.cast(value, types.get(name)?.dtype ?? value.dtype);
  };

  path.nodes.forEach((proto, index) => {
    g.from(sourceOf(proto, index));
    const names = [...proto.input, ...capturesOf(proto)];
    const inputs = names.map((name) => operand(name, proto));
    const recast = inputs.some(
      (value, k) => value !== null && value.dtype !== values.get(at(names, k))?.dtype,
    );
    const node = fileNode(proto, {
      file: graph.file,
      opset: graph.opsets.get(domainOf(proto)) ?? 1,
      inputs: inputs.slice(0, inputs.findLastIndex((value) => value !== null) + 1),
      outputs: proto.output.map(typed),
      constants,
    });
    // Through a cast to integers no gradient leads: where one is needed, this node is named.
    const outputs = recast ? opaque(node, g) : written(node, g);
    node.outputs.forEach(({ name, shape }, position) => {
      const output = outputs[position] ?? node.output;
      if (!sameShape(output.shape, shape)) {
        throw node.refuse(
          `gives "${name}" the shape [${output.shape.join(",")}]; the file has [${shape.join(",")}]`,
        );
      }
      // A rule that has nothing to do hands its input on; the tensor keeps a name of its own all the same.
      const known = values.get(output.name) !== undefined || fileNames.has(output.name);
      const own = known ? g.single("Identity", [output], {}, output.dtype, shape) : output;
      fileNames.set(own.name, name);
      values.set(name, own);
    });
  });

  const outputs = path.outputs.map((name) => values.get(name) ?? typed(name));
  const rename = (name: string): string => {
    let free = fileNames.get(name) ?? name;
    if (!fileNames.has(name) && free !== image.name) while (path.tensors.has(free)) free += "'";
    return free;
  };
  return renamed({ ...pruned(g.build(outputs), outputs), inputs: [image] }, rename);
}
