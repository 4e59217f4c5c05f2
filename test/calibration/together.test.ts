import { describe, expect, it } from "vitest";
import { calibrate, measure } from "../../src/calibration/calibrate.ts";
import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import { chosenCell, chosenLayers } from "../../src/calibration/loaded-model.ts";
import { together } from "../../src/calibration/probing.ts";
import type { ImageSource } from "../../src/input/listing.ts";
import { smallOnnx } from "../runtime/small-onnx.ts";
import { photographs, truncated } from "./photographs.ts";
import { runOf } from "./small-run.ts";

/** One run a layer. */
async function runsOf(some: readonly ImageSource[], more: Partial<ProbeRun> = {}): Promise<ProbeRun[]> {
  const run = await runOf(smallOnnx(), { photographs: some, crops: 2, ...more });
  return chosenLayers(run.model, "all").map((layer) => ({
    ...run,
    layer,
    geometry: chosenCell(run.model, layer, { kind: "central" }),
  }));
}

/** Photographs that count how often they are read. */
function counted(sources: readonly ImageSource[]) {
  const reads = new Map<string, number>();
  const watched = sources.map((source): ImageSource => ({
    ...source,
    get path() {
      reads.set(source.name, (reads.get(source.name) ?? 0) + 1);
      return source.path;
    },
  }));
  return { reads, watched };
}

const bits = ({ data }: { data: Float64Array }) => [...new BigUint64Array(data.buffer)];
const spoilt = (jpeg: Uint8Array, index: number) => (index % 9 === 4 ? truncated(jpeg) : jpeg);

describe("several layers over the same photographs", () => {
  it("give the bits that each gives alone, at a file read once for all", async () => {
    const { reads, watched } = counted(await photographs(30));
    const runs = await runsOf(watched, { crops: 1 });
    expect(runs.length).toBeGreaterThan(1);
    const side = await together(runs, (run) => measure(run));
    const shared = new Map(reads);
    reads.clear();
    await measure(runs[0] ?? (await runOf(smallOnnx())));
    expect(shared).toEqual(reads);
    for (const [place, run] of runs.entries())
      expect(bits(side[place]?.map ?? { data: new Float64Array() })).toEqual(bits((await measure(run)).map));
  });

  it("each skip what is damaged, and may stop when they have enough", async () => {
    const runs = await runsOf(await photographs(80, spoilt));
    const untils = runs.map((_, place) => (place === 0 ? 0.9 : undefined));
    const side = await together(runs, (run, place) => calibrate(run, { until: untils[place] }));
    const counts = side.map(({ calibration }) => calibration.images.views);
    expect(counts[0]).toBeLessThan(counts[1] ?? 0);
    for (const [place, run] of runs.entries()) {
      const alone = await calibrate(run, { until: untils[place] });
      expect({ ...side[place]?.calibration, provenance: null }).toEqual({
        ...alone.calibration,
        provenance: null,
      });
    }
  });

  it("end when one of them cannot begin; others are not stopped by one that fails on its way", async () => {
    const runs = await runsOf(await photographs(40));
    const images: number[] = [];
    const failing = (when: "before" | "later") =>
      together(runs, async (run, place) => {
        if (place === 0 && when === "before") throw new Error("no gradient");
        const onProgress = () => {
          images[place] = (images[place] ?? 0) + 1;
          if (place === 0) throw new Error("the disk is full");
        };
        return measure({ ...run, onProgress });
      });
    await expect(failing("before")).rejects.toThrow("no gradient");
    expect(images[1] ?? 0).toBeLessThan(80);
    images.length = 0;
    await expect(failing("later")).rejects.toThrow("the disk is full");
    expect(images[1]).toBe(80);
  });
});
