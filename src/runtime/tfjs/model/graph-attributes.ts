/** A node's attributes as JSON has them (TensorFlow's attr_value.proto): bytes are base64, 64-bit integers may be text. */

const decoded = (bytes: unknown): string =>
  typeof bytes === "string" ? Buffer.from(bytes, "base64").toString("utf8") : "";

const fieldOf = (message: unknown, field: string): unknown =>
  typeof message === "object" && message !== null ? Reflect.get(message, field) : undefined;

function listOf(attribute: unknown, field: "i" | "s"): readonly unknown[] {
  const list = fieldOf(fieldOf(attribute, "list"), field);
  return Array.isArray(list) ? list : [];
}

export const text = (attribute: unknown): string => decoded(fieldOf(attribute, "s"));
export const texts = (attribute: unknown): readonly string[] => listOf(attribute, "s").map(decoded);
export const integers = (attribute: unknown): readonly number[] => listOf(attribute, "i").map(Number);
