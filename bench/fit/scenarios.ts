/** How one photograph's map differs from the next, in a simulation. */
export interface Scenario {
  readonly says: string;
  /** Standard deviation in pixels of the kernel that smooths the noise: 0 for independent pixels. */
  readonly smoothing: number;
  /** Standard deviations of the center (pixels) and of ln sigma from photograph to photograph. */
  readonly jitter: { readonly center: number; readonly width: number };
  /** Standard deviation of ln(loudness), and how much of it goes with the width. */
  readonly loudness: { readonly spread: number; readonly withWidth: number };
  /** An envelope that is not a Gaussian: heavy tails under a checkerboard, as strided layers leave it. */
  readonly misfit: boolean;
}

const still = { center: 0, width: 0 } as const;
const quiet = { spread: 0, withWidth: 0 } as const;
const restless = { center: 1.5, width: 0.15 } as const;
const loud = { spread: 0.8, withWidth: 0.5 } as const;

/** The four of the issue; `lmfit`'s standard error fails in all, and the jackknife must not. */
export const scenarios = {
  independent: {
    says: "independent pixels under one Gaussian envelope",
    smoothing: 0,
    jitter: still,
    loudness: quiet,
    misfit: false,
  },
  correlated: {
    says: "neighboring pixels alike",
    smoothing: 2,
    jitter: still,
    loudness: quiet,
    misfit: false,
  },
  jittered: {
    says: "and every photograph with a center, a width and a loudness of its own",
    smoothing: 2,
    jitter: restless,
    loudness: loud,
    misfit: false,
  },
  misfit: {
    says: "and an envelope with heavy tails and a checkerboard",
    smoothing: 2,
    jitter: restless,
    loudness: loud,
    misfit: true,
  },
} as const satisfies Record<string, Scenario>;
