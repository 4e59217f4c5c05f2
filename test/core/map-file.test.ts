import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ErfitError } from "../../src/core/error.ts";
import { readMapFile } from "../../src/core/map-file.ts";

const bytesOf = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`numpy/${name}`, import.meta.url)));
const read = (name: string) => readMapFile(bytesOf(name), name);

function refusal(name: string): ErfitError {
  try {
    read(name);
  } catch (thrown) {
    if (thrown instanceof ErfitError) return thrown;
    throw thrown;
  }
  throw new Error(`${name} was read`);
}

/** `np.arange(6).reshape(2, 3)`, as `numpy/make.py` saves it in every form. */
const grid = { shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) };

describe("maps that people save", () => {
  it.each([
    "u1.npy",
    "f8.npy",
    "version-3.npy",
    "height-width-1.npy",
    "one-1-height-width.npy",
    "one-height-width-1.npy",
    "one.npz",
    "one-compressed.npz",
  ])("%s", (name) => {
    const start = name === "f8.npy" ? -2 : 0;
    expect(read(name)).toEqual({ ...grid, data: grid.data.map((value) => value + start) });
  });
});

describe("what is no map is refused by name, with a remedy", () => {
  it.each([
    [
      "rgb.npy",
      "expected a map [height, width], found shape [2, 3, 3], which reads as a color image",
      /before a color map/,
    ],
    ["fortran.npy", "found shape [2, 3, 4]", /color map|Save one map/],
    ["scalar.npy", "found shape []", /rows and columns/],
    [
      "bfloat16.npy",
      "elements of type <V2 (two raw bytes, as NumPy writes bfloat16)",
      /astype\(np\.float32\)/,
    ],
    ["float8.npy", "elements of type <V1 (one raw byte, as NumPy writes float8)", /astype\(np\.float32\)/],
    ["longdouble.npy", "elements of type <f16", /astype\(np\.float64\)/],
    ["complex.npy", "elements of type <c16 (complex numbers)", /np\.abs/],
    ["object.npy", "elements of type |O (Python objects, which are pickled code)", /np\.float32/],
    ["text.npy", "elements of type <U3 (text)", /astype/],
    ["record.npy", "elements of type record", /Known types/],
    ["two.npz", "holds 2 arrays: erf, sigma; expected one map", /np\.load\("two\.npz"\)\["erf"\]/],
    ["object.npz", "object.npz: erf: elements of type |O", /np\.float32/],
    ["none.npz", "a zip archive without a .npy array in it", /np\.save/],
    ["erf.pt", "not a .npy file but a PyTorch file", /torch\.load\("erf\.pt"\)/],
    ["erf-old.pt", "not a .npy file but a PyTorch file", /torch\.load/],
    ["erf.pkl", "not a .npy file but a Python pickle", /pickle\.load/],
    ["erf.mat", "not a .npy file but a MATLAB file", /loadmat/],
    ["erf.csv", "not a .npy file but a text file", /loadtxt/],
  ])("%s", (name, message, remedy) => {
    const error = refusal(name);
    expect(error.message.startsWith(`${name}: `)).toBe(true);
    expect(error.message).toContain(message);
    expect(error.remedy).toMatch(remedy);
    expect(error.message).not.toContain("\n");
  });

  it.each([
    ["a picture", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
    ["a picture", [0xff, 0xd8, 0xff, 0xe0]],
    ["a JSON file", Array.from('{ "format": "erfit-calibration" }', (c) => c.charCodeAt(0))],
    ["an SVG or XML file", Array.from("<svg></svg>", (c) => c.charCodeAt(0))],
    ["an HDF5 file", [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]],
  ])("%s", (kind, bytes) => {
    expect(() => readMapFile(Uint8Array.from(bytes), "map")).toThrow(`map: not a .npy file but ${kind}`);
  });

  it("a .npz that is cut short", () => {
    expect(() => readMapFile(bytesOf("one.npz").subarray(0, 200), "cut.npz")).toThrow(
      /^cut\.npz: unreadable as \.npz: /,
    );
  });

  it("a file without a byte", () => {
    expect(() => readMapFile(new Uint8Array(), "empty.npy")).toThrow(
      "empty.npy: not a .npy file: it is empty",
    );
  });
});
