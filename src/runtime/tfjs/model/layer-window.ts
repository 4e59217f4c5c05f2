import { kernelWindow, pointwise, shifted, type Window } from "../window.ts";

/** What a layer says of itself, in TF.js's spelling of Keras' words. */
export type Config = Readonly<Record<string, unknown>>;

/** Numbers of a configuration: one stands for both axes; pairs are laid end to end. */
export const numbersIn = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flat().map(Number) : typeof value === "number" ? [value, value] : [];

export const channelsLast = (config: Config): boolean => config["dataFormat"] !== "channelsFirst";

const beforeOf = (config: Config): readonly [number, number] | "same" =>
  config["padding"] === "same" ? "same" : [0, 0];

const kernelOf = (config: Config, size: "kernelSize" | "poolSize"): Window | null =>
  channelsLast(config)
    ? kernelWindow(
        numbersIn(config[size]),
        numbersIn(config["strides"]),
        numbersIn(config["dilationRate"]),
        beforeOf(config),
      )
    : null;

const frame =
  (key: "padding" | "cropping", sign: 1 | -1) =>
  (config: Config): Window | null => {
    const [top = 0, , left = 0] = numbersIn(config[key]);
    return channelsLast(config) ? shifted(sign * top, sign * left) : null;
  };

const convolution = (config: Config) => kernelOf(config, "kernelSize");
const pool = (config: Config) => kernelOf(config, "poolSize");
const everyElement = () => pointwise;

/** What cells of a layer's output read, by class; layers that are not here mix the image, or cannot be told. */
const windows: Readonly<Record<string, (config: Config) => Window | null>> = {
  Conv2D: convolution,
  DepthwiseConv2D: convolution,
  SeparableConv2D: convolution,
  MaxPooling2D: pool,
  AveragePooling2D: pool,
  ZeroPadding2D: frame("padding", 1),
  Cropping2D: frame("cropping", -1),
  Activation: everyElement,
  ReLU: everyElement,
  LeakyReLU: everyElement,
  ELU: everyElement,
  ThresholdedReLU: everyElement,
  PReLU: everyElement,
  BatchNormalization: everyElement,
  LayerNormalization: everyElement,
  Rescaling: everyElement,
  Dropout: everyElement,
  SpatialDropout2D: everyElement,
  GaussianNoise: everyElement,
  GaussianDropout: everyElement,
  AlphaDropout: everyElement,
  Dense: everyElement,
  Add: everyElement,
  Subtract: everyElement,
  Multiply: everyElement,
  Average: everyElement,
  Maximum: everyElement,
  Minimum: everyElement,
  Concatenate: everyElement,
};

/** What cells of a layer's output read; null where that cannot be told. */
export const layerWindow = (type: string, config: Config): Window | null => windows[type]?.(config) ?? null;
