import { describe, expect, it } from "vitest";
import { ErfitError, inLibrary, kebab, onCommandLine, optionText } from "../../src/core/error.ts";

describe("an option in a message", () => {
  const text = `give ${optionText("inputShape", "1,3,224,224")}, or leave out ${optionText("anyCalibration")}`;

  it("is written as each front end's users write it", () => {
    expect(onCommandLine(text)).toBe("give --input-shape 1,3,224,224, or leave out --any-calibration");
    expect(inLibrary(text)).toBe("give inputShape: 1,3,224,224, or leave out anyCalibration");
    expect(kebab("plusPlusEpsilon")).toBe("plus-plus-epsilon");
  });

  it("of an error reads as the library has it, and can be read as the command line has it", () => {
    const error = new ErfitError(`${optionText("keep", 120)}: too much`, { remedy: text });
    expect(error.message).toBe("keep: 120: too much");
    expect(error.remedy).toBe(inLibrary(text));
    expect(onCommandLine(error.marked.message)).toBe("--keep 120: too much");
  });
});
