import { createHash } from "node:crypto";
import { z } from "zod";
import { ErfitError } from "../core/error.ts";

/**
 * A file that is written whole and read back to the last bit: a line with its format, version and the length of its header;
 * the header as one line of JSON; the payload; and the SHA-256 of all that. Numbers in JSON are written so that they read
 * back exactly (ECMA-262, Number::toString).
 */
export interface SealedFormat<Header> {
  readonly name: string;
  readonly version: number;
  readonly header: z.ZodType<Header>;
  /** What such a file is, for messages: "the state of a run". */
  readonly what: string;
}

const checksum = (body: Uint8Array): Uint8Array => createHash("sha256").update(body).digest();
const checksumBytes = 32;

export function sealed(
  { name, version }: Pick<SealedFormat<unknown>, "name" | "version">,
  header: unknown,
  payload: readonly Uint8Array[],
): Uint8Array {
  const json = Buffer.from(`${JSON.stringify(header)}\n`);
  const body = Buffer.concat([Buffer.from(`${name} ${version} ${json.length}\n`), json, ...payload]);
  return Buffer.concat([body, checksum(body)]);
}

/**
 * The header and the payload of a sealed file.
 * @param path how to call the file in an error
 * @throws ErfitError where it is damaged, or not such a file
 */
export function unsealed<Header>(
  { name, version, header, what }: SealedFormat<Header>,
  file: Uint8Array,
  path: string,
): { readonly header: Header; readonly payload: Uint8Array } {
  const other = `${path}: not ${what} that this erfit wrote`;
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const [firstLine = ""] = bytes.subarray(0, 64).toString("latin1").split("\n");
  const magic = `${name} ${version} `;
  const length = firstLine.slice(magic.length);
  if (!firstLine.startsWith(magic) || !/^\d+$/.test(length)) throw new ErfitError(other);
  const body = bytes.subarray(0, -checksumBytes);
  if (!bytes.subarray(-checksumBytes).equals(checksum(body)))
    throw new ErfitError(`${path}: damaged: its checksum does not match`);
  const [start, end] = [firstLine.length + 1, firstLine.length + 1 + Number(length)];
  const parsed = header.safeParse(jsonIn(body.subarray(start, end)));
  if (!parsed.success)
    throw new ErfitError(`${other}: ${z.prettifyError(parsed.error).split("\n").join(" ")}`);
  return { header: parsed.data, payload: body.subarray(end) };
}

/** Undefined where the bytes are no JSON: no header's schema allows it. */
function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
