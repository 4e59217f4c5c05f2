import js from "@eslint/js";
import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Folders of `src/` from the top of the method to its foundations. A folder imports only from folders after it. */
const layers = [
  "cli",
  "api",
  "tasks",
  "report",
  "evaluate",
  "calibration",
  "cam",
  "erf",
  "fit",
  "input",
  "runtime",
  "autodiff",
  "onnx",
  "graph",
  "io",
  "core",
];

const importsPointDown = layers.map((folder, depth) => ({
  target: `./src/${folder}`,
  from: ["./src/index.ts", "./src/figures.ts", ...layers.slice(0, depth).map((above) => `./src/${above}`)],
  message: `Imports point down: ${layers.join(" -> ")}.`,
}));

/** Parts that also run in a browser: no import from Node, no native library. */
const portable = ["core", "graph", "onnx", "autodiff", "erf", "fit", "cam"];

export default tseslint.config(
  { ignores: ["dist", "coverage", "outputs", "bench/.cache", "bench/.environment"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { "import-x": importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      "import-x/extensions": [".ts"],
      "import-x/resolver": { node: { extensions: [".ts", ".js"] } },
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones: importsPointDown }],
      "import-x/no-cycle": "error",
      // A name for a type that a schema infers: errors and the API reference then say the name, not its members.
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/consistent-type-assertions": [
        "error",
        { assertionStyle: "as", objectLiteralTypeAssertions: "never" },
      ],
    },
  },
  {
    files: [`src/{${portable.join(",")}}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ regex: "^node:", message: "This folder also runs in a browser: pass the effect in." }],
        },
      ],
    },
  },
  { files: ["bin/*.js", "*.js"], languageOptions: { globals: { process: "readonly" } } },
);
