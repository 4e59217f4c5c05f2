import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { doesNotLoad, nativeLibrary } from "../../src/runtime/native-library.ts";
import { ErfitError } from "../../src/core/error.ts";
import { refused } from "./refused.ts";

const library = {
  name: "Nothing",
  package: "@nobody/nothing-node",
  purpose: "nothing can be done",
  remedy: "use another machine",
};
const platform = `${process.platform}-${process.arch}`;

/** What Node itself says of a request. */
const thrownBy = async (load: () => unknown): Promise<unknown> => {
  try {
    return await load();
  } catch (thrown) {
    return thrown;
  }
};

describe("a native library that does not load", () => {
  const require = createRequire(import.meta.url);

  it("is not installed, where Node finds no package of its name", async () => {
    for (const load of [
      (): unknown => require(library.package),
      () => import(/* @vite-ignore */ library.package),
    ]) {
      const { message, remedy, kind } = doesNotLoad(library, await thrownBy(load));
      expect(message).toBe("nothing can be done: Nothing (package @nobody/nothing-node) is not installed");
      expect(remedy).toMatch(/install erfit again/);
      expect(kind).toBe("failure");
    }
  });

  it("has no binary, where the package is there and its binary is not", async () => {
    const binary = ["..", "bin", "darwin", "x64", "binding.node"].join("/");
    const thrown = await thrownBy((): unknown => require(binary));
    for (const each of [
      thrown,
      new Error('Could not load the "sharp" module using the linux-x64 runtime\nAdvice'),
    ]) {
      const { message, remedy } = doesNotLoad(library, each);
      expect(message).toBe(
        `nothing can be done: Nothing (package @nobody/nothing-node) has no binary for ${platform}`,
      );
      expect(remedy).toBe("use another machine");
    }
  });

  it("is loaded once, and fails the same way each time", async () => {
    let loads = 0;
    const loaded = nativeLibrary(library, () => Promise.resolve(++loads));
    expect([await loaded(), await loaded()]).toEqual([1, 1]);
    const broken = nativeLibrary(library, () => Promise.reject(new Error("wrong ELF class\nand more")));
    for (const error of [await refused(broken), await refused(broken)]) {
      expect(error).toBeInstanceOf(ErfitError);
      expect(error.message).toContain(`does not load on ${platform}: wrong ELF class`);
      expect(error.message).not.toContain("more");
    }
  });
});
