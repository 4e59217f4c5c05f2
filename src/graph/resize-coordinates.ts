import type { Operators } from "./operators.ts";

type Resize = Operators["Resize"];

/** Input coordinate of an output position (ONNX Resize, `coordinate_transformation_mode`). */
type Coordinate = (position: number, scale: number, input: number, output: number) => number;

const coordinates: Readonly<Record<Resize["coordinateTransformation"], Coordinate>> = {
  half_pixel: (position, scale) => (position + 0.5) / scale - 0.5,
  half_pixel_symmetric: (position, scale, input, output) => {
    const adjustment = output / (scale * input);
    return (input / 2) * (1 - adjustment) + (position + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (position, scale, _, output) => (output > 1 ? (position + 0.5) / scale - 0.5 : 0),
  align_corners: (position, _, input, output) => (output > 1 ? (position * (input - 1)) / (output - 1) : 0),
  asymmetric: (position, scale) => position / scale,
};

/** Where an output position of a Resize lies in the input, along one axis of `input` elements. */
export const inputCoordinate = (
  { coordinateTransformation, scales, shape }: Resize,
  axis: number,
  position: number,
  input: number,
): number => coordinates[coordinateTransformation](position, scales[axis] ?? 1, input, shape[axis] ?? 1);
