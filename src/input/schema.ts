import type { z } from "zod";
import { ErfitError } from "../core/error.ts";

/** @throws ErfitError that names the file and the field */
export function parseWith<T extends z.ZodType>(schema: T, json: unknown, file: string): z.infer<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new ErfitError(`${file}: ${field}${issue?.message ?? "not as expected"}`);
}
