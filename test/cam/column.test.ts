import { expect, it } from "vitest";
import { columnKey, columnTitle, type CamColumn } from "../../src/cam/columns.ts";
import { controls, type ControlName } from "../../src/cam/controls.ts";
import { camMethods, type CamMethodName } from "../../src/cam/methods.ts";
import { upsamplers, type Upsampling } from "../../src/cam/upsamplers.ts";

const unused = { cell: 0, center: 0, stride: 0 };
const gaussian: Upsampling = {
  by: "gaussian",
  sigmaX: 2,
  sigmaY: 2,
  position: "paper",
  normalize: false,
  anchor: { x: unused, y: unused },
};
const extended: CamColumn = { method: "extended", control: null, upsampling: gaussian, rectify: false };

it.each<[Partial<CamColumn>, string, string]>([
  [{}, "extended.gaussian", "Extended-CAM, Gaussian"],
  [
    { control: "shuffled", upsampling: { by: "bilinear" } },
    "extended-shuffled.bilinear",
    "Extended-CAM, cells shuffled, bilinear",
  ],
  [{ control: "random" }, "random.gaussian", "random cells, Gaussian"],
  [
    { control: "other-image" },
    "extended-other-image.gaussian",
    "Extended-CAM, map of another photograph, Gaussian",
  ],
  [{ rectify: true }, "extended-relu.gaussian", "Extended-CAM, ReLU, Gaussian"],
  [{ method: "grad-cam" }, "grad-cam-signed.gaussian", "Grad-CAM, signed, Gaussian"],
  [{ method: "grad-cam++", rectify: true }, "grad-cam++.gaussian", "Grad-CAM++, Gaussian"],
  [
    { upsampling: { ...gaussian, position: "center", normalize: true } },
    "extended.gaussian-center-normalized",
    "Extended-CAM, Gaussian center normalized",
  ],
])("%j", (change, key, title) => {
  expect(columnKey({ ...extended, ...change })).toBe(key);
  expect(columnTitle({ ...extended, ...change })).toBe(title);
});

it("no two columns of a method share a name", () => {
  const ups: Upsampling[] = [
    gaussian,
    ...(Object.keys(upsamplers) as (keyof typeof upsamplers)[]).flatMap((by) =>
      by === "gaussian" ? [] : [{ by }],
    ),
  ];
  const methods = Object.keys(camMethods) as CamMethodName[];
  const kinds: (ControlName | null)[] = [null, "shuffled", "other-image"];
  const columns = methods.flatMap((method) =>
    kinds.flatMap((control) =>
      ups.flatMap((upsampling) =>
        [true, false].map((rectify): CamColumn => ({ method, control, upsampling, rectify })),
      ),
    ),
  );
  expect(new Set(columns.map(columnKey)).size).toBe(columns.length);
  expect(new Set(columns.map(columnTitle)).size).toBe(columns.length);
  expect(Object.keys(controls)).toEqual(["random", "shuffled", "other-image"]);
});
