import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Type,
  ModelProtoSchema,
  TensorProto_DataLocation,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";
import { bombs } from "./bombs.ts";
import { insert, recordedType } from "./insertions.ts";
import { absurdNumbers, hostileTexts, type Dice } from "./dice.ts";
import { node } from "./nodes.ts";

/** A change of a decoded model: the file still decodes, and says something that no exporter wrote. */
type ModelMutator = (graph: GraphProto, dice: Dice, model: ModelProto) => void;

const absurd = (dice: Dice): bigint => BigInt(dice.pick(absurdNumbers) ?? 0);

const tensorNames = (graph: GraphProto): string[] => [
  ...graph.input.map(({ name }) => name),
  ...graph.initializer.map(({ name }) => name),
  ...graph.node.flatMap(({ output }) => output),
];

/** Stored tensors: initializers, and those of Constant nodes. */
const storedTensors = (graph: GraphProto): TensorProto[] => [
  ...graph.initializer,
  ...graph.node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => (t === undefined ? [] : [t]))),
];

/** What decides shapes: short tensors of 64-bit integers. */
const shapeTensors = (graph: GraphProto): TensorProto[] =>
  storedTensors(graph).filter(({ dataType, rawData }) => dataType === 7 && rawData.length <= 64);

const typedInfos = (graph: GraphProto): ValueInfoProto[] =>
  [...graph.valueInfo, ...graph.input, ...graph.output].filter(
    ({ type }) => type?.value.case === "tensorType",
  );

function changeDims(info: ValueInfoProto | undefined, dice: Dice): void {
  const value = info?.type?.value;
  const dims = value?.case === "tensorType" ? value.value.shape?.dim : undefined;
  const dim = dims === undefined ? undefined : dice.pick(dims);
  if (dims === undefined || dim === undefined) return;
  if (dice.often(0.2)) dims.splice(dice.below(dims.length), 1);
  else if (dice.often(0.3)) dim.value = { case: "dimParam", value: dice.pick(hostileTexts) ?? "" };
  else dim.value = { case: "dimValue", value: absurd(dice) };
}

const attributeTypes = Object.values(Type).filter((type) => typeof type === "number");

const words = ["SAME_UPPER", "SAME_LOWER", "VALID", "CRD", "reflect", "cubic", "...->...i", ...hostileTexts];

function changeInts(ints: bigint[], dice: Dice): void {
  const kind = dice.below(5);
  if (kind === 0) ints.push(absurd(dice));
  else if (kind === 1) ints.pop();
  else ints[dice.below(ints.length)] = absurd(dice);
}

function setAttribute(target: NodeProto | undefined, dice: Dice): void {
  const attribute = dice.pick(target?.attribute ?? []);
  if (target === undefined || attribute === undefined) return;
  const changes = [
    () => target.attribute.splice(target.attribute.indexOf(attribute), 1),
    () => (attribute.type = dice.pick(attributeTypes) ?? attribute.type),
    () => (attribute.name = dice.pick(["axis", "pads", "group", "to", "perm", "k"]) ?? ""),
    () => {
      if (attribute.ints.length > 0) changeInts(attribute.ints, dice);
      else if (attribute.s.length > 0) attribute.s = new TextEncoder().encode(dice.pick(words) ?? "");
      else if (dice.often(0.5)) attribute.i = absurd(dice);
      else attribute.f = dice.pick([NaN, Infinity, -Infinity, 0, -1, 1e38, 1e-45]) ?? 0;
    },
  ];
  (dice.often(0.5) ? changes[3] : dice.pick(changes))?.();
}

function makeExternal(tensor: TensorProto | undefined, dice: Dice): void {
  if (tensor === undefined) return;
  const location = dice.often(0.5) ? "weights.bin" : (dice.pick(hostileTexts) ?? "");
  const entries = { location, offset: String(absurd(dice)), length: String(absurd(dice)) };
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = Object.entries(entries)
    .filter(([key]) => key === "location" || dice.often(0.7))
    .map(([key, value]) => ({ $typeName: "onnx.StringStringEntryProto" as const, key, value }));
  if (dice.often(0.5)) tensor.rawData = new Uint8Array();
}

const otherOperators = (
  "Relu Conv ConvTranspose MaxPool AveragePool Gemm MatMul Concat Split Slice Gather Reshape Transpose Pad Resize Expand Tile " +
  "ConstantOfShape Range OneHot TopK Softmax LayerNormalization GridSample Einsum ScatterND NonZero Loop If Scan DepthToSpace " +
  "SpaceToDepth Attention RotaryEmbedding Col2Im CenterCropPad RoiAlign MaxUnpool CumSum Trilu Where Cast ReduceMean LSTM " +
  "QuantizeLinear DequantizeLinear DynamicQuantizeLinear ConvInteger MatMulInteger BatchNormalization QLinearConv Unique Compress EyeLike Multinomial RandomNormal STFT DFT Upsample Nonsense"
).split(" ");

const modelMutators: Readonly<Record<string, ModelMutator>> = {
  "swap an input": (graph, dice) => {
    const target = dice.pick(graph.node);
    if (target !== undefined)
      target.input[dice.below(target.input.length + 1)] = dice.pick(tensorNames(graph)) ?? "";
  },
  "drop an input": (graph, dice) => void dice.pick(graph.node)?.input.pop(),
  "delete a node": (graph, dice) => void graph.node.splice(dice.below(graph.node.length), 1),
  "double a node": (graph, dice) => {
    const target = dice.pick(graph.node);
    if (target !== undefined) graph.node.splice(dice.below(graph.node.length), 0, target);
  },
  "make a cycle": (graph, dice) => {
    const [early, late] = [dice.pick(graph.node), dice.pick(graph.node)];
    const [output] = late?.output ?? [];
    if (early !== undefined && output !== undefined) early.input[0] = output;
  },
  "change an attribute": (graph, dice) => {
    setAttribute(dice.pick(graph.node), dice);
  },
  "change an operator": (graph, dice) => {
    const target = dice.pick(graph.node);
    if (target !== undefined) target.opType = dice.pick(otherOperators) ?? "";
  },
  "change a domain": (graph, dice) => {
    const target = dice.pick(graph.node);
    if (target !== undefined)
      target.domain =
        dice.pick(["com.microsoft", "com.microsoft.nchwc", "ai.onnx.ml", ...hostileTexts]) ?? "";
  },
  "change stored dims": (graph, dice) => {
    const tensor = dice.pick(storedTensors(graph));
    if (tensor === undefined) return;
    if (dice.often(0.2)) tensor.dims.reverse();
    else if (dice.often(0.3)) tensor.dims.push(absurd(dice));
    else tensor.dims[dice.below(tensor.dims.length)] = absurd(dice);
    if (dice.often(0.3)) tensor.rawData = new Uint8Array();
  },
  "change a stored type": (graph, dice) => {
    const tensor = dice.pick(storedTensors(graph));
    if (tensor !== undefined) tensor.dataType = dice.below(30);
  },
  "change a shape's numbers": (graph, dice) => {
    const tensor = dice.pick(shapeTensors(graph));
    if (tensor === undefined) return;
    const numbers = new BigInt64Array(new Uint8Array(tensor.rawData).buffer);
    if (numbers.length > 0) numbers[dice.below(numbers.length)] = absurd(dice);
    tensor.rawData = new Uint8Array(numbers.buffer);
  },
  "change recorded dims": (graph, dice) => {
    changeDims(dice.pick(typedInfos(graph)), dice);
  },
  "change the image's dims": (graph, dice) => {
    changeDims(dice.pick(graph.input), dice);
  },
  "change a recorded type": (graph, dice) => {
    const value = dice.pick(typedInfos(graph))?.type?.value;
    if (value?.case === "tensorType") value.value.elemType = dice.below(30);
  },
  "record a type": (graph, dice) => {
    const name = dice.pick(graph.node.flatMap(({ output }) => output));
    if (name !== undefined) graph.valueInfo.push(recordedType(dice, name));
  },
  "insert a form": insert,
  "insert several forms": (graph, dice) => {
    for (let count = 1 + dice.below(3); count > 0; count--) insert(graph, dice);
  },
  "train a normalization": (graph, dice) => {
    const target = dice.pick(graph.node.filter(({ opType }) => opType === "BatchNormalization"));
    if (target === undefined) return;
    if (dice.often(0.5)) target.attribute.push(...node("", [], "", { training_mode: 1 }).attribute);
    const more = ["mean", "variance", "saved mean", "saved variance"].map(
      (name) => `${target.output[0] ?? ""}/${name}`,
    );
    target.output.push(...more.slice(0, dice.pick([0, 2, 4]) ?? 0));
  },
  rename: (graph, dice) => {
    const old = dice.pick(tensorNames(graph)) ?? "";
    const name = dice.pick(hostileTexts) ?? "";
    const to = (one: string): string => (one === old ? name : one);
    for (const each of graph.node) {
      each.input = each.input.map(to);
      each.output = each.output.map(to);
    }
    for (const each of [...graph.input, ...graph.output, ...graph.initializer, ...graph.valueInfo])
      each.name = to(each.name);
  },
  "rename a node": (graph, dice) => {
    const target = dice.pick(graph.node);
    if (target !== undefined) target.name = dice.pick(hostileTexts) ?? "";
  },
  "change the opset": (_, dice, model) => {
    const opset = dice.pick(model.opsetImport);
    if (opset !== undefined) opset.version = dice.often(0.7) ? BigInt(6 + dice.below(20)) : absurd(dice);
  },
  "external data": (graph, dice) => {
    makeExternal(dice.pick(storedTensors(graph)), dice);
  },
  "another output": (graph, dice) => {
    const output = dice.pick(graph.output);
    if (output !== undefined) output.name = dice.pick(tensorNames(graph)) ?? "";
  },
  "many nodes": (graph, dice) => {
    const [x = ""] = graph.input.map(({ name }) => name);
    for (let count = dice.below(20_000); count > 0; count--)
      graph.node.push(node("Relu", [x], `many${count}`));
  },
  bomb: (graph, dice, model) => {
    const bomb = bombs[dice.pick(Object.keys(bombs)) ?? ""];
    if (bomb === undefined) return;
    const victim = dice.pick(graph.node);
    graph.node.push(...bomb(dice, model));
    const [first] = victim?.input ?? [];
    if (victim === undefined || first === undefined) return;
    if (dice.often(0.3)) victim.input[victim.input.length - 1] = "bomb";
    else {
      graph.node.push(node(dice.pick(["Add", "Mul", "Concat"]) ?? "Add", [first, "bomb"], "bombed"));
      victim.input[0] = "bombed";
    }
  },
};

/** A model with a few changes of its structure, and their names. */
export function mutatedModel(bytes: Uint8Array, dice: Dice): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (graph === undefined) return bytes;
  for (let count = 1 + (dice.often(0.3) ? dice.below(4) : 0); count > 0; count--) {
    // Size-taking operators are where memory is lost: they get more than their share.
    const name = dice.often(0.15) ? "bomb" : (dice.pick(Object.keys(modelMutators)) ?? "");
    modelMutators[name]?.(graph, dice, model);
  }
  return toBinary(ModelProtoSchema, model);
}
