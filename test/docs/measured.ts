import { join } from "node:path";
import { readCalibration } from "../../src/calibration/read.ts";
import type { Calibration } from "../../src/calibration/schema.ts";

const of = (folder: string, result: string): Promise<Calibration> =>
  readCalibration(join(folder, "outputs", result, "calibration.json"));

/** The radius that holds a share of the mass, in whole pixels. */
function radius({ shape }: Calibration, share: number): string {
  const held = shape.radialMass?.holding.find((one) => one.share === share);
  return held?.radius.toFixed(0) ?? "none";
}

/** RepLKNet's square with half of the mass. */
function square({ shape }: Calibration): string {
  const half = shape.contributionAreas?.find(({ share }) => share === 0.5);
  return half?.areaRatio == null
    ? "none: the map's sum is negative"
    : `${half.side} px, ${(100 * half.areaRatio).toFixed(1)} % of the image`;
}

/**
 * What pages say of the files that their commands have written, by page: sentences and rows that have to be there, from the
 * folder in which the commands ran.
 */
export const measured: Readonly<Record<string, (folder: string) => Promise<readonly string[]>>> = {
  async "docs/protocols.md"(folder) {
    const rows = await Promise.all(
      ["openerf", "absolute", "replknet", "signed"].map(async (protocol) => {
        const calibration = await of(folder, protocol);
        const { side } = calibration.shape.effectiveArea ?? {};
        return `| \`${protocol}\` | ${square(calibration)} | ${side?.toFixed(1) ?? "none"} px |`;
      }),
    );
    const { shape, warnings, fit } = await of(folder, "signed");
    const negative = shape.missing.find(({ statistic }) => statistic === "radialMass")?.reason.split(" ")[0];
    return [
      ...rows,
      `cancel, ${negative ?? "none"} % of the rest is negative`,
      `erfit warns \`${warnings[0]?.code ?? "none"}\`, and fits ${fit === null ? "nothing" : "a Gaussian"}`,
    ];
  },
  async "docs/what-is-an-erf.md"(folder) {
    const layers = ["block3_conv3", "block4_conv3", "block5_conv3"] as const;
    const [three, four, five] = await Promise.all(layers.map((layer) => of(folder, `layers/${layer}`)));
    const [one, seven, views] = await Promise.all(["one", "seven", "views"].map((name) => of(folder, name)));
    if (!three || !four || !five) throw new Error("the three layers were not measured");
    const rSquared = (calibration?: Calibration) => calibration?.fit?.rSquared.toFixed(2) ?? "none";
    const sigma = (axis: "sigmaX" | "sigmaY") => five.fit?.[axis].value.toFixed(1) ?? "none";
    return [
      `half of its mass is within ${radius(five, 0.5)} pixels of the middle, and 90 % within ${radius(five, 0.9)}.`,
      `are what \`erfit calibrate\` measures: here ${sigma("sigmaX")} and ${sigma("sigmaY")} pixels.`,
      `Half of the mass is within ${radius(three, 0.5)} pixels of the middle at block3_conv3, ${radius(four, 0.5)} at block4_conv3 and ${radius(five, 0.5)} at block5_conv3.`,
      `rises from ${rSquared(one)} with one photograph to ${rSquared(seven)} with seven and ${rSquared(views)} with 56 views of them`,
    ];
  },
};
