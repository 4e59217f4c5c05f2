import { z } from "zod";

const fullWidth = z
  .object({
    inner: z.number().describe("between the crossings of half the maximum nearest to it, pixels"),
    outer: z.number().describe("between the outermost ones: more than inner where the profile is jagged"),
  })
  .describe("full width at half maximum of the map's sums over columns (x) or rows (y)");

const circle = z.object({ radius: z.number(), share: z.number() });

const areas = z.array(
  z.object({
    share: z.number(),
    side: z.int().nullable().describe("pixels"),
    areaRatio: z.number().nullable().describe("area of the square over the image's"),
  }),
);

const radialMass = z.object({
  centerX: z.number(),
  centerY: z.number(),
  within: z.array(circle).describe("share of the sum within OpenERF's radii"),
  holding: z.array(circle).describe("least radii that hold the shares"),
});

/** What `shape` holds: statistics of the map beside the fit. */
export const shapeSchema = z
  .object({
    moments: z
      .object({
        centerX: z.number().describe("center of mass, pixels from the left"),
        centerY: z.number(),
        sigmaX: z.number().describe("root of the second central moment along x, pixels; of the whole map"),
        sigmaY: z.number(),
        covarianceXY: z.number().describe("square pixels"),
      })
      .nullable(),
    contributionAreas: areas
      .nullable()
      .describe("smallest squares around the image's central pixel that hold more than the share (RepLKNet)"),
    contributionAreasAroundCell: z
      .object({ centerX: z.int(), centerY: z.int(), areas })
      .nullable()
      .exactOptional()
      .describe(
        "the same around the pixel at the cell's own center; of a square beyond the border areaRatio is its part on the image",
      ),
    radialMass: radialMass
      .nullable()
      .describe("cumulative mass over the distance from the image's central pixel"),
    radialMassAroundCell: radialMass
      .nullable()
      .exactOptional()
      .describe("the same over the distance from the pixel at the cell's own center"),
    fullWidthX: fullWidth.nullable(),
    fullWidthY: fullWidth.nullable(),
    effectiveArea: z
      .object({
        centerX: z.number(),
        centerY: z.number(),
        centerOverMaximum: z.number(),
        pixels: z.int(),
        side: z
          .number()
          .describe("root of the number of pixels above 4.55 % of the center (Luo et al. 2016)"),
        theoreticalSide: z
          .number()
          .nullable()
          .describe("of a square as large as the theoretical receptive field's part on the image"),
        ratio: z.number().nullable().describe("side over theoreticalSide"),
      })
      .nullable(),
    missing: z
      .array(z.object({ statistic: z.string(), reason: z.string() }))
      .describe("why a statistic, or a part of one, is null"),
  })
  .describe("statistics of the map that take no Gaussian for granted");
