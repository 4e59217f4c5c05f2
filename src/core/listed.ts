/** The first few names, and how many more there are, of `count` in all. */
export const listed = (names: readonly string[], most = 5, count = names.length): string =>
  count <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${count - most} more`;
