import { at } from "./required.ts";
import { unzipSync } from "fflate";
import { ErfitError, messageOf, listed } from "./error.ts";
import { readMap } from "./npy.ts";
import type { RealMap } from "./tensor.ts";

/** A zip archive: its first file, or its directory where it holds none. */
const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);

/** Arrays larger than this are no map; NumPy stores the size beside the name, so that nothing is unpacked before. */
const mostBytes = 2 ** 31;

interface Archive {
  /** By their names. */
  readonly arrays: readonly (readonly [name: string, npy: Uint8Array])[];
  readonly others: readonly string[];
}

function unpacked(bytes: Uint8Array, name: string): Archive {
  const others: string[] = [];
  try {
    const files = unzipSync(bytes, {
      filter({ name: member, originalSize }) {
        const isArray = member.endsWith(".npy") && originalSize <= mostBytes;
        if (!isArray) others.push(member);
        return isArray;
      },
    });
    return {
      arrays: Object.entries(files).map(([file, array]) => [file.replace(/\.npy$/, ""), array]),
      others,
    };
  } catch (thrown) {
    throw new ErfitError(`${name}: unreadable as .npz: ${messageOf(thrown)}`, {
      remedy: "The file may be cut short: write it again.",
      cause: thrown,
    });
  }
}

/**
 * A map from NumPy's .npy, or from a .npz that holds one array: see `readMap`.
 * @throws ErfitError naming what else the file is, or the arrays of a .npz that holds several
 */
export function readMapFile(bytes: Uint8Array, name: string): RealMap {
  if (!isZip(bytes)) return readMap(bytes, name);
  const { arrays, others } = unpacked(bytes, name);
  const [first, second] = arrays;
  if (first === undefined) throw withoutArrays(name, others);
  if (second !== undefined) {
    const names = arrays.map(([array]) => array);
    throw new ErfitError(`${name}: holds ${arrays.length} arrays: ${listed(names, 8)}; expected one map`, {
      remedy: `Save the one that is meant. In Python: np.save("map.npy", np.load("${name}")["${at(names, 0)}"])`,
    });
  }
  return readMap(first[1], `${name}: ${first[0]}`);
}

const withoutArrays = (name: string, files: readonly string[]): ErfitError =>
  files.some((file) => file.endsWith("data.pkl"))
    ? new ErfitError(`${name}: not a .npy file but a PyTorch file`, {
        remedy: `In Python: np.save("map.npy", torch.load("${name}").float().numpy())`,
      })
    : new ErfitError(`${name}: a zip archive without a .npy array in it`, {
        remedy: 'Save the map with np.save("map.npy", erf).',
      });
