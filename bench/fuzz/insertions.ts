import { create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";
import { float32, int64 } from "../../src/core/tensor.ts";
import { writeTensor } from "../../src/onnx/file/tensors.ts";
import { absurdNumbers, type Dice } from "./dice.ts";
import { node } from "./nodes.ts";

/** Forms that exporters and quantizers write, put between a node and one of its inputs. */
type Insertion = (dice: Dice, x: string) => readonly NodeProto[];

const stored = (name: string, value: TensorProto): NodeProto => node("Constant", [], name, { value });
const scalar = (name: string, value: number): NodeProto =>
  stored(name, writeTensor("", float32([], [value])));

/** A recorded type: often a shape of the right rank, seldom the right one. */
export const recordedType = (dice: Dice, name: string): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: dice.often(0.8) ? DataType.FLOAT : dice.below(24),
          shape: {
            dim: Array.from({ length: dice.below(6) }, () => ({
              value: dice.often(0.3)
                ? { case: "dimParam" as const, value: dice.pick(["N", "batch", "H", ""]) ?? "" }
                : { case: "dimValue" as const, value: BigInt(dice.pick([1, 3, 8, ...absurdNumbers]) ?? 1) },
            })),
          },
        },
      },
    },
  });

const narrow = [DataType.INT8, DataType.UINT8, DataType.INT16, DataType.FLOAT8E4M3FN, DataType.INT4] as const;

const zeroPoint = (dice: Dice, name: string, length: number): NodeProto => {
  const dataType = dice.pick(narrow) ?? DataType.UINT8;
  const width = dataType === DataType.INT16 ? 2 : 1;
  const dims = length === 1 ? [] : [BigInt(length)];
  return stored(
    name,
    create(TensorProtoSchema, {
      dataType,
      dims,
      rawData: new Uint8Array(width * length).fill(dice.below(256)),
    }),
  );
};

const branch = (nodes: readonly NodeProto[], output: ValueInfoProto): GraphProto =>
  create(GraphProtoSchema, { name: "branch", node: [...nodes], output: [output] });

const insertions: Readonly<Record<string, Insertion>> = {
  "quantized pair": (dice, x) => {
    const length = dice.pick([1, 1, 1, 3, 8, 64]) ?? 1;
    const scale = float32(
      length === 1 ? [] : [length],
      new Float32Array(length).fill(dice.pick([0.05, 1e-3, 0, -1]) ?? 1),
    );
    const settings = dice.often(0.5) ? { axis: dice.pick([0, 1, -1, -3, 9]) ?? 1 } : {};
    const domain = dice.often(0.2) ? "com.microsoft" : "";
    const operands = ["inserted/scale", ...(dice.often(0.8) ? ["inserted/zero"] : [])];
    return [
      stored("inserted/scale", writeTensor("", scale)),
      zeroPoint(dice, "inserted/zero", length),
      node("QuantizeLinear", [x, ...operands], "inserted/q", settings, domain),
      node("DequantizeLinear", ["inserted/q", ...operands], "inserted", settings, domain),
    ];
  },
  "dynamic quantization": (dice, x) => [
    node("DynamicQuantizeLinear", [x], ["inserted/q", "inserted/scale", "inserted/zero"]),
    dice.often(0.5)
      ? node("DequantizeLinear", ["inserted/q", "inserted/scale", "inserted/zero"], "inserted")
      : node(dice.pick(["MatMulInteger", "ConvInteger"]) ?? "", ["inserted/q", "inserted/q"], "inserted/sum"),
    node("Cast", ["inserted/sum"], "inserted", { to: 1 }),
  ],
  "mixed precision": (dice, x) => {
    const to = dice.pick([10, 16, 11, 17, 1]) ?? 10;
    return [
      node("Cast", [x], "inserted/narrow", dice.often(0.5) ? { saturate: 1, to } : { to }),
      dice.often(0.5)
        ? node("Cast", ["inserted/narrow"], "inserted", { saturate: 1, to: 1 })
        : node("CastLike", ["inserted/narrow", x], "inserted"),
    ];
  },
  "half in a branch": (dice, x) => {
    const inner = (): GraphProto =>
      branch(
        [
          node("Cast", [x], "inserted/half", { to: 10 }),
          stored(
            "inserted/two",
            create(TensorProtoSchema, { dataType: DataType.FLOAT16, int32Data: [0x4000 + dice.below(4)] }),
          ),
          node("Mul", ["inserted/half", "inserted/two"], "inserted/product"),
          node("Cast", ["inserted/product"], "inserted/t", { to: 1 }),
        ],
        dice.often(0.5)
          ? recordedType(dice, "inserted/t")
          : create(ValueInfoProtoSchema, { name: "inserted/t" }),
      );
    const yes = { dtype: "bool", shape: [], data: Uint8Array.of(dice.below(2)) } as const;
    return [
      stored("inserted/yes", writeTensor("", yes)),
      node("If", ["inserted/yes"], "inserted", { then_branch: inner(), else_branch: inner() }),
    ];
  },
  "normalization in training mode": (dice, x) => {
    const channels = dice.pick([1, 3, 4, 8, 16, 64]) ?? 1;
    const outputs = ["inserted", "inserted/mean", "inserted/variance", "inserted/a", "inserted/b"];
    return [
      stored("inserted/ones", writeTensor("", float32([channels], new Float32Array(channels).fill(1)))),
      node(
        "BatchNormalization",
        [x, "inserted/ones", "inserted/ones", "inserted/ones", "inserted/ones"],
        outputs.slice(0, dice.pick([1, 3, 5]) ?? 1),
        dice.often(0.8) ? { training_mode: 1 } : {},
      ),
    ];
  },
  "sizes of a known shape": (dice, x) => [
    node("Shape", [x], "inserted/shape"),
    stored("inserted/parts", writeTensor("", int64([2], [1 + dice.below(3), dice.below(4)]))),
    node("Split", ["inserted/shape", "inserted/parts"], ["inserted/front", "inserted/back"], { axis: 0 }),
    node("Concat", ["inserted/front", "inserted/back"], "inserted/same", { axis: 0 }),
    node("Reshape", [x, "inserted/same"], "inserted/reshaped"),
    scalar("inserted/one", 1),
    node("Mul", ["inserted/reshaped", "inserted/one"], "inserted"),
  ],
};

/** Puts one of these forms in front of a node of the graph, in topological order. */
export function insert(graph: GraphProto, dice: Dice): void {
  const insertion = insertions[dice.pick(Object.keys(insertions)) ?? ""];
  const reader = dice.pick(graph.node);
  const [x] = reader?.input ?? [];
  if (insertion === undefined || reader === undefined || x === undefined || x === "") return;
  const nodes = insertion(dice, x);
  reader.input[0] = "inserted";
  // Of two nodes that make the tensor, a file may keep both: erfit has to say so.
  const made = new Set<string>();
  const once = nodes.filter(({ output: [name = ""] }) => !made.has(name) && made.add(name));
  graph.node.splice(graph.node.indexOf(reader), 0, ...(dice.often(0.95) ? once : nodes));
}
