import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/** Paths begin in the repository's root, where `bench/run.js` puts every script. */
const requirements = "bench/python/requirements.txt";
const folder = "bench/.environment";
const installed = join(folder, "requirements.txt");

const windows = process.platform === "win32";
const interpreter = windows ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");

const own = "set ERFIT_PYTHON to the interpreter of an environment that has what " + requirements + " lists";

const modules = [
  "torch",
  "torchvision",
  "timm",
  "onnx",
  "onnxscript",
  "openerf",
  "lmfit",
  "pytorch_grad_cam",
  "transformers",
  "ultralytics",
  "segmentation_models_pytorch",
  "monai",
  "einops",
  "efficientnet_lite_pytorch",
];
const namesMissing = `
import importlib.util, sys
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
sys.exit("missing: " + ", ".join(missing) if missing else 0)
`;

/** Whether the folder holds what is required today: its copy of the list is written last. */
async function upToDate(): Promise<boolean> {
  const read = (path: string) => readFile(path, "utf8").catch(() => undefined);
  const [wanted, found] = await Promise.all([read(requirements), read(installed)]);
  return wanted !== undefined && wanted === found;
}

/**
 * The Python interpreter that the benchmarks and the zoo compare erfit with: the one in the environment variable
 * ERFIT_PYTHON, else that of a virtual environment in `bench/.environment`, made and filled at the first call.
 * @throws ErfitError if Python, its venv module or a package cannot be had
 */
export async function pythonEnvironment(): Promise<string> {
  const given = process.env["ERFIT_PYTHON"];
  if (given !== undefined && given !== "") {
    await run(given, ["-c", namesMissing, ...modules], {
      purpose: "looking for packages where ERFIT_PYTHON points",
      remedy: `install what ${requirements} lists there, or leave ERFIT_PYTHON unset`,
    });
    return given;
  }
  if (await upToDate()) return interpreter;

  process.stderr.write(`Making a Python environment in ${folder}: some gigabytes, once.\n`);
  const base = windows ? "python" : "python3";
  await run(
    base,
    ["-c", "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or newer is needed'"],
    {
      purpose: "looking for Python 3.11 or newer",
      remedy: `install Python, or ${own}`,
    },
  );
  await run(base, ["-m", "venv", "--clear", folder], {
    purpose: "making a virtual environment",
    remedy: `install Python's venv module (Debian's package is python3-venv), or ${own}`,
  });
  await run(interpreter, ["-m", "pip", "install", "--disable-pip-version-check", "-r", requirements], {
    purpose: "installing the Python packages",
    progress: true,
    remedy: `see what pip says above, or ${own}`,
  });
  await copyFile(requirements, installed);
  return interpreter;
}

/** Versions of installed packages, for the tables: `torch 2.15.0, timm 1.0.31`. */
export async function versionsOf(python: string, packages: readonly string[]): Promise<string> {
  const script =
    "import sys, importlib.metadata as m; print(*(f'{p} {m.version(p)}' for p in sys.argv[1:]), sep=', ')";
  return (await run(python, ["-c", script, ...packages], { purpose: "reading package versions" })).trim();
}
