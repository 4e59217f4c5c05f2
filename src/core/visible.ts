/** Control characters, and those that turn the direction of writing: what a terminal obeys and a reader does not see. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const written = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The same text on one line, with `\u001b` for an escape character: names in a file are anyone's. */
export const visible = (text: string): string => text.replaceAll(unseen, written);

/** The same for text of several lines, which its writer laid out. */
export const visibleLines = (text: string): string =>
  text.replaceAll(unseen, (character) =>
    character === "\n" || character === "\t" ? character : written(character),
  );
