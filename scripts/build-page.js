import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, URL } from "node:url";
import { build } from "esbuild";

/**
 * Makes dist/report/page/report.html: the report with its style and script in it, waiting for a record. What the page
 * runs are the library's own modules; nothing is bundled when erfit runs.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src/report/page");

const bundle = async (entry) => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(source, entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: ["chrome123", "firefox121", "safari17.5"], // the first that know light-dark()
    legalComments: "none",
    logLevel: "warning",
  });
  return { text: outputFiles[0].text.trim(), inputs: Object.keys(metafile.inputs) };
};

/** Folders of the packages that the script holds parts of. */
const packagesIn = (inputs) => [
  ...new Set(inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])),
];

/** Their licenses, which ask to come along. */
async function licenseOf(folder) {
  const { name, version } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : await readFile(join(root, folder, file), "utf8");
  return `${name} ${version}\n\n${text.trim()}`;
}

const [style, script, page] = await Promise.all([
  bundle("page.css"),
  bundle("script/main.ts"),
  readFile(join(source, "page.html"), "utf8"),
]);
const licenses = await Promise.all(packagesIn(script.inputs).sort().map(licenseOf));
const hash = createHash("sha256").update(script.text).digest("base64");

/** No request at all: the script is this one alone, and pictures are those in the page. Plot brings a style element. */
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${hash}'`,
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const fillings = [
  [/POLICY/, policy],
  [/\s*STYLE\s*/, style.text],
  [/\s*RECORD\s*/, "RECORD"],
  [/\s*SCRIPT;\s*/, script.text],
  [/$/, `<!--\nThe script holds parts of:\n\n${licenses.join("\n\n---\n\n").replaceAll("--", "- -")}\n-->\n`],
];
const built = fillings.reduce((text, [mark, filling]) => {
  if (!mark.test(text)) throw new Error(`page.html has no ${mark.source}`);
  return text.replace(mark, () => filling);
}, page);

const target = join(root, "dist/report/page/report.html");
await mkdir(dirname(target), { recursive: true });
await writeFile(target, built);
