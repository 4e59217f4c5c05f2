import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { z } from "zod";

const inCheckout = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    peerDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(inCheckout("package.json")));

it("docs/dependencies.md tells of every dependency, and of no other", () => {
  const page = inCheckout("docs/dependencies.md");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const told = rows.flatMap((row) =>
    Array.from(row.split("|")[1]?.matchAll(/`([^`]+)`/g) ?? [], ([, name]) => name),
  );
  expect(told.toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
  for (const peer of Object.keys(manifest.peerDependencies))
    expect(page).toContain(`\`${peer}\` is an optional peer`);
});
