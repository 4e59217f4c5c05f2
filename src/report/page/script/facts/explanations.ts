interface Explanation {
  readonly means: string;
  readonly remedy: string;
}

/** What each warning means and what to do about it, in the words of docs/fit.md. */
export const explanations: Readonly<Record<string, Explanation>> = {
  TOO_FEW_PIXELS: { means: "no fit: fewer than 3 pixels along an axis", remedy: "use a larger input" },
  NON_FINITE: {
    means: "no fit: NaN or infinity in the map",
    remedy: "look for NaN in the weights or in an input",
  },
  ZERO_MASS: {
    means: "no fit: zero everywhere, or positive and negative parts cancel",
    remedy: "choose another layer or cell; protocol openerf or absolute",
  },
  NEGATIVE_MASS: {
    means: "no fit: dividing by the sum would turn the map upside down",
    remedy: "protocol openerf or absolute",
  },
  FLAT: { means: "no fit: the map is constant", remedy: "choose a layer before global pooling" },
  NO_PEAK: {
    means: "no fit: no Gaussian is better than a constant (AIC)",
    remedy: "more photographs, or another layer",
  },
  RUNS_AWAY: {
    means: "the best fit lies outside any sensible range; no fit where none lies inside",
    remedy: "larger input, or a layer with a smaller receptive field",
  },
  SINGLE_PIXEL: {
    means: "no fit: any sigma below 0.3 px fits as well",
    remedy: "look for a hot pixel or a strided shortcut",
  },
  SINGULAR: { means: "no fit: the map does not determine all parameters", remedy: "use a larger input" },
  NOT_CONVERGED: {
    means: "the fit stopped short of the optimum",
    remedy: "allow more iterations, or use more photographs",
  },
  SECOND_MINIMUM: {
    means: "another Gaussian explains a comparable part",
    remedy: "look at the plot before using sigma",
  },
  TWO_PEAKS: {
    means: "two separate peaks",
    remedy: "look for a path to another place; more photographs",
  },
  UNRESOLVED: { means: "sigma below half a pixel", remedy: "use a larger input" },
  SIGMA_BEYOND_HALF_MAP: { means: "sigma is extrapolated", remedy: "use a larger input" },
  CENTER_OUTSIDE: { means: "the center is not on the map", remedy: "probe a cell nearer the middle" },
  CENTER_OFF_THEORY: {
    means: "more than half a sigma from the middle of the theoretical field, or the cell's place",
    remedy: "check the layer and the cell; more photographs",
  },
  EXTRAPOLATED: {
    means: "less than 90 % of the Gaussian lies on the map",
    remedy: "larger input, or a cell nearer the middle",
  },
  SPIKE_ON_PEDESTAL: {
    means: "the whole map is over 2.5 times as wide as the Gaussian, which has at most 75 % of the mass",
    remedy: "report the spike's share and the whole map's spread",
  },
  LOW_R_SQUARED: {
    means: "R² below 0.3: noise, or another shape",
    remedy: "use more photographs, unless another warning names a shape",
  },
  SMALL_MASS: {
    means: "amplitude below 0.5: sigma is that of a central spike",
    remedy: "compare with the contribution area",
  },
  BACKGROUND_CHANGES_SIGMA: {
    means: "on a constant background sigma differs by more than a quarter",
    remedy: "--fit-model auto, and report both",
  },
  NO_ANGLE: {
    means: "round within its uncertainty: theta is undetermined",
    remedy: "use gaussian or isotropic",
  },
  ON_BOUND: { means: "OpenERF's fit ends on a bound and calls it a success", remedy: "use the default fit" },
  OFF_OPTIMUM: {
    means: "OpenERF's fit is more than 1 % of sigma from the optimum",
    remedy: "use the default fit",
  },
  FEW_BLOCKS: {
    means: "fewer than 4 photographs: intervals are of the pixels",
    remedy: "use more photographs",
  },
  UNSTABLE_BLOCKS: {
    means: "without one of the blocks there is no fit: intervals are of the pixels",
    remedy: "use more photographs",
  },
  FEW_PHOTOGRAPHS: { means: "fewer than 20 photographs", remedy: "at least 20, better 100" },
  ONE_PHOTOGRAPH_DOMINATES: {
    means: "one photograph has more than a quarter of the mass, and twice an equal share",
    remedy: "leave it out, or use more photographs",
  },
  IMAGES_SKIPPED: { means: "views could not be used", remedy: "their reasons are in images.skipped" },
  SAME_MAP: {
    means: "all photographs give the same map: the network is linear up to this layer, or nearly so",
    remedy: "check that it is trained; the interval means little",
  },
  ROUNDING_NOISE: {
    means: "no fit: the channels' mean is the same for every image, as after a softmax",
    remedy: "choose a layer before that one",
  },
  CROSS: {
    means: "there is also a Gaussian across the fitted one: sigma is that of one arm",
    remedy: "report both arms, or the contribution area",
  },
  LOGARITHM: {
    means: "of erfit fit: the map looks like the logarithm of a field",
    remedy: "fit the map before the logarithm",
  },
  DUPLICATE_PHOTOGRAPHS: {
    means: "photographs have the same bytes; intervals count each as another one",
    remedy: "leave them out",
  },
  SIGMA_BELOW_STRIDE: {
    means: "sigma is less than 0.43 of the cells' spacing: maps of Gaussians are lattices of dots",
    remedy: "bilinear upsampling, or a layer with a smaller stride",
  },
  OTHER_PREPROCESSING: {
    means: "of maps: the calibration was measured with another mean, std or resampling",
    remedy: "calibrate again with this preprocessing",
  },
  OTHER_CALIBRATION: {
    means: "of maps: the calibration is of another model, layer, input size or crop",
    remedy: "calibrate this model and layer",
  },
  TARGET_NOT_REACHED: {
    means: "there were too few photographs to reach --until",
    remedy: "the message estimates how many are needed",
  },
};
