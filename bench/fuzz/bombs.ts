import { create } from "@bufbuild/protobuf";
import {
  FunctionProtoSchema,
  GraphProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { float32, int64 } from "../../src/core/tensor.ts";
import { writeTensor } from "../../src/onnx/file/tensors.ts";
import { absurdNumbers, type Dice } from "./dice.ts";
import { node } from "./nodes.ts";

/** Few nodes that ask for much memory, much time or much depth; each makes the tensor `bomb`. */
type Bomb = (dice: Dice, model: ModelProto) => readonly NodeProto[];

const integers = (...values: readonly number[]) => writeTensor("", int64([values.length], values));
const constant = (name: string, ...values: readonly number[]): NodeProto =>
  node("Constant", [], name, { value: integers(...values) });
const scalar = (name: string, value: number): NodeProto =>
  node("Constant", [], name, { value: writeTensor("", int64([], [value])) });
const one = node("Constant", [], "bomb/one", { value: writeTensor("", float32([1], [1])) });

/** Sizes that have to be refused, and some that need not be. */
const size = (dice: Dice): number => Math.abs(dice.pick(absurdNumbers) ?? 0) % 2 ** 53;

const branch = (nodes: readonly NodeProto[], output: string): GraphProto =>
  create(GraphProtoSchema, {
    name: "branch",
    node: [...nodes],
    output: [create(ValueInfoProtoSchema, { name: output })],
  });

function nested(levels: number): NodeProto {
  let inner = node("Identity", ["bomb/one"], "bomb/0");
  for (let level = 1; level <= levels; level++) {
    const graph = branch([inner], `bomb/${level - 1}`);
    inner = node("If", ["bomb/condition"], level === levels ? "bomb" : `bomb/${level}`, {
      then_branch: graph,
      else_branch: graph,
    });
  }
  return inner;
}

const localOpset = create(OperatorSetIdProtoSchema, { domain: "local", version: 1n });

/** Functions of which each calls the next one several times; the last one calls the first, or an operator. */
function functions(model: ModelProto, { depth, calls, loop }: Record<"depth" | "calls" | "loop", number>) {
  model.opsetImport.push(localOpset);
  for (let level = 0; level < depth; level++) {
    const last = level === depth - 1;
    const called = last ? (loop === 1 ? "f0" : "Neg") : `f${level + 1}`;
    const body = Array.from({ length: calls }, (_, k) =>
      node(
        called,
        [k === 0 ? "a" : `t${k - 1}`],
        k === calls - 1 ? "b" : `t${k}`,
        {},
        last && loop !== 1 ? "" : "local",
      ),
    );
    model.functions.push(
      create(FunctionProtoSchema, {
        name: `f${level}`,
        domain: "local",
        input: ["a"],
        output: ["b"],
        node: body,
        opsetImport: [localOpset, create(OperatorSetIdProtoSchema, { domain: "", version: 17n })],
      }),
    );
  }
}

export const bombs: Readonly<Record<string, Bomb>> = {
  ConstantOfShape: (dice) => [
    constant("bomb/shape", ...Array.from({ length: 1 + dice.below(4) }, () => size(dice))),
    node("ConstantOfShape", ["bomb/shape"], "bomb"),
  ],
  "computed ConstantOfShape": (dice) => [
    constant("bomb/half", size(dice), size(dice)),
    constant("bomb/more", size(dice), size(dice)),
    node("Mul", ["bomb/half", "bomb/more"], "bomb/shape"),
    node("ConstantOfShape", ["bomb/shape"], "bomb"),
  ],
  Expand: (dice) => [
    one,
    constant("bomb/shape", size(dice), size(dice)),
    node("Expand", ["bomb/one", "bomb/shape"], "bomb"),
  ],
  Tile: (dice) => [
    one,
    constant("bomb/repeats", dice.pick(absurdNumbers) ?? 0),
    node("Tile", ["bomb/one", "bomb/repeats"], "bomb"),
  ],
  Range: (dice) => [
    scalar("bomb/from", 0),
    scalar("bomb/to", size(dice)),
    scalar("bomb/step", dice.pick([1, -1, 0, 2]) ?? 1),
    node("Range", ["bomb/from", "bomb/to", "bomb/step"], "bomb/range"),
    node("Cast", ["bomb/range"], "bomb", { to: 1 }),
  ],
  Pad: (dice) => [
    one,
    constant("bomb/pads", dice.pick(absurdNumbers) ?? 0, dice.pick(absurdNumbers) ?? 0),
    node("Pad", ["bomb/one", "bomb/pads"], "bomb", {
      mode: dice.pick(["constant", "reflect", "edge", "wrap"]) ?? "",
    }),
  ],
  Resize: (dice) => [
    node("Constant", [], "bomb/map", { value: writeTensor("", float32([1, 1, 2, 2], [1, 2, 3, 4])) }),
    constant("bomb/sizes", 1, 1, size(dice), size(dice)),
    node("Resize", ["bomb/map", "", "", "bomb/sizes"], "bomb", {
      mode: dice.pick(["nearest", "linear", "cubic"]) ?? "",
    }),
  ],
  OneHot: (dice) => [
    constant("bomb/indices", 0, 1, 2),
    scalar("bomb/depth", dice.pick(absurdNumbers) ?? 0),
    node("Constant", [], "bomb/values", { value: writeTensor("", float32([2], [0, 1])) }),
    node("OneHot", ["bomb/indices", "bomb/depth", "bomb/values"], "bomb"),
  ],
  "doubling Concat": (dice) => {
    const levels = 5 + dice.below(50);
    return [
      node("Identity", ["bomb/one"], "bomb/double0"),
      ...Array.from({ length: levels }, (_, k) =>
        node(
          "Concat",
          [`bomb/double${k}`, `bomb/double${k}`],
          k === levels - 1 ? "bomb" : `bomb/double${k + 1}`,
          {
            axis: 0,
          },
        ),
      ),
      one,
    ];
  },
  "outer product": (dice) => {
    const extent = size(dice) % 2 ** 26;
    return [
      constant("bomb/row", 1, extent),
      constant("bomb/column", extent, 1),
      node("ConstantOfShape", ["bomb/row"], "bomb/a"),
      node("ConstantOfShape", ["bomb/column"], "bomb/b"),
      node(dice.pick(["Add", "MatMul", "Einsum"]) === "Add" ? "Add" : "MatMul", ["bomb/b", "bomb/a"], "bomb"),
    ];
  },
  "integer division": (dice) => [
    constant("bomb/numerator", dice.pick(absurdNumbers) ?? 0, -(2 ** 63)),
    constant("bomb/divisor", dice.pick([0, -1, 1, 2]) ?? 0, dice.pick([0, -1, 3]) ?? 0),
    node(dice.pick(["Div", "Mod"]) ?? "Div", ["bomb/numerator", "bomb/divisor"], "bomb/quotient"),
    node("Cast", ["bomb/quotient"], "bomb", { to: 1 }),
  ],
  "forms that crash": (dice) => {
    const map = node("Constant", [], "bomb/map", {
      value: writeTensor("", float32([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])),
    });
    const rows = node("Constant", [], "bomb/rows", {
      value: writeTensor("", float32([1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8])),
    });
    const wrong = dice.pick([0, -1, 2 ** 31]) ?? 0;
    const forms = [
      node("Einsum", ["bomb/map"], "bomb", { equation: "...->...i" }),
      node("ConvTranspose", ["bomb/map", "bomb/map"], "bomb", { group: wrong }),
      node("Attention", ["bomb/rows", "bomb/rows", "bomb/rows"], "bomb", {
        q_num_heads: wrong,
        kv_num_heads: wrong,
      }),
      node("Multinomial", ["bomb/map"], "bomb", { sample_size: wrong }),
      node("LRN", ["bomb/map"], "bomb", { size: wrong }),
      node("MaxPool", ["bomb/map"], "bomb", { kernel_shape: [1, 1], strides: [wrong, 1] }),
    ];
    return [map, rows, ...[dice.pick(forms)].flatMap((form) => form ?? [])];
  },
  "indices outside": (dice) => [
    constant("bomb/table", 1, 2, 3),
    constant("bomb/at", dice.pick(absurdNumbers) ?? 0),
    node(
      dice.pick(["Gather", "GatherElements", "GatherND"]) ?? "Gather",
      ["bomb/table", "bomb/at"],
      "bomb/found",
    ),
    node("Cast", ["bomb/found"], "bomb", { to: 1 }),
  ],
  Loop: (dice) => {
    const body = create(GraphProtoSchema, {
      name: "body",
      node: [
        node("Identity", ["going"], "goes"),
        node(dice.pick(["Identity", "Neg"]) ?? "Neg", ["state"], "next"),
        ...(dice.often(0.5) ? [node("Concat", ["state", "state"], "grown", { axis: 0 })] : []),
      ],
      input: ["count", "going", "state"].map((name) => create(ValueInfoProtoSchema, { name })),
      output: ["goes", "next"].map((name) => create(ValueInfoProtoSchema, { name })),
    });
    const endless = dice.often(0.3);
    return [
      one,
      scalar("bomb/times", size(dice)),
      node("Constant", [], "bomb/start", {
        value: writeTensor("", { dtype: "bool", shape: [], data: Uint8Array.of(1) }),
      }),
      node("Loop", [endless ? "" : "bomb/times", "bomb/start", "bomb/one"], "bomb", { body }),
    ];
  },
  "nested branches": (dice) => [
    one,
    node("Constant", [], "bomb/condition", {
      value: writeTensor("", { dtype: "bool", shape: [], data: Uint8Array.of(dice.below(2)) }),
    }),
    nested(1 + dice.below(dice.often(0.5) ? 12 : 4)),
  ],
  "local functions": (dice, model) => {
    functions(model, {
      depth: 1 + dice.below(dice.often(0.3) ? 3000 : 12),
      calls: 1 + dice.below(8),
      loop: dice.below(2),
    });
    return [one, node("f0", ["bomb/one"], "bomb", {}, "local")];
  },
};
