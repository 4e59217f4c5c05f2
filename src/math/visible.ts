/** Control characters, and those that turn the direction of writing: what a terminal obeys and a reader does not see. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The same text on one line, with `\u001b` for an escape character: names in a file are anyone's. */
export const visible = (text: string): string =>
  text.replaceAll(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
