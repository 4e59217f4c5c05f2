import { describe, expect, it } from "vitest";
import { camMethods } from "../../src/cam/methods.ts";
import { upsamplers } from "../../src/cam/upsamplers.ts";
import { controls } from "../../src/cam/controls.ts";
import { didYouMean, meantBy, nearestOf } from "../../src/core/suggestion.ts";
import { keysOf } from "../../src/core/required.ts";
import { protocolNames } from "../../src/erf/protocols.ts";
import { fitChoices } from "../../src/fit/result.ts";
import { presets } from "../../src/input/resolve.ts";

describe("what was meant by", () => {
  it.each([
    ["gradcam", "grad-cam"],
    ["GradCAM", "grad-cam"],
    ["gradcam++", "grad-cam++"],
    ["gradcampp", "grad-cam++"],
    ["grad_cam_plus_plus", "grad-cam++"],
    ["smoothgradcam++", "smooth-grad-cam++"],
    ["scorecam", "score-cam"],
    ["ablation", "ablation-cam"],
    ["eigen_cam", "eigencam"],
    ["layer-cam", "layercam"],
    ["extened", "extended"],
    ["hires", "hirescam"],
  ])("%s, of the methods", (given, expected) => {
    expect(meantBy(given, keysOf(camMethods))).toBe(expected);
  });

  it.each([
    ["guassian", keysOf(upsamplers), "gaussian"],
    ["bi-linear", keysOf(upsamplers), "bilinear"],
    ["randm", keysOf(controls), "random"],
    ["otherimage", keysOf(controls), "other-image"],
    ["open-erf", protocolNames, "openerf"],
    ["abs", protocolNames, "absolute"],
    ["gausian", keysOf(fitChoices), "gaussian"],
    ["rotated background", keysOf(fitChoices), "rotated-background"],
    ["torch-vision", keysOf(presets), "torchvision"],
  ])("%s", (given, names, expected) => {
    expect(meantBy(given, names)).toBe(expected);
  });

  it.each(["", "zebra", "x", "noise"])("%j: nothing that is there", (given) => {
    expect(didYouMean(given, [...keysOf(camMethods), ...protocolNames])).toBeUndefined();
  });

  it("every name is itself", () => {
    for (const name of keysOf(camMethods)) expect(nearestOf(name, keysOf(camMethods))[0]).toBe(name);
  });
});
