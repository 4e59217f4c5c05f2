import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ErfitError } from "../../src/core/error.ts";
import { readMap, readNpy, writeMap, writeNpy } from "../../src/core/npy.ts";
import { numbersOf, realMap } from "../../src/core/tensor.ts";
import { referencePath, withoutReference } from "../reference.ts";

const numpyFile = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`numpy/${name}.npy`, import.meta.url)));
const readNumpy = (name: string) => readNpy(numpyFile(name), `${name}.npy`);

/** A version 1 file with any header and any elements. */
function forge(header: string, elements = 0): Uint8Array {
  const file = new Uint8Array(10 + header.length + elements);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  file.set(new TextEncoder().encode(header), 10);
  return file;
}
const header = (shape: string, descr = "<f4"): string =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;

describe("reading NumPy's files", () => {
  it.each([
    ["f4", "float32", [-2, -1, 0, 1, 2, 3]],
    ["f8", "float64", [-2, -1, 0, 1, 2, 3]],
    ["i1", "int8", [-2, -1, 0, 1, 2, 3]],
    ["u1", "uint8", [0, 1, 2, 3, 4, 5]],
    ["i2", "int16", [-2, -1, 0, 1, 2, 3]],
    ["u2", "uint16", [0, 1, 2, 3, 4, 5]],
    ["i4", "int32", [-2, -1, 0, 1, 2, 3]],
    ["u4", "uint32", [0, 1, 2, 3, 4, 5]],
    ["i8", "int64", [-2, -1, 0, 1, 2, 3]],
    ["u8", "uint64", [0, 1, 2, 3, 4, 5]],
    ["b1", "bool", [0, 1, 0, 1, 0, 1]],
    ["big-endian-i2", "int16", [0, 300, 600, 900, 1200, 1500]],
    ["big-endian-f8", "float64", [0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3]],
    ["version-2", "float64", [0, 1, 2, 3, 4, 5]],
    ["version-3", "float64", [0, 1, 2, 3, 4, 5]],
  ])("%s is %s", (name, dtype, values) => {
    const tensor = readNumpy(name);
    expect([tensor.dtype, tensor.shape, numbersOf(tensor)]).toEqual([dtype, [2, 3], values]);
  });

  it("reads float16 as float32, every kind of number", () => {
    const { dtype, data } = readNumpy("f2");
    expect(dtype).toBe("float32");
    const smallest = 2 ** -24;
    expect([...data]).toEqual([0, -0, 1, -1.5, 65504, smallest, Infinity, -Infinity, NaN]);
  });

  it("puts Fortran order into row-major order", () => {
    const { shape, data } = readNumpy("fortran");
    expect(shape).toEqual([2, 3, 4]);
    expect([...data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it("knows a scalar and an empty array", () => {
    expect(readNumpy("scalar")).toEqual({ dtype: "float64", shape: [], data: Float64Array.of(2.5) });
    expect(readNumpy("empty")).toEqual({ dtype: "float32", shape: [0, 3], data: new Float32Array() });
  });

  it.each(["complex", "text", "record"])("refuses %s", (name) => {
    expect(() => readNumpy(name)).toThrow(new RegExp(`^${name}.npy: elements of type`));
  });

  it("reads from any place in a larger buffer", () => {
    const file = numpyFile("f8");
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readNpy(shifted.subarray(3), "f8")).toEqual(readNumpy("f8"));
  });
});

describe("writing", () => {
  const rowMajor = ["f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "b1"];
  it.each(rowMajor)("%s is NumPy's file, byte for byte", (name) => {
    expect(writeNpy(readNumpy(name))).toEqual(Uint8Array.from(numpyFile(name)));
  });

  it("is undone by reading", () => {
    const maps = fc
      .tuple(fc.nat(7), fc.nat(7))
      .chain(([height, width]) =>
        fc
          .array(fc.double(), { minLength: height * width, maxLength: height * width })
          .map((values) => realMap(height, width, Float64Array.from(values))),
      );
    fc.assert(
      fc.property(maps, (map) => {
        expect(readMap(writeMap(map), "map")).toEqual(map);
      }),
    );
  });

  it("keeps the header a multiple of 64 bytes at any shape", () => {
    const shape = Array.from({ length: 40 }, () => 1);
    const tensor = { dtype: "float32", shape, data: Float32Array.of(7) } as const;
    const file = writeNpy(tensor);
    expect((file.length - 4) % 64).toBe(0);
    expect(readNpy(file, "long")).toEqual(tensor);
  });
});

describe("maps", () => {
  it("drops leading axes of extent 1 and widens to float64", () => {
    const tensor = { dtype: "float32", shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
    expect(readMap(writeNpy(tensor), "map")).toEqual(realMap(2, 2, Float64Array.of(1, 2, 3, 4)));
  });

  it("refuses what is no map", () => {
    expect(() => readMap(numpyFile("fortran"), "fortran.npy")).toThrow(
      "fortran.npy: expected a map [height, width], found shape [2, 3, 4]",
    );
    expect(() => readMap(numpyFile("scalar"), "scalar.npy")).toThrow(/found shape \[\]/);
  });
});

describe("hostile files", () => {
  it.each([
    ["text", new TextEncoder().encode("sigma_X,sigma_Y\n"), /not a \.npy file/],
    ["nothing", new Uint8Array(), /not a \.npy file/],
    [
      "version 4",
      Uint8Array.from(numpyFile("f4"), (byte, i) => (i === 6 ? 4 : byte)),
      /format version 4; versions 1 to 3/,
    ],
    ["too long", Uint8Array.from([...numpyFile("f4"), 0]), /needs 24 bytes of elements, found 25/],
    ["absurd shape", forge(header("(1000000000, 1000000000)")), /needs 4000000000000000000 bytes/],
    ["endless shape", forge(header(`(${"9".repeat(400)},)`)), /needs Infinity bytes/],
    ["zero times endless", forge(header(`(0, ${"9".repeat(400)})`)), /needs NaN bytes/],
    ["negative shape", forge(header("(-1, 4)")), /unreadable \.npy header/],
    ["code for a shape", forge(header("__import__('os')")), /unreadable \.npy header/],
    ["inherited name for a type", forge(header("()", "<toString")), /elements of type <toString/],
  ])("%s", (_, bytes, message) => {
    expect(() => readNpy(bytes, "bad.npy")).toThrow(message);
    expect(() => readNpy(bytes, "bad.npy")).toThrow(/^bad\.npy: /);
  });

  it("a file cut anywhere is an ErfitError", () => {
    const file = numpyFile("version-2");
    for (let length = 0; length < file.length; length++)
      expect(() => readNpy(file.subarray(0, length), "cut.npy")).toThrow(ErfitError);
  });

  it("any damage is read or refused, never worse", () => {
    const damage = fc.array(fc.tuple(fc.nat(175), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (bytes) => {
        const file = Uint8Array.from(numpyFile("f8"));
        for (const [place, byte] of bytes) file[place] = byte;
        try {
          readNpy(file, "damaged.npy");
        } catch (error) {
          expect(error).toBeInstanceOf(ErfitError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe.skipIf(withoutReference("reading the reference's .npy files"))("the reference's files", () => {
  it.each(["erfs", "fits"])("%s are all read", (folder) => {
    const files = readdirSync(referencePath(folder)).filter((file) => file.endsWith(".npy"));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files)
      expect(readNpy(readFileSync(referencePath(folder, file)), file).data.length).toBeGreaterThan(0);
  });

  it("an ERF sums to 1", () => {
    const { shape, data } = readMap(readFileSync(referencePath("erfs", "vgg16-sample.erf.npy")), "erf");
    expect(shape).toEqual([224, 224]);
    expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });
});
