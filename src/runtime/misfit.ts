import { ErfitError, messageOf } from "../core/error.ts";

function blamed(file: string, thrown: unknown): ErfitError {
  if (thrown instanceof ErfitError) return thrown;
  const words = messageOf(thrown).split("\n")[0] ?? "";
  return new ErfitError(`${file}: its parts do not fit together: ${words}`, {
    remedy: "export the model again",
    cause: thrown,
  });
}

/**
 * Does something with a model. Where its parts do not fit together in a way that no check foresaw, a rule or a library fails
 * on them in its own words: the file is at fault, and the words become an error that a user can meet.
 */
export function blamingFile<Result>(file: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return action().catch((thrown: unknown) => {
      throw blamed(file, thrown);
    });
  } catch (thrown) {
    throw blamed(file, thrown);
  }
}
