import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRegular } from "../../src/io/read.ts";
import { listImages } from "../../src/input/listing.ts";
import { loadInput } from "../../src/input/load.ts";
import { resolvePreprocessing } from "../../src/input/resolve.ts";
import { fill, scratchFolder } from "../input/pictures.ts";

const linux = process.platform === "linux";

describe("a file in anyone's folder", () => {
  it("is read whole", async () => {
    const folder = await scratchFolder();
    await fill(folder, { file: "words" });
    expect((await readRegular(join(folder, "file"))).toString()).toBe("words");
    await expect(readRegular(folder)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(readRegular(join(folder, "gone"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.runIf(linux)("that is a pipe or a device is refused, and not waited for", async () => {
    const folder = await scratchFolder();
    execFileSync("mkfifo", [join(folder, "pipe.jpg")]);
    execFileSync("ln", ["-s", "/dev/zero", join(folder, "zero.jpg")]);
    const listed = await listImages([join(folder, "pipe.jpg"), join(folder, "zero.jpg")]);
    const preprocessing = resolvePreprocessing({ inputSize: [8, 8] });
    for (const source of listed)
      await expect(loadInput(source, preprocessing, "NCHW")).rejects.toThrow(
        /(pipe|zero)\.jpg: cannot be read: a pipe, socket or device, not a file/,
      );
  });

  it("that is longer than any photograph is refused unread", async () => {
    const path = join(await scratchFolder(), "long");
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40); // of holes
    await expect(readRegular(path)).rejects.toThrow("its 1099511627776 bytes are more than");
  });
});
