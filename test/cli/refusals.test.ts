import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noise } from "../onnx/small-model.ts";
import { folder, inCheckout, refusal, run, sampleModel } from "./erfit.ts";
import {
  array,
  constantBranch,
  nanInGradient,
  nanInWeights,
  sound,
  unknownOperator,
  withoutGradient,
  written,
} from "./networks.ts";

mkdirSync(join(folder, "empty"));
writeFileSync(join(folder, "words.onnx"), "These are words, not weights.\n");
writeFileSync(join(folder, "nothing.onnx"), "");
writeFileSync(join(folder, "cut.onnx"), readFileSync(sampleModel).subarray(0, 1_000_000));
writeFileSync(join(folder, "list.txt"), "there.npy\nnot-there.npy\n");
writeFileSync(join(folder, "notes.md"), "no image");
array("there.npy");
array("wrong.npy", noise([1, 3, 8, 8]));
array("worse.npy", noise([7]));

written("net.onnx", sound);
written("branch.onnx", constantBranch);
written("own.onnx", withoutGradient);
written("unknown.onnx", unknownOperator);
written("nan.onnx", nanInWeights);
written("steep.onnx", nanInGradient);
const resnet = inCheckout("test/fixtures/gradients/resnet_tiny/model.onnx");

type Refused = readonly [what: string, args: readonly string[], words: RegExp];

let folders = 0;
/** Into a folder of its own: two runs at a time cannot share one. */
const probe = (...args: readonly string[]): readonly string[] => [
  "probe",
  ...args,
  "--out",
  `out-${++folders}`,
];

const models: readonly Refused[] = [
  ["missing", ["layers", "gone.onnx"], /gone\.onnx: no such file/],
  ["a folder", ["layers", "empty"], /empty: is a folder/],
  ["a text", ["layers", "words.onnx"], /words\.onnx: .*ONNX.* text file/],
  ["an empty file", ["layers", "nothing.onnx"], /nothing\.onnx: .*empty file/],
  ["cut short", ["layers", "cut.onnx"], /cut\.onnx: .*cut short/],
  [
    "of an operator that nobody has",
    ["layers", "unknown.onnx"],
    /my\.own::Frobnicate of node "\/stem\/act\/own"/,
  ],
  [
    "with NaN in its weights",
    probe("nan.onnx", "there.npy"),
    /weights on the way to the target hold NaN or infinity: w2/,
  ],
  [
    "with NaN in its weights, explained",
    ["cam", "nan.onnx", "there.npy"],
    /weights on the way to the target hold NaN or infinity: w2/,
  ],
  [
    "with NaN in its gradients",
    probe("steep.onnx", "there.npy"),
    /there\.npy could not be used: .*gradient holds NaN/,
  ],
  [
    "at another size",
    probe("net.onnx", "there.npy", "--input-shape", "1,3,8,8"),
    /\[1,3,12,12\].*\[1,3,8,8\]/,
  ],
  [
    "of another input",
    probe("net.onnx", "there.npy", "--input-name", "z"),
    /no image input named "z".*"image"/,
  ],
];

const layers: readonly Refused[] = [
  [
    "unknown",
    probe(sampleModel, "there.npy", "--layer", "block5_conv9"),
    /"block5_conv9" — nearest names: block5_conv\d/,
  ],
  [
    "an unknown module",
    probe(resnet, "there.npy", "--layer", "m.layer4.0.act9"),
    /nearest names: .*layer4\.0\.act2/,
  ],
  [
    "that no image reaches",
    probe("branch.onnx", "there.npy", "--layer", "offset"),
    /"offset" .*the image does not reach it/,
  ],
  [
    "that no image reaches, explained",
    ["cam", "branch.onnx", "there.npy", "--layer", "offset"],
    /"offset" .*does not reach/,
  ],
  [
    "that is no feature map",
    probe("net.onnx", "there.npy", "--layer", "logits"),
    /"logits" of shape \[1, 3\] is not a feature map/,
  ],
  [
    "behind an operator without gradient",
    probe("own.onnx", "there.npy", "--layer", "last"),
    /operator com\.microsoft::Trilu of node "\/stem\/act\/own".*no gradient/,
  ],
  [
    "before an operator without gradient, explained",
    ["cam", "own.onnx", "there.npy", "--layer", "first"],
    /Trilu of node "\/stem\/act\/own".*no gradient/,
  ],
  [
    "with no such cell",
    probe("net.onnx", "there.npy", "--cell", "6,6"),
    /cell 6,6 is outside layer "last".*6 rows and 6 columns/,
  ],
  ["with no tokens", probe("net.onnx", "there.npy", "--token", "1"), /"last" is a NCHW map, not tokens/],
  [
    "with cell and token",
    probe("net.onnx", "there.npy", "--token", "1", "--cell", "0,0"),
    /--cell and --token/,
  ],
];

const images: readonly Refused[] = [
  ["missing", probe("net.onnx", "gone.jpg"), /gone\.jpg: no such file or folder/],
  ["an empty folder", probe("net.onnx", "empty"), /empty: no image in this folder/],
  ["a pattern without a match", probe("net.onnx", "empty/*.jpg"), /empty\/\*\.jpg: matches no image/],
  ["of no kind that is known", probe("net.onnx", "notes.md"), /notes\.md: not an image/],
  ["listed but missing", probe("net.onnx", "list.txt"), /list\.txt, line 2: not-there\.npy: no such file/],
  [
    "tensors of another shape",
    probe("net.onnx", "wrong.npy"),
    /wrong\.npy: shape \[1, 3, 8, 8\].*\[1, 3, 12, 12\]/,
  ],
  [
    "two such tensors",
    probe("net.onnx", "wrong.npy", "worse.npy"),
    /not one of 2 photographs could be used; the first, wrong\.npy: .*shape/,
  ],
];

const options: readonly Refused[] = [
  ["an unknown command", ["calibrat", "net.onnx"], /no such command: calibrat — did you mean calibrate\?/],
  ["another unknown command", ["visualize"], /no such command: visualize — there are demo, layers/],
  ["too few arguments", ["probe", "net.onnx"], /probe needs PHOTOGRAPHS \(.*\) — for example `erfit probe /],
  ["too many arguments", ["layers", "net.onnx", "there.npy"], /unexpected argument: there\.npy/],
  ["an unknown option", ["layers", "net.onnx", "--frob"], /unknown option --frob/],
  ["an option of another command", ["layers", "net.onnx", "--crops", "2"], /unknown option --crops/],
  ["no value", probe("net.onnx", "there.npy", "--limit"), /--limit needs a value/],
  [
    "a word for a number",
    probe("net.onnx", "there.npy", "--crops", "two"),
    /--crops: expected a whole number, 1 or more/,
  ],
  ["half a photograph", probe("net.onnx", "there.npy", "--limit", "1.5"), /--limit: .*found 1\.5/],
  ["no crop at all", probe("net.onnx", "there.npy", "--crops", "0"), /--crops: .*found 0/],
  ["fewer than no threads", ["layers", "net.onnx", "--threads", "-1"], /--threads: .*found -1/],
  [
    "an unknown protocol",
    probe("net.onnx", "there.npy", "--protocol", "x"),
    /--protocol "x": expected one of "openerf"/,
  ],
  [
    "an unknown method",
    ["cam", "net.onnx", "there.npy", "--method", "x"],
    /--method: expected one of .*"extended"; found 'x'/,
  ],
  [
    "words in a shape",
    ["layers", "net.onnx", "--input-shape", "1,3,a,b"],
    /--input-shape: expected a whole number, 1 or more; found \[ 1, 3, 'a', 'b' \]/,
  ],
  [
    "two means",
    probe("net.onnx", "there.npy", "--mean", "1,2"),
    /--mean: expected 3 numbers, one a channel; found \[ 1, 2 \]/,
  ],
  ["a crop of another size", probe("net.onnx", "there.npy", "--crop", "8"), /crop 8.*12/],
  [
    "one option twice",
    probe("net.onnx", "there.npy", "-l", "last", "--layer", "first"),
    /--layer is given 2 times/,
  ],
];

describe.concurrent("one line and exit code 2", () => {
  describe.each([
    ["models", models],
    ["layers", layers],
    ["images", images],
    ["options", options],
  ])("%s", (_, refused) => {
    it.each(refused)("%s", async (__, args, words) => {
      expect(await refusal(args)).toMatch(words);
    });
  });

  it("a place that cannot be written, before any work is done", async () => {
    const work = ["probe", "net.onnx", "there.npy", "--out"];
    expect(await refusal([...work, "words.onnx"])).toMatch(/words\.onnx: cannot be written: a file stands/);
    expect(await refusal([...work, "words.onnx/below"])).toMatch(/cannot be written: a file stands/);
    expect(await refusal([...work, "/dev/null/below"])).toMatch(/cannot be written: a file stands/);
    expect(await refusal(["cam", "net.onnx", "there.npy", "--out", "words.onnx"])).toMatch(
      /cannot be written/,
    );
  });

  it.skipIf(process.platform !== "linux")("a place where no folder can be made", async () => {
    const gradient = ["gradient", "net.onnx", "there.npy", "--target", "last", "--out", "/proc/no/g.npy"];
    expect(await refusal(gradient)).toMatch(/\/proc\/no: cannot be written: no folder can be made there/);
  });
});

describe.concurrent("no mistake", () => {
  it("help and version, on stdout", async () => {
    const [help, version] = await Promise.all([run(["--help"]), run(["--version"])]);
    for (const command of ["demo", "layers", "calibrate", "cam", "probe", "fit", "gradient"])
      expect(help.stdout).toContain(`erfit ${command}`);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(version).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  it("NaN in a gradient that was asked for is said", async () => {
    const gradient = ["gradient", "steep.onnx", "there.npy", "--target", "last", "--out", "steep.npy"];
    const { code, stdout, stderr } = await run([...gradient, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ finite: false });
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: the gradient holds NaN or infinity/);
  });
});
