import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ByteMutator } from "./bytes.ts";
import { absurdNumbers, hostileTexts, type Dice } from "./dice.ts";
import { mutatedJson } from "./json.ts";

/** Changes of the sizes and types that a file states of itself, checksums kept right. */

const npyShapes = ["()", "(,)", "(-1,)", "(3, 4, -5)", "(0, 4)", "(1e3,)", "(None,)", "(4L, 4L)", "[4, 4]"];
const npyTypes = ["<f4", ">f8", "<f2", "|b1", "<U5", "|O", "<c16", "<f16", "<i3", "=f4", "<M8[ns]", "x"];

function npyShape(dice: Dice): string {
  if (dice.often(0.5)) return dice.pick(npyShapes) ?? "()";
  const extents = Array.from({ length: 1 + dice.below(6) }, () => dice.pick(absurdNumbers) ?? 0);
  return `(${extents.join(", ")},)`;
}

/** A .npy file whose header says something else of the same elements. */
export const mutatedNpyHeader: ByteMutator = (bytes, dice) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 10 + view.getUint16(8, true);
  let text = new TextDecoder().decode(bytes.subarray(10, end)).trimEnd();
  if (dice.often(0.7)) text = text.replace(/\([^)]*\)/, npyShape(dice));
  if (dice.often(0.4)) text = text.replace(/'descr': '[^']*'/, `'descr': '${dice.pick(npyTypes) ?? ""}'`);
  if (dice.often(0.2)) text = text.replace("False", dice.pick(["True", "None", "0", "false"]) ?? "");
  if (dice.often(0.1)) text = dice.pick(hostileTexts) ?? "";
  const header = new TextEncoder().encode(`${text}\n`);
  const length = dice.often(0.1) ? dice.below(65_536) : header.length;
  const start = Uint8Array.of(...bytes.subarray(0, 8), length & 255, length >> 8);
  if (dice.often(0.1)) start[6] = dice.below(256);
  return new Uint8Array(Buffer.concat([start, header, bytes.subarray(end)]));
};

const extents = [0, 1, 2, 16, 3000, 8191, 8193, 30_000, 65_535, 65_536, 1_000_000, 2 ** 31 - 1, 2 ** 32 - 1];

/** A PNG that claims another size, depth or color type; its checksum is right. */
function pngHeader(bytes: Uint8Array, dice: Dice): Uint8Array {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  if (dice.often(0.8)) view.setUint32(16, dice.pick(extents) ?? 0);
  if (dice.often(0.8)) view.setUint32(20, dice.pick(extents) ?? 0);
  if (dice.often(0.3)) copy[24] = dice.pick([0, 1, 2, 4, 8, 16, 32]) ?? 0;
  if (dice.often(0.3)) copy[25] = dice.below(8);
  if (dice.often(0.2)) copy[28] = dice.below(3);
  view.setUint32(29, crc32(copy.subarray(12, 29)));
  return copy;
}

/** A JPEG whose frame header claims another size, precision or number of components. */
function jpegHeader(bytes: Uint8Array, dice: Dice): Uint8Array {
  const copy = new Uint8Array(bytes);
  const frame = copy.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc1, 0xc2].includes(copy[at + 1] ?? 0));
  if (frame < 0) return copy;
  const view = new DataView(copy.buffer);
  if (dice.often(0.2)) copy[frame + 1] = 0xc0 + dice.below(16);
  if (dice.often(0.2)) copy[frame + 4] = dice.below(17);
  if (dice.often(0.7)) view.setUint16(frame + 5, (dice.pick(extents) ?? 0) & 0xffff);
  if (dice.often(0.7)) view.setUint16(frame + 7, (dice.pick(extents) ?? 0) & 0xffff);
  if (dice.often(0.2)) copy[frame + 9] = dice.below(6);
  if (dice.often(0.2)) copy[frame + 11] = dice.below(256);
  return copy;
}

export const mutatedPictureHeader: ByteMutator = (bytes, dice) => {
  if (bytes[0] === 0x89) return pngHeader(bytes, dice);
  if (bytes[0] === 0xff) return jpegHeader(bytes, dice);
  // Sizes of the other formats lie within their first bytes.
  const copy = new Uint8Array(bytes);
  for (let count = 1 + dice.below(4); count > 0; count--) copy[dice.below(64)] = dice.below(256);
  return copy;
};

/** A run's state with another header, of the right length, and often fewer sums; its checksum is right. */
export const mutatedState: ByteMutator = (bytes, dice) => {
  const firstLine = bytes.indexOf(10) + 1;
  const end = bytes.indexOf(10, firstLine);
  const header = mutatedJson(bytes.subarray(firstLine, end), dice);
  const sums = bytes.subarray(end + 1, -32);
  const kept = dice.often(0.2) ? sums.subarray(0, dice.below(sums.length)) : sums;
  const length = dice.often(0.1) ? (dice.pick(absurdNumbers) ?? 0) : header.length + 1;
  const body = Buffer.concat([Buffer.from(`erfit-state 2 ${length}\n`), header, Buffer.from("\n"), kept]);
  return new Uint8Array(Buffer.concat([body, createHash("sha256").update(body).digest()]));
};
