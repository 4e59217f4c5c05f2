import { clone, create } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type AttributeProto,
  type FunctionProto,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { domainOf, inputOf, mapSubgraphs, outputOf, substituted, withNode } from "../file/node.ts";

/** Functions call functions a few levels deep (torch.nn modules in modules); deeper ones are made to exhaust the stack. */
const deepestCalls = 256;

/** More nodes than this is a file that was made to explode: the largest exports have some ten thousand. */
const mostNodes = 50_000;

const keyOf = (domain: string, name: string, overload: string): string => [domain, name, overload].join(":");
const keyOfCall = (node: NodeProto): string => keyOf(domainOf(node), node.opType, node.overload);

/** The attribute that a reference in a function's body stands for: the call's, else the function's default, else none. */
function resolved(attribute: AttributeProto, call: NodeProto, definition: FunctionProto): AttributeProto[] {
  if (attribute.refAttrName === "") return [attribute];
  const named = ({ name }: AttributeProto): boolean => name === attribute.refAttrName;
  const given = call.attribute.find(named) ?? definition.attributeProto.find(named);
  if (given === undefined) return [];
  const value = clone(AttributeProtoSchema, given);
  value.name = attribute.name;
  return [value];
}

/** The body of a function, written out for one call. Inner tensors get the call's name as a prefix. */
function instantiated(definition: FunctionProto, call: NodeProto, prefix: string): NodeProto[] {
  const names = new Map<string, string>();
  definition.input.forEach((formal, index) => names.set(formal, inputOf(call, index)));
  definition.output.forEach((formal, index) => {
    const actual = outputOf(call, index);
    if (actual !== "") names.set(formal, actual);
  });
  const operators = definition.node.map(({ opType }) => opType);
  return definition.node.map((inner, index) => {
    // Nodes without a name are called by their operator; the runtime takes each name once.
    const repeated = operators.indexOf(inner.opType) < index;
    const own = inner.name === "" ? `${inner.opType}${repeated ? `_${index}` : ""}` : inner.name;
    const node = substituted(inner, {
      name: (name) => names.get(name) ?? `${prefix}/${name}`,
      attribute: (attribute) => resolved(attribute, call, definition),
    });
    return withNode(node, {
      name: `${prefix}/${own}`,
      metadataProps: inner.metadataProps.length > 0 ? inner.metadataProps : call.metadataProps,
    });
  });
}

/** The model's opsets, and those of its functions for domains that the model itself does not import. */
function mergedOpsets(model: ModelProto) {
  const versions = new Map<string, bigint>();
  for (const imported of [
    model.opsetImport,
    ...model.functions.map((definition) => definition.opsetImport),
  ]) {
    for (const opset of imported) {
      if (!versions.has(domainOf(opset))) versions.set(domainOf(opset), opset.version);
    }
  }
  return [...versions].map(([domain, version]) => create(OperatorSetIdProtoSchema, { domain, version }));
}

/**
 * The model with the functions that it defines itself written out at every call, functions in functions too.
 * @throws ErfitError where a function calls itself.
 */
export function inlineFunctions(model: ModelProto, file: string): ModelProto {
  const { graph, functions } = model;
  if (graph === undefined || functions.length === 0) return model;
  const definitions = new Map(
    functions.map((definition) => [
      keyOf(domainOf(definition), definition.name, definition.overload),
      definition,
    ]),
  );
  const prefixes = new Set<string>();
  let written = 0;

  function uniquePrefix(call: NodeProto): string {
    const name = call.name === "" ? call.opType : call.name;
    let prefix = name;
    for (let count = 1; prefixes.has(prefix); count++) prefix = `${name}_${count}`;
    prefixes.add(prefix);
    return prefix;
  }

  const expanded = (nodes: readonly NodeProto[], within: readonly string[]): NodeProto[] =>
    nodes.flatMap((node) => {
      const key = keyOfCall(node);
      const definition = definitions.get(key);
      if (definition === undefined) {
        return [mapSubgraphs(node, (inner) => copiedGraph(inner, expanded(inner.node, within)))];
      }
      if (within.includes(key)) {
        throw new ErfitError(`${file}: the function ${node.opType} calls itself, at node "${node.name}"`);
      }
      if (within.length >= deepestCalls) {
        throw new ErfitError(
          `${file}: its functions call one another more than ${deepestCalls} levels deep, at "${node.name}"`,
        );
      }
      written += definition.node.length;
      if (written > mostNodes) {
        throw new ErfitError(
          `${file}: its functions write out to more than ${mostNodes} nodes, at "${node.name}"`,
        );
      }
      return expanded(instantiated(definition, node, uniquePrefix(node)), [...within, key]);
    });

  return create(ModelProtoSchema, {
    irVersion: model.irVersion,
    opsetImport: mergedOpsets(model),
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    metadataProps: model.metadataProps,
    graph: copiedGraph(graph, expanded(graph.node, [])),
  });
}

const copiedGraph = (graph: NonNullable<ModelProto["graph"]>, node: NodeProto[]) =>
  create(GraphProtoSchema, {
    name: graph.name,
    node,
    initializer: graph.initializer,
    sparseInitializer: graph.sparseInitializer,
    input: graph.input,
    output: graph.output,
    valueInfo: graph.valueInfo,
  });
