import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { globSync } from "tinyglobby";
import { inCheckout } from "../../cli/erfit.ts";

/** An `@example` of a doc comment. */
export interface Example {
  /** Name of the file and, where it holds several, their number. */
  readonly name: string;
  readonly code: string;
}

/** Every `@example` of the public functions, in the order of their files. */
export const examples: readonly Example[] = globSync(["src/api/**/*.ts", "src/calibration/schema.ts"], {
  cwd: inCheckout("."),
  absolute: true,
})
  .sort()
  .flatMap((path) => {
    const found = [...readFileSync(path, "utf8").matchAll(/^ \* @example\n \* ```ts\n([^]*?)^ \* ```$/gm)];
    return found.map(([, body = ""], k) => ({
      name: `${basename(path, ".ts")}${k === 0 ? "" : `-${k + 1}`}`,
      code: body.replaceAll(/^ \* ?/gm, ""),
    }));
  });
