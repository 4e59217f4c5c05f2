import { ErfitError } from "./error.ts";

/** A kind of file that people give where a .npy file is expected. */
interface ForeignFile {
  /** With its article. */
  readonly kind: string;
  readonly begins: (bytes: Uint8Array) => boolean;
  /** How its array becomes a .npy file. */
  readonly remedy: string;
}

const ascii = (text: string): readonly number[] => Array.from(text, (character) => character.charCodeAt(0));

const magic =
  (...starts: readonly (readonly number[])[]) =>
  (bytes: Uint8Array): boolean =>
    starts.some((start) => start.every((byte, i) => bytes[i] === byte));

/** Only printable characters and line breaks at the beginning. */
const isText = (bytes: Uint8Array): boolean =>
  bytes.length > 0 &&
  bytes.subarray(0, 256).every((byte) => (byte >= 0x20 && byte !== 0x7f) || (byte >= 9 && byte <= 13));

const inPython = (statements: string): string => `In Python: ${statements}`;

/** The first that applies. */
const foreignFiles: readonly ForeignFile[] = [
  {
    kind: "a zip archive",
    begins: magic(ascii("PK\u0003\u0004"), ascii("PK\u0005\u0006")),
    remedy: inPython('np.save("map.npy", np.load("map.npz")["erf"]), or for PyTorch torch.load("map.pt")'),
  },
  {
    kind: "a PyTorch file",
    // Before version 1.6: a pickle of a magic number; later ones are zip archives.
    begins: magic([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46]),
    remedy: inPython('np.save("map.npy", torch.load("map.pt").float().numpy())'),
  },
  {
    kind: "a Python pickle",
    // Protocols 2 to 5.
    begins: (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5,
    remedy: inPython(
      'np.save("map.npy", np.asarray(pickle.load(open("map.pkl", "rb")))); erfit runs no pickled code',
    ),
  },
  {
    kind: "a MATLAB file",
    begins: magic(ascii("MATLAB ")),
    remedy: inPython('np.save("map.npy", scipy.io.loadmat("map.mat")["erf"])'),
  },
  {
    kind: "an HDF5 file",
    begins: magic(ascii("\u0089HDF\r\n")),
    remedy: inPython('np.save("map.npy", h5py.File("map.h5")["erf"][()])'),
  },
  {
    kind: "a picture",
    begins: magic(
      ascii("\u0089PNG"),
      [0xff, 0xd8, 0xff],
      ascii("GIF8"),
      ascii("II*\0"),
      ascii("MM\0*"),
      ascii("RIFF"),
      ascii("BM"),
    ),
    remedy:
      'Save the values before they are drawn, np.save("map.npy", erf): a picture has rounded them, and colored them or taken their logarithm.',
  },
  {
    kind: "an SVG or XML file",
    begins: (bytes) => isText(bytes) && bytes[0] === 0x3c,
    remedy: 'Save the values before they are drawn: np.save("map.npy", erf).',
  },
  {
    kind: "a JSON file",
    begins: (bytes) => isText(bytes) && (bytes[0] === 0x7b || bytes[0] === 0x5b),
    remedy:
      'Of a calibration, give the erf.npy beside it. An array is saved by np.save("map.npy", np.array(json.load(open("map.json")))).',
  },
  {
    kind: "a text file",
    begins: isText,
    remedy: inPython('np.save("map.npy", np.loadtxt("map.csv", delimiter=","))'),
  },
];

/** Why a file is no .npy file, and how it becomes one. */
export function notNpy(bytes: Uint8Array, name: string): ErfitError {
  const found = foreignFiles.find(({ begins }) => begins(bytes));
  return found === undefined
    ? new ErfitError(
        `${name}: not a .npy file: ${bytes.length === 0 ? "it is empty" : "it does not begin with NumPy's magic word"}`,
        { remedy: 'Save the map with np.save("map.npy", erf).' },
      )
    : new ErfitError(`${name}: not a .npy file but ${found.kind}`, { remedy: found.remedy });
}
