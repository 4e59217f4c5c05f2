import yargs from "yargs";
import { describe, expect, it } from "vitest";
import { calibrateCommand } from "../../src/cli/calibrate/calibrate.ts";
import { camCommand, camFiles } from "../../src/cli/cam.ts";
import { command, yargsOptions } from "../../src/cli/command.ts";
import { citeCommand } from "../../src/cli/cite.ts";
import { compareCommand } from "../../src/cli/compare.ts";
import { demoCommand } from "../../src/cli/demo.ts";
import { evaluateCommand } from "../../src/cli/evaluate.ts";
import { exportCamCommand, exportErfCommand } from "../../src/cli/export.ts";
import { fitCommand } from "../../src/cli/fit.ts";
import { gradientCommand } from "../../src/cli/gradient.ts";
import { layersCommand } from "../../src/cli/layers.ts";
import { mergeCommand } from "../../src/cli/merge.ts";
import { probeCommand } from "../../src/cli/probe.ts";
import { reportCommand } from "../../src/cli/report.ts";
import { kebab } from "../../src/core/error.ts";
import {
  calibrate,
  cam,
  compare,
  evaluate,
  exportCam,
  exportErf,
  fitGaussian,
  gradient,
  merge,
  openModel,
  probe,
  type ErfitError,
  type Model,
} from "../../src/index.ts";
import { camOptions } from "../../src/tasks/cam/cam.ts";
import { citeOptions } from "../../src/tasks/cite.ts";
import { compareOptions } from "../../src/tasks/compare.ts";
import { evaluateOptions } from "../../src/tasks/evaluate/evaluate.ts";
import { exportCamOptions } from "../../src/tasks/export/cam.ts";
import { exportErfOptions } from "../../src/tasks/export/erf.ts";
import { fitTaskOptions } from "../../src/tasks/fit.ts";
import { gradientOptions } from "../../src/tasks/gradient/gradient.ts";
import { layersOptions } from "../../src/tasks/layers.ts";
import { mergeOptions } from "../../src/tasks/merge.ts";
import { optionGroups, type OptionTable } from "../../src/tasks/option.ts";
import { drawingOptions, figureOptions, titleOption } from "../../src/tasks/options/figures.ts";
import { modelOptions, openOptions } from "../../src/tasks/options/model.ts";
import { calibrateOptions, probeOptions } from "../../src/tasks/probe/probe.ts";
import { network, opened, untyped } from "../api/small.ts";

/** A command, the options of its task and of its model, and those that only a terminal has. */
interface FrontEnd {
  readonly name: string;
  readonly command: {
    readonly definition: { readonly options: OptionTable; readonly usage: string; readonly describe: string };
  };
  readonly task: OptionTable;
  readonly model: OptionTable;
  readonly terminal: readonly string[];
  /** The library's function with these options; null where the library has none. */
  readonly call: ((model: Model, options: object) => unknown) | null;
}

const none: OptionTable = {};
const run = ["shard", "out", "restart"];

const frontEnds: readonly FrontEnd[] = [
  {
    name: "cam",
    command: camCommand,
    task: camOptions,
    model: openOptions,
    terminal: Object.keys(camFiles),
    call: (model, options) => untyped(cam, [model, "x", options]),
  },
  {
    name: "evaluate",
    command: evaluateCommand,
    task: evaluateOptions,
    model: openOptions,
    terminal: [...Object.keys({ ...drawingOptions, ...titleOption }), "out", "restart"],
    call: (model, options) => untyped(evaluate, [model, "x", options]),
  },
  {
    name: "calibrate",
    command: calibrateCommand,
    task: calibrateOptions,
    model: openOptions,
    terminal: [...run, "verbose", ...Object.keys(figureOptions)],
    call: (model, options) => untyped(calibrate, [model, "x", options]),
  },
  {
    name: "probe",
    command: probeCommand,
    task: probeOptions,
    model: openOptions,
    terminal: run,
    call: (model, options) => untyped(probe, [model, "x", options]),
  },
  {
    name: "gradient",
    command: gradientCommand,
    task: gradientOptions,
    model: openOptions,
    terminal: ["out"],
    call: (model, options) => untyped(gradient, [model, "x", options]),
  },
  {
    name: "fit",
    command: fitCommand,
    task: fitTaskOptions,
    model: none,
    terminal: [...Object.keys(figureOptions), "out"],
    call: (_, options) => untyped(fitGaussian, [[[1, 2]], options]),
  },
  {
    name: "merge",
    command: mergeCommand,
    task: mergeOptions,
    model: none,
    terminal: ["verbose", ...Object.keys(figureOptions), "out"],
    call: (_, options) => untyped(merge, ["x", options]),
  },
  {
    name: "compare",
    command: compareCommand,
    task: compareOptions,
    model: none,
    terminal: ["colors", ...Object.keys(figureOptions), "out"],
    call: (_, options) => untyped(compare, [["x"], options]),
  },
  {
    name: "export cam",
    command: exportCamCommand,
    task: exportCamOptions,
    model: openOptions,
    terminal: ["out"],
    call: (model, options) => untyped(exportCam, [model, options]),
  },
  {
    name: "export erf",
    command: exportErfCommand,
    task: exportErfOptions,
    model: modelOptions,
    terminal: ["out"],
    call: (model, options) => untyped(exportErf, [model, options]),
  },
  {
    name: "layers",
    command: layersCommand,
    task: layersOptions,
    model: modelOptions,
    terminal: [],
    call: null,
  },
  { name: "cite", command: citeCommand, task: citeOptions, model: none, terminal: [], call: null },
  { name: "report", command: reportCommand, task: none, model: none, terminal: ["out"], call: null },
  { name: "demo", command: demoCommand, task: none, model: none, terminal: ["out"], call: null },
];

/** What a call throws, at once or when it is awaited. */
async function refusal(call: () => unknown): Promise<ErfitError> {
  try {
    await call();
  } catch (thrown) {
    return thrown as ErfitError;
  }
  throw new Error("it was not refused");
}

describe.each(frontEnds)("erfit $name", ({ command: { definition }, task, model, terminal, call }) => {
  const shared = { ...task, ...model };

  it("takes the options of its task and its model, and files' own", () => {
    expect(new Set(Object.keys(definition.options))).toEqual(new Set([...Object.keys(shared), ...terminal]));
    for (const [key, option] of Object.entries(shared)) expect(definition.options[key]).toBe(option);
  });

  it("names them in kebab case, with the same defaults, each in a group with a description", () => {
    const declared = yargsOptions(definition.options);
    for (const [key, option] of Object.entries(definition.options)) {
      const shown: Readonly<Record<string, unknown>> = { ...declared[kebab(key)] };
      expect([key, shown["default"]]).toEqual([key, option.default]);
      expect(Object.values(optionGroups).map((title) => `${title}:`)).toContain(shown["group"]);
      expect(String(shown["describe"]).length).toBeGreaterThan(10);
    }
    const groups = Object.values(declared).map(({ group }) => group);
    const titles = Object.values(optionGroups).map((title) => `${title}:`);
    expect([...new Set(groups)]).toEqual(titles.filter((title) => groups.includes(title)));
  });

  it("gets the same record without any option", async () => {
    let given: Readonly<Record<string, unknown>> = {};
    const words = definition.usage
      .split(" ")
      .slice(1)
      .map(() => "x");
    const captured = command({
      ...definition,
      usage: definition.usage.replace(/^\w+/, "it"),
      positionals: {},
      run: (complete) => {
        given = complete;
        return Promise.resolve();
      },
    });
    await yargs(["it", ...words])
      .command(captured)
      .parseAsync();
    for (const [key, option] of Object.entries(definition.options))
      expect([key, given[key]]).toEqual([key, option.default]);
  });

  it.skipIf(call === null)("is a function that takes the same options, and checks each", async () => {
    const network = await opened();
    const unknown = await refusal(() => call?.(network, { "no such option": 1 }));
    expect(unknown.message).toContain('no option is called "no such option"');
    expect(unknown.remedy).toContain(`There are: ${Object.keys(task).join(", ")}`);
    for (const key of Object.keys(task)) {
      const { message } = await refusal(() => call?.(network, { [key]: Symbol("wrong") }));
      expect(message).toMatch(new RegExp(`^\\w+: option ${key}(\\.\\w+)?: .*expected`));
    }
  });
});

it("openModel takes the options that every command takes of its model, and checks each", async () => {
  const unknown = await refusal(() => untyped(openModel, [network, { "no such option": 1 }]));
  expect(unknown.remedy).toContain(`There are: ${Object.keys(openOptions).join(", ")}`);
  for (const key of Object.keys(openOptions)) {
    const { message } = await refusal(() => untyped(openModel, [network, { [key]: Symbol("wrong") }]));
    expect(message).toMatch(new RegExp(`^openModel: option ${key}: .*expected`));
  }
});
