import { ErfitError, messageOf } from "../math/error.ts";

/**
 * Does something with a model. Where its parts do not fit together in a way that no check foresaw, a rule or a library fails on
 * them in its own words: the file is at fault, and the words become an error that a user can meet.
 */
export async function blamingFile<Result>(file: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    throw new ErfitError(
      `${file}: its parts do not fit together: ${messageOf(thrown).split("\n")[0] ?? ""}`,
      {
        remedy: "export the model again",
        cause: thrown,
      },
    );
  }
}
