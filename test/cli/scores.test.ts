import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { casePath } from "../runtime/cases.ts";
import { folder, json, refusal, run, samplePhotograph } from "./erfit.ts";

const cat = samplePhotograph("cat.jpg");

/** A case's network in the tests' folder. */
function network(name: string): string {
  const path = join(folder, `${name}.onnx`);
  copyFileSync(casePath(name), path);
  return path;
}

const camDocument = z.object({
  layer: z.object({ name: z.string() }),
  scores: z.object({ output: z.string(), logits: z.string(), probability: z.string() }),
  images: z.array(
    z.object({
      classes: z.array(
        z.object({ class: z.string(), score: z.number(), probability: z.number().nullable() }),
      ),
    }),
  ),
});

async function cam(...args: readonly string[]) {
  const { layer, scores, images } = camDocument.parse(await json(["cam", ...args]));
  const [one] = images[0]?.classes ?? [];
  if (one === undefined) throw new Error("nothing was explained");
  return { layer: layer.name, scores, ...one };
}

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

describe("scores of many places", () => {
  const seg = network("seg");
  const refused = /seg\.onnx: output "seg" \[1, 4, 6, 7\] holds scores at many places.*--output; calibrate/;
  it.each([
    ["cam", [cat]],
    ["evaluate", [cat]],
    ["export cam", []],
  ])("%s refuses them with a remedy", async (command, images) => {
    expect(await refusal([...command.split(" "), seg, ...images])).toMatch(refused);
  });

  it("do not matter to a calibration", async () => {
    const { code, stderr } = await run(["probe", seg, cat, "--out", "probed"]);
    expect(code, stderr).toBe(0);
  });

  it("an index is refused with the tensor that it is made of", async () => {
    const index = network("seg_argmax");
    expect(await refusal(["cam", index, cat])).toMatch(
      /output "21" \[1, 64, 64\] comes from ArgMax of "\/Resize_output_0".*--output \/Resize_output_0/,
    );
    const { code, stdout } = await run(["layers", index]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("/Resize_output_0")]);
  });
});

describe("a network that ends in a sigmoid", () => {
  const binary = network("binary_sigmoid");
  it("has the sigmoid's probability, and says that once", async () => {
    const { score, probability, scores } = await cam(binary, cat, "--out", "binary");
    expect(probability).toBeCloseTo(sigmoid(score), 10);
    expect(probability).toBeLessThan(0.9);
    expect(scores).toEqual({ output: "13", logits: "/h/Gemm_output_0", probability: "sigmoid" });
    const { stderr } = await run(["cam", binary, cat, "--out", "binary2"]);
    expect(stderr.match(/its probability is that of the sigmoid/g)).toHaveLength(1);
  });

  it("is called by the second of two class names", async () => {
    writeFileSync(join(folder, "named.json"), JSON.stringify({ output: { classes: ["cat", "dog"] } }));
    copyFileSync(casePath("binary_sigmoid"), join(folder, "named.onnx"));
    expect((await cam(join(folder, "named.onnx"), cat, "--out", "named")).class).toBe("dog");
  });

  it("is evaluated by that probability", async () => {
    const photographs = z.object({
      rows: z.array(z.unknown()),
      scores: z.object({ probability: z.string() }),
    });
    const given = ["-m", "grad-cam", "--control", "shuffled", "--out", "evaluated"];
    const { scores } = photographs.parse(await json(["evaluate", binary, cat, ...given]));
    expect(scores.probability).toBe("sigmoid");
    const [head = "", ...lines] = readFileSync(join(folder, "evaluated/per-image.csv"), "utf8")
      .trim()
      .split("\n");
    const column = (line: string, name: string) => Number(line.split(",")[head.split(",").indexOf(name)]);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(column(line, "Y_probability")).toBeCloseTo(sigmoid(column(line, "Y_logit")), 6);
      expect(column(line, "O_probability")).toBeCloseTo(sigmoid(column(line, "O_logit")), 6);
    }
  });

  it("may be read as logits, which have no probability", async () => {
    expect((await cam(binary, cat, "--score-from", "logit", "--out", "logit")).probability).toBeNull();
    const evaluation = ["evaluate", binary, cat, "--score-from", "logit"];
    expect(await refusal(evaluation)).toMatch(/no probability that could drop/);
  });
});

describe("a network of several outputs", () => {
  const two = network("two");
  it("is explained by the one that holds class scores, and says which", async () => {
    const { scores, layer } = await cam(two, cat, "--out", "two");
    expect([scores.output, layer]).toEqual(["cls", "features"]);
    const { stderr } = await run(["layers", two]);
    expect(stderr).toMatch(
      /outputs "emb" \[1, 8, 6, 7\], "cls" \[1, 3\]; the class scores are read from "cls"/,
    );
  });

  it("lists what leads to the named one", async () => {
    const listing = z.object({
      output: z.object({ name: z.string() }),
      layers: z.array(z.object({ name: z.string(), default: z.boolean() })),
    });
    const { output, layers } = listing.parse(await json(["layers", two, "--output", "cls"]));
    expect(output.name).toBe("cls");
    expect(layers.map(({ name }) => name)).not.toContain("emb");
    expect(layers.find((layer) => layer.default)?.name).toBe("features");
  });

  it("refuses an unknown name with the nearest ones", async () => {
    for (const command of [
      ["cam", two, cat],
      ["layers", two],
      ["probe", two, cat],
    ])
      expect(await refusal([...command, "--output", "clss"])).toMatch(
        /no output named "clss" — nearest names: cls/,
      );
  });
});

describe("a vision transformer that reads its class token alone", () => {
  const vit = network("class_token");
  const normalization = "/blocks/blocks.1/norm1/LayerNormalization_output_0";
  const named = "blocks.1.norm1"; // its module
  it("is drawn where its cells still reach the scores, and says so", async () => {
    expect((await cam(vit, cat, "--out", "token")).layer).toBe(normalization);
    const { stderr } = await run(["layers", vit]);
    expect(stderr).toContain(`for class activation maps measure --layer "${named}"`);
  });

  it("tells which layer to calibrate", async () => {
    const photographs = ["cat.jpg", "rocket.jpg"].map(samplePhotograph);
    const calibrated = await run(["calibrate", vit, ...photographs, "--crops", "4", "--out", "usual"]);
    expect(calibrated.stderr).toContain(`measure --layer "${named}"`);
    const refused = await refusal(["cam", vit, cat, "-c", "usual/calibration.json"]);
    expect(refused).toContain(`\`erfit calibrate class_token.onnx PHOTOGRAPHS --layer "${named}"\``);
  });

  it("refuses a layer of which the class token alone is read", async () => {
    const last = ["--layer", "/blocks/blocks.1/Add_1_output_0"];
    expect(await refusal(["cam", vit, cat, ...last])).toContain(`take layer "${named}"`);
  });
});
