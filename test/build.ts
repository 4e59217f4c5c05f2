import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

/** Builds `dist/`, as `npm run build` does, so that `bin/erfit.js` runs what `src/` says. */
export function setup(): void {
  for (const command of [[tsc, "-p", "tsconfig.build.json"], ["scripts/build-page.js"]])
    execFileSync(process.execPath, command, { cwd: root, stdio: "inherit" });
}
