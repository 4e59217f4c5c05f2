import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  calibrate,
  cam,
  evaluate,
  fitGaussian,
  gradient,
  probe,
  readCalibration,
  readMap,
  type CamOfImage,
} from "../../../src/index.ts";
import { folder, json, readArray } from "../../cli/erfit.ts";
import { inputs, network, opened, shared } from "../small.ts";

/** Where a command is to write; its results must be those of the function, bit for bit. */
const out = (name: string) => join(folder, name);
const sigma = ["--sigma", `${shared.sigmaX},${shared.sigmaY}`];

describe("the functions give what the commands give", () => {
  it("probe", async () => {
    await json(["probe", network, ...inputs(5), "--protocol", "absolute", "--out", out("probe")]);
    const { map } = await probe(await opened(), inputs(5), { protocol: "absolute" });
    expect(map).toEqual(await readMap(join(out("probe"), "erf.npy")));
  });

  it("calibrate, and fit", async () => {
    const images = inputs(8);
    await json(["calibrate", network, ...images, "--layer", "last", "--out", out("calibration")]);
    const { map, calibration } = await calibrate(await opened(), images, { layer: "last" });
    const written = await readCalibration(join(out("calibration"), "calibration.json"));
    const { provenance } = written;
    expect({ ...calibration, provenance }).toEqual(written);
    const fit = await json(["fit", join(out("calibration"), "erf.npy")]);
    expect(fit).toMatchObject(JSON.parse(JSON.stringify(fitGaussian(map))) as object);
  });

  it("cam", async () => {
    const options = ["--method", "layercam", "extended", ...sigma, "--class", "top2", "--write", "maps"];
    await json(["cam", network, ...inputs(2), ...options, "--out", out("cam")]);
    const record = z
      .object({
        images: z.array(
          z.object({
            classes: z.array(
              z.object({
                classIndex: z.int(),
                score: z.number(),
                probability: z.number(),
                maps: z.array(z.object({ column: z.string(), files: z.object({ maps: z.string() }) })),
              }),
            ),
          }),
        ),
      })
      .parse(JSON.parse(readFileSync(join(out("cam"), "cam.json"), "utf8")));
    const expected = await Promise.all(
      record.images.flatMap(({ classes }) =>
        classes.flatMap(({ classIndex, score, probability, maps }) =>
          maps.map(async ({ column: key, files }) => {
            const { data } = await readMap(join(out("cam"), files.maps));
            return { classIndex, score, probability, key, data };
          }),
        ),
      ),
    );
    const found: CamOfImage[] = [];
    const given = { method: ["layercam", "extended"], sigma: shared, class: "top2" } as const;
    for await (const one of cam(await opened(), inputs(2), given)) found.push(one);
    expect(
      found.map(({ classIndex, score, probability, key, map: { data } }) => ({
        classIndex,
        score,
        probability,
        key,
        data,
      })),
    ).toEqual(expected);
  });

  it("gradient", async () => {
    const [x = ""] = inputs(1);
    const path = out("gradient.npy");
    await json(["gradient", network, x, "--target", "logits", "--index", "2", "--out", path]);
    const found = await gradient(await opened(), x, { target: "logits", index: 2 });
    expect(found.data).toEqual(readArray(path).data);
  });

  it("evaluate", async () => {
    const methods = ["-m", "grad-cam", "extended", "--control", "shuffled", "other-image"];
    const args = [...inputs(4), ...methods, ...sigma, "--fill", "mean", "--resamples", "200"];
    const written = await json(["evaluate", network, ...args, "--out", out("evaluation")]);
    const { evaluation, reading } = await evaluate(await opened(), inputs(4), {
      method: ["grad-cam", "extended"],
      control: ["shuffled", "other-image"],
      sigma: shared,
      fill: "mean",
      resamples: 200,
    });
    const { rows, differences } = evaluation;
    expect(written).toMatchObject({ rows, differences, reading });
  });
});
