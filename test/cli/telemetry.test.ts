import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, inCheckout } from "./erfit.ts";
import { sound, written } from "./networks.ts";

it("ONNX Runtime leaves no identifier of the machine in the user's home", () => {
  const home = join(folder, "home");
  mkdirSync(home);
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: home, ORT_DISABLE_TELEMETRY: undefined };
  const words = [inCheckout("bin/erfit.js"), "layers", written("net.onnx", sound)];
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(readdirSync(home)).toEqual([]);
});
