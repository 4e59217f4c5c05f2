/**
 * How a message names an option: below the front ends nothing knows whether options are flags or properties, so a message
 * carries the option's key (in characters of the private use area), and each front end writes it as its users do.
 */
const [open, between, close] = ["\uE000", "\uE001", "\uE002"];
const marked = new RegExp(`${open}([^${close}${between}]*)(?:${between}([^${close}]*))?${close}`, "gu");

/** An option in a message, with the value it has or should have: `optionText("inputShape", "1,3,224,224")`. */
export const optionText = (key: string, value?: string | number): string =>
  `${open}${key}${value === undefined ? "" : `${between}${value}`}${close}`;

/** As the library's users write it: `inputShape` or `inputShape: 1,3,224,224`. */
export const inLibrary = (text: string): string =>
  text.replace(marked, (_, key: string, value?: string) => (value === undefined ? key : `${key}: ${value}`));

/** As the command line has it: `--input-shape` or `--input-shape 1,3,224,224`. */
export const onCommandLine = (text: string): string =>
  text.replace(
    marked,
    (_, key: string, value?: string) => `--${kebab(key)}${value === undefined ? "" : ` ${value}`}`,
  );

/** `inputShape` -> `input-shape`. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
