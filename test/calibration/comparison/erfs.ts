import type { ComparedErf } from "../../../src/calibration/comparison/compared.ts";
import type { Calibration } from "../../../src/calibration/schema.ts";
import { fitMap } from "../../../src/fit/fit.ts";
import type { GaussianFit } from "../../../src/fit/result.ts";
import { gaussianMap } from "../../../src/fit/surface.ts";
import { studentQuantile } from "../../../src/core/statistics.ts";
import { shapeOf } from "../../../src/erf/shape/shape.ts";

/** A calibration to be given numbers. */
const map = gaussianMap({ amplitude: 1, centerX: 31, centerY: 30, sigmaX: 6, sigmaY: 7 }, [64, 64]);
const fit = ((): GaussianFit => {
  const fitted = fitMap(map).fit;
  if (fitted === null) throw new Error("a Gaussian has a fit");
  return fitted;
})();
const calibration: Calibration = {
  format: "erfit-calibration",
  version: 2,
  model: { file: "net.onnx", sha256: "", input: { name: "x", shape: [], layout: "NCHW" } },
  layer: {
    label: "last",
    name: "last",
    module: null,
    shape: [1, 8, 14, 14],
    layout: "NCHW",
    grid: [14, 14],
    cell: [7, 7],
    stride: [16, 16],
    receptiveField: null,
  },
  protocol: "openerf",
  images: {
    views: 40,
    photographs: 40,
    cropsPerPhotograph: 1,
    shuffled: null,
    effectiveNumber: 40,
    largestContribution: null,
    skippedCount: 0,
    skipped: [],
    sha256: "",
  },
  preprocessing: { source: "sidecar" },
  fit: null,
  convergence: [],
  shape: shapeOf(map, { receptiveField: null }),
  warnings: [],
  provenance: { erfit: "", engine: "", node: "", platform: "", date: "", command: "" },
};

interface Numbers {
  readonly label: string;
  readonly sigma: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** Sigmas without each block, or how many there are. */
  readonly withoutBlock?: readonly number[];
  readonly images?: string;
  readonly model?: string;
  readonly protocol?: "openerf" | "absolute";
  readonly inputSide?: number;
  readonly field?: number;
}

/** A calibration with those numbers for both sigmas. */
export function erf(numbers: Numbers): ComparedErf {
  const {
    label,
    sigma,
    standardError,
    degreesOfFreedom,
    withoutBlock,
    images = label,
    model = "a",
  } = numbers;
  const half = studentQuantile(0.95, degreesOfFreedom) * standardError;
  const estimate = { value: sigma, standardError: 0.01, interval95: [sigma - half, sigma + half] as const };
  const blocks = withoutBlock ?? Array.from({ length: degreesOfFreedom + 1 }, () => sigma);
  const own = {
    ...fit,
    sigmaX: estimate,
    sigmaY: estimate,
    intervalSource: "photographs" as const,
    withoutBlock: blocks.map((value) => ({ sigmaX: value, sigmaY: value })),
  };
  const { inputSide = 224, field = 100, protocol = "openerf" } = numbers;
  return {
    label,
    path: `${label}/calibration.json`,
    fit: own,
    calibration: {
      ...calibration,
      fit: own,
      protocol,
      model: {
        ...calibration.model,
        sha256: model,
        input: { name: "x", shape: [1, 3, inputSide, inputSide], layout: "NCHW" },
      },
      images: { ...calibration.images, sha256: images },
      layer: {
        ...calibration.layer,
        label,
        name: label,
        receptiveField: { height: field, width: field, centerX: 111.5, centerY: 111.5 },
      },
    },
  };
}
