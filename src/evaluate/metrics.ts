/** The confidence in the explained class: of the whole photograph (Y) and of the masked one (O). */
interface Confidences {
  readonly whole: number;
  readonly masked: number;
}

/** What an evaluation may call confidence. */
export const confidences = {
  probability: { title: "probability" },
  logit: { title: "logit" },
} as const;

export type ConfidenceName = keyof typeof confidences;

interface Metric {
  readonly title: string;
  readonly paper: string;
  readonly better: "lower" | "higher";
  /** Confidences that it has a meaning for: 1 - Y is the room above a probability, and nothing for a logit. */
  readonly of: readonly ConfidenceName[];
  /** What one photograph brings to the mean, in percent; Y is above 0. */
  readonly term: (confidences: Confidences) => number;
}

/** Every metric is the mean of a term over photographs. */
export const metrics = {
  drop: {
    title: "Average Drop %",
    paper: "Chattopadhay et al. 2018",
    better: "lower",
    of: ["probability", "logit"],
    term: ({ whole: Y, masked: O }) => (100 * Math.max(0, Y - O)) / Y,
  },
  increase: {
    title: "% Increase",
    paper: "Chattopadhay et al. 2018",
    better: "higher",
    of: ["probability", "logit"],
    term: ({ whole: Y, masked: O }) => (O > Y ? 100 : 0),
  },
  gain: {
    title: "Average Gain %",
    paper: "Zhang et al. 2024 (Opti-CAM)",
    better: "higher",
    of: ["probability"],
    term: ({ whole: Y, masked: O }) => (O > Y ? (100 * (O - Y)) / (1 - Y) : 0),
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** The metrics that have a meaning for the confidence. */
export const metricsOf = (confidence: ConfidenceName): readonly MetricName[] =>
  (Object.keys(metrics) as MetricName[]).filter((name) => {
    const { of }: Metric = metrics[name];
    return of.includes(confidence);
  });
