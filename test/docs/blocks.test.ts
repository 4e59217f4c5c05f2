import { beforeAll, describe, expect, it } from "vitest";
import { pages } from "./markdown.ts";
import { runner } from "./run-block.ts";
import { scratch } from "./scratch.ts";

/** Each page in a folder of its own, its blocks in their order: what one writes, the next may read. */
describe.each(pages.filter(({ blocks }) => blocks.length > 0))("$path", ({ path, blocks }) => {
  let run: ReturnType<typeof runner>;
  beforeAll(async () => {
    run = runner(path, await scratch());
  });

  // The edits of one page are made and compiled by a test of their own, extending.test.ts.
  const elsewhere = path === "docs/extending.md" ? "diff" : "";
  it.each(blocks.filter(({ language }) => language === "" || language !== elsewhere))(
    "line $line, $language",
    async (block) => {
      const undone = await run(block);
      if (undone !== "") console.warn(`${path}:${block.line} ${undone}`);
    },
  );
});

it("every block that is not run is known, and why", () => {
  const known = pages.flatMap(({ path, blocks }) =>
    blocks.flatMap(({ notRun, code }) =>
      notRun === null ? [] : [`${path}: ${(code.split("\n")[0] ?? "").replaceAll(/\s+/g, " ")} (${notRun})`],
    ),
  );
  expect(known).toMatchInlineSnapshot(`
    [
      "docs/architecture.md: photographs ── input ──▶ tensors ───────────────────┐ (a drawing)",
      "docs/cluster.md: #!/bin/bash (needs Slurm; scripts/slurm-test.sh runs such an array)",
      "docs/cluster.md: export MODEL=resnet50.onnx PHOTOGRAPHS=imagenet/val SHARDS=shards (needs Slurm; scripts/slurm-test.sh runs such an array)",
      "docs/dependencies.md: npm run build && npm pack # in the checkout: erfit-0.1.0.tgz (scripts/check-package.sh does it, in an empty project)",
    ]
  `);
});
