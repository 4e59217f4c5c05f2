import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { openModel } from "../../../src/runtime/open.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";
import { noise } from "../../onnx/small-model.ts";
import { testedBackends } from "./backends.ts";
import { asGraph } from "./twins/as-graph.ts";
import { asLayers } from "./twins/as-layers.ts";
import { smallTwin } from "./twins/network.ts";

const image = noise([1, smallTwin.height, smallTwin.width, 3], 3);
const fast = testedBackends.filter((name) => name !== "cpu");

/** Growth of the process while `work` runs `count` times, in MiB. */
async function growth(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  for (let k = 0; k < count; k++) await work();
  return (process.memoryUsage.rss() - before) / 2 ** 20;
}

describe.each(fast)("memory on %s", (backend) => {
  it.each([
    ["layers", asLayers],
    ["graph", asGraph],
  ] as const)("stays flat over 1,000 images of a %s model", async (_, format) => {
    const folder = await scratchFolder();
    await fill(folder, format(smallTwin));
    const { network } = await openModel(folder, { threads: 1, backend });
    const cell = [0, 6, 6, null];
    const program = await network.differentiate({
      target: "last",
      objective: { kind: "channel-mean", cell },
    });
    const explained = await network.differentiate({
      target: network.logits.name,
      objective: { kind: "top", of: "softmax" },
      withRespectTo: "last",
      alongside: [network.logits.name, "last"],
    });
    const forward = await network.forward({ outputs: ["last"] });
    const both = async () => {
      await program.run({ image });
      await explained.run({ image });
      await forward.run(image);
    };
    await growth(50, both); // the backend's own caches
    const { numTensors } = tf.memory();
    const grown = await growth(500, both);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(grown).toBeLessThan(64);
  });
});
