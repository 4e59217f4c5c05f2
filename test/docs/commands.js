/**
 * The commands of the documentation as its test runs them: `commands.js NAME ARGUMENTS…`. erfit and Node run. What installs
 * packages or takes long is looked up instead: whether the checkout has such a script, test, or file.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, URL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [name, ...given] = process.argv.slice(2);

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const run = (script, args) => {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  process.exit(status ?? 1);
};

const erfit = (args) => run(join(root, "bin/erfit.js"), args);

const npm = ([verb = "", script = ""]) => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (["ci", "install", "link"].includes(verb)) return;
  const wanted = verb === "run" ? script : verb;
  if (scripts[wanted] === undefined) fail(`package.json has no script "${wanted}"`);
};

const projects = () =>
  [...readFileSync(join(root, "vitest.config.ts"), "utf8").matchAll(/name: "([^"]+)"/g)].map(
    ([, one]) => one,
  );

const npx = ([tool, verb, ...args]) => {
  if (tool !== "vitest" || verb !== "run")
    fail(`npx ${tool} ${verb}: the documentation's test knows only npx vitest run`);
  const project = args.indexOf("--project");
  const [named] = project < 0 ? [] : args.splice(project, 2).slice(1);
  if (named !== undefined && !projects().includes(named)) fail(`vitest has no project "${named}"`);
  const files = readdirSync(join(root, "test"), { recursive: true }).filter((file) =>
    file.endsWith(".test.ts"),
  );
  for (const part of args.filter((one) => one.startsWith("test/")))
    if (!files.some((file) => `test/${file}`.startsWith(part))) fail(`no test file begins with ${part}`);
};

const node = ([script = "", ...args]) => {
  if (script === "bin/erfit.js") erfit(args);
  if (script !== "bench/run.js") run(script, args);
  if (!existsSync(join(root, args[0] ?? ""))) fail(`${args[0]} is not there`);
};

const rules = { erfit, npm, npx, node, pip: () => undefined };
rules[name](given);
