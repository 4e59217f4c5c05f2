import { expect, test } from "vitest";
import { int64 } from "../../../src/core/tensor.ts";
import { floats, ints, noise } from "../small-model.ts";
import { gradientError, type Case } from "./case.ts";

/** Operators that become several, and forms of others that are not tried elsewhere; kinks are left to the rules' own tests. */
const decomposed: readonly (readonly [string, Case])[] = [
  ["RMSNormalization", { opset: 23, constants: [noise([5])] }],
  ["LpNormalization", { attributes: { axis: 1 } }],
  ["MeanVarianceNormalization", {}],
  [
    "GroupNormalization",
    { opset: 21, constants: [noise([4]), noise([4], 2)], attributes: { num_groups: 2 } },
  ],
  [
    "GroupNormalization",
    { opset: 18, constants: [noise([2]), noise([2], 2)], attributes: { num_groups: 2 } },
  ],
  ["Swish", { opset: 24 }],
  ["LpPool", { attributes: { kernel_shape: [3, 3], strides: [2, 2], p: 3, pads: [1, 1, 1, 1] } }],
  ["GlobalLpPool", { attributes: { p: 3 } }],
  ["Trilu", { opset: 14 }],
  ["ReduceSumSquare", { constants: [ints(2)] }],
  ["Softmax", { opset: 11, attributes: { axis: 2 } }],
  ["Einsum", { constants: [noise([5, 3])], attributes: { equation: "bchw,wk->bchk" } }],
  ["Einsum", { constants: ["x"], attributes: { equation: "bchw,bdhw->bcdh" } }],
  ["Upsample", { opset: 9, constants: [floats(1, 1, 2.5, 1.3)] }],
  ["Einsum", { constants: [noise([7, 4]), noise([3, 7])], attributes: { equation: "bchw,dc,ed->behw" } }],
  ["Einsum", { constants: [noise([5, 3])], attributes: { equation: "...w,wk->...k" } }],
  ["Einsum", { constants: ["x"], attributes: { equation: "b...w,b...k->...wk" } }],
  [
    "ConvTranspose",
    {
      constants: [noise([4, 2, 2, 2])],
      attributes: { group: 2, dilations: [2, 1], strides: [2, 3], pads: [1, 0, 0, 1] },
    },
  ],
  [
    "ConvTranspose",
    { constants: [noise([4, 3, 3, 3])], attributes: { strides: [2, 2], auto_pad: "SAME_LOWER" } },
  ],
  ["ConvTranspose", { shape: [1, 4, 9], constants: [noise([4, 3, 3])], attributes: { strides: [2] } }],
  ["LayerNormalization", { opset: 17, constants: [noise([4, 6, 5])], attributes: { axis: 1 } }],
  ["InstanceNormalization", { shape: [1, 4, 9], constants: [noise([4]), noise([4], 2)] }],
  ["AveragePool", { opset: 19, attributes: { kernel_shape: [2, 2], dilations: [2, 1] } }],
  ...[0, 1].map((count_include_pad): [string, Case] => [
    "AveragePool",
    {
      opset: 19,
      attributes: {
        kernel_shape: [3, 3],
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        ceil_mode: 1,
        count_include_pad,
      },
    },
  ]),
  [
    "Resize",
    {
      opset: 19,
      constants: [null, floats(1, 1, 1.7, 2.3)],
      attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" },
    },
  ],
  [
    "Resize",
    {
      constants: [null, null, ints(1, 4, 9, 7)],
      attributes: { mode: "cubic", coordinate_transformation_mode: "align_corners" },
    },
  ],
  ...["ceil", "round_prefer_ceil"].map((nearest_mode): [string, Case] => [
    "Resize",
    { constants: [null, floats(1, 1, 2.5, 1.3)], attributes: { nearest_mode } },
  ]),
  ["Pad", { constants: [ints(0, 0, 1, -2, 0, 0, 0, 1)] }],
  ["GatherND", { constants: [int64([1, 4, 1], [5, 0, 2, 2])], attributes: { batch_dims: 2 } }],
  [
    "Col2Im",
    {
      shape: [1, 18, 12],
      constants: [ints(6, 7), ints(3, 3)],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
    },
  ],
];

test.each(decomposed)("%s (%#): the gradient is the operator's", async (op, one) => {
  expect(await gradientError(op, one)).toBeLessThan(2e-3);
});
