import { z } from "zod";
import { keysOf } from "../core/required.ts";
import { protocolNames } from "../erf/protocols.ts";
import { gaussianCoordinates, models } from "../fit/model.ts";
import { shapeSchema } from "./shape-schema.ts";

const estimate = z
  .object({
    value: z.number(),
    standardError: z
      .number()
      .describe("least-squares standard error, as lmfit defines it: of the pixels' scatter around the fit"),
    interval95: z
      .tuple([z.number(), z.number()])
      .describe("95 % confidence interval; see fit.intervalSource"),
  })
  .describe("a fitted parameter");

const warning = z.object({ code: z.string(), message: z.string() });

const secondMinimum = z
  .object({
    amplitude: z.number(),
    centerX: z.number(),
    centerY: z.number(),
    sigmaX: z.number(),
    sigmaY: z.number(),
    sumOfSquares: z.number(),
  })
  .describe("another minimum of the sum of squares that explains a comparable share of the map");

const model = z.enum(keysOf(models));

const fit = z.object({
  model: model.describe("name of the fitted model"),
  sigmaX: estimate.describe("standard deviation along x (columns), pixels"),
  sigmaY: estimate.describe("standard deviation along y (rows), pixels"),
  centerX: estimate.describe("center, pixels from the left; pixel centers are integers"),
  centerY: estimate.describe("center, pixels from the top"),
  amplitude: estimate.describe("integral of the Gaussian over the plane, as a share of the map's sum"),
  background: estimate
    .exactOptional()
    .describe("constant under the Gaussian, as a share of the map's sum per pixel"),
  rho: estimate.exactOptional().describe("correlation of x and y under the Gaussian"),
  sigmaMajor: estimate.exactOptional().describe("standard deviation along the longer axis, pixels"),
  sigmaMinor: estimate.exactOptional().describe("standard deviation along the shorter axis, pixels"),
  theta: estimate
    .exactOptional()
    .describe("angle of the longer axis, radians from +x (right) towards +y (down), in (-π/2, π/2]"),
  rSquared: z.number().describe("1 - var(residual) / var(map), OpenERF's definition"),
  rSquaredTotal: z.number().describe("1 - SSE / SST"),
  correlation: z
    .record(z.string(), z.record(z.string(), z.number()))
    .describe("correlations of the parameters' estimates"),
  intervalSource: z
    .enum(["photographs", "pixels"])
    .describe(
      "what interval95 is over: photographs (jackknife over blocks of them) or pixels (standard error)",
    ),
  withoutBlock: z
    .array(z.object({ sigmaX: z.number(), sigmaY: z.number() }))
    .exactOptional()
    .describe(
      "the sigmas without each block of photographs in turn: what the intervals over photographs, and paired comparisons, are made of",
    ),
  sumOfSquares: z.number(),
  reducedChiSquare: z.number(),
  aic: z.number(),
  bic: z.number(),
  iterations: z.int(),
  converged: z.boolean(),
  secondMinimum: secondMinimum.exactOptional(),
  relativeOffset: z.number().describe("Bates and Watts' convergence criterion at the end"),
  openerf: z
    .object({
      stop: z.enum(["sum of squares", "parameters", "gradient", "iterations"]).describe("why it stopped"),
      onBound: z
        .array(z.enum(gaussianCoordinates))
        .describe("parameters that ended on one of OpenERF's bounds"),
    })
    .exactOptional()
    .describe("of a fit that reproduces OpenERF's"),
});

const comparison = z
  .object({
    alternatives: z.array(fit).describe("the other models of the same map that can honestly be reported"),
    preferred: z
      .object({ aic: model.nullable(), bic: model.nullable() })
      .describe("the model with the lowest AIC, and with the lowest BIC, of fit and alternatives"),
  })
  .describe("other models beside the one reported, where the fit model is auto");

const convergencePoint = z.object({
  photographs: z.int(),
  sigmaX: z.number(),
  sigmaY: z.number(),
  halfWidthX: z.number().describe("half the width of the 95 % interval over photographs, pixels"),
  halfWidthY: z.number(),
});

/** What `calibration.json` holds. The published JSON schema is made from this. */
export const calibrationSchema = z
  .object({
    format: z.literal("erfit-calibration"),
    version: z.literal(2),
    model: z.object({
      file: z.string(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      input: z.object({ name: z.string(), shape: z.array(z.int()), layout: z.enum(["NCHW", "NHWC"]) }),
    }),
    layer: z.object({
      label: z
        .string()
        .describe("what the layer is called: the name that was asked for, else its module or its tensor"),
      name: z.string().describe("the tensor's name in the model"),
      module: z.string().nullable().describe("the exporter's module, where the file records it"),
      shape: z.array(z.int()),
      layout: z.enum(["NCHW", "NHWC", "NTC", "NCT"]),
      grid: z.tuple([z.int(), z.int()]).describe("[rows, columns] of the feature map"),
      cell: z.tuple([z.int(), z.int()]).describe("[row, column] that was probed, from 0"),
      stride: z.tuple([z.number(), z.number()]).describe("pixels from cell to cell, [vertical, horizontal]"),
      receptiveField: z
        .object({ height: z.number(), width: z.number(), centerY: z.number(), centerX: z.number() })
        .nullable()
        .describe("theoretical receptive field of the cell, pixels"),
    }),
    protocol: z.enum(protocolNames),
    images: z.object({
      views: z.int().describe("views that entered the map: photographs times crops, less the skipped"),
      photographs: z.int().describe("photographs (or ready tensors) of which at least one view was used"),
      cropsPerPhotograph: z.int(),
      shuffled: z
        .int()
        .nullable()
        .describe("seed of the random order that the photographs were taken in; null: the list's"),
      effectiveNumber: z
        .number()
        .describe(
          "(Σa)² / Σa² over the photographs' masses a: as many photographs of equal mass would tell as much",
        ),
      largestContribution: z
        .object({ name: z.string(), share: z.number() })
        .nullable()
        .describe("the photograph that contributes most, and its share of the map's total"),
      copies: z
        .object({ count: z.int(), example: z.string() })
        .exactOptional()
        .describe("photographs with the bytes of an earlier one in the list, where there are such"),
      skippedCount: z.int().describe("views that could not be used"),
      skipped: z.array(z.object({ name: z.string(), reason: z.string() })).describe("the first 100 of them"),
      sha256: z
        .string()
        .describe("of the names and contents of the views that could be read, in order, block by block"),
    }),
    preprocessing: z.looseObject({ source: z.string() }),
    fit: fit.nullable().describe("null where no Gaussian can honestly be reported; warnings say why"),
    comparison: comparison.exactOptional(),
    convergence: z
      .array(convergencePoint)
      .describe("sigma and its interval over photographs as photographs came in; the last one is the fit"),
    shape: shapeSchema,
    warnings: z.array(warning),
    provenance: z.object({
      erfit: z.string(),
      engine: z.string(),
      node: z.string(),
      platform: z.string(),
      date: z.string(),
      command: z.string(),
    }),
  })
  .meta({ title: "erfit calibration" })
  .describe("erfit calibration: the effective receptive field of one layer as a Gaussian");

/** Readonly at every depth: what a schema infers is mutable. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/**
 * What `calibration.json` holds, in its published schema's words: `model`, `layer`, `protocol`, `images`, `preprocessing`, `fit`
 * (null where no Gaussian can honestly be reported), `comparison`, `convergence`, `shape`, `warnings` and `provenance`.
 */
export interface Calibration extends DeepReadonly<z.infer<typeof calibrationSchema>> {}

/** Sigma as it stood after so many photographs. */
export type ConvergencePoint = Calibration["convergence"][number];

/**
 * JSON Schema (2020-12) of `calibration.json`; `erfit/calibration.schema.json` is its published copy.
 *
 * @example
 * ```ts
 * import { calibrationJsonSchema } from "erfit";
 *
 * console.log(JSON.stringify(calibrationJsonSchema()).slice(0, 40)); // {"$schema":"https://json-schema.org/dra…
 * ```
 */
export const calibrationJsonSchema = (): unknown => z.toJSONSchema(calibrationSchema, { io: "input" });
