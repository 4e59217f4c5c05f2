import { TensorProto_DataType as DataType, type TypeProto, type ValueInfoProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { sizeOf, type Shape } from "../../core/tensor.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { typeName } from "../file/element-type.ts";

/** More pixels and channels than this (256 MiB of float32) is no image that a network is run on. */
const mostElements = 2 ** 26;

/** The model's image input with the shape that it is going to have. */
export interface ImageInput {
  readonly value: Value;
  /** Whether the file left the image's channels, height or width open. */
  readonly symbolic: boolean;
  /** The name that the file gives its open batch size: it stands for 1 from here on. */
  readonly batchSymbol: string | undefined;
}

type Extent = number | undefined;

/** Declared extents, undefined where open (some exporters write 0 or -1 there); undefined where no shape is declared. */
function declaredShape(type: TypeProto | undefined): readonly Extent[] | undefined {
  if (type?.value.case !== "tensorType") return undefined;
  return type.value.value.shape?.dim.map(({ value }) =>
    value.case === "dimValue" && value.value > 0n ? Number(value.value) : undefined,
  );
}

const elementType = (info: ValueInfoProto): number =>
  info.type?.value.case === "tensorType" ? info.type.value.value.elemType : untyped;

const shapeText = (shape: readonly Extent[] | undefined): string =>
  shape === undefined ? "[...]" : `[${shape.map((extent) => extent ?? "?").join(",")}]`;

const described = (info: ValueInfoProto): string =>
  `"${info.name}" ${typeName(elementType(info))}${shapeText(declaredShape(info.type))}`;

const untyped: number = DataType.UNDEFINED;
const float: number = DataType.FLOAT;

/** A float tensor of four dimensions, or of unknown ones. */
const imageLike = (info: ValueInfoProto): boolean =>
  elementType(info) === float && (declaredShape(info.type)?.length ?? 4) === 4;

function chosenInput(graph: FileGraph, name: string | undefined): ValueInfoProto {
  const { file, inputs } = graph;
  const listed = inputs.length === 0 ? "none" : inputs.map(described).join(", ");
  const candidates = inputs.filter(imageLike);
  const [first] = name === undefined ? candidates : candidates.filter((info) => info.name === name);
  if (name !== undefined && first === undefined) {
    throw new ErfitError(`${file} has no image input named "${name}"; its inputs: ${listed}`);
  }
  if (first === undefined) {
    throw new ErfitError(
      `${file}: expected an input with float elements and four dimensions, the image; found ${listed}`,
      { remedy: "export the model with a float32 image as its input, [1, 3, H, W] or [1, H, W, 3]" },
    );
  }
  if (name === undefined && candidates.length > 1) {
    throw new ErfitError(
      `${file}: several inputs could be the image: ${candidates.map(described).join(", ")}`,
      {
        remedy: `name one, as in ${optionText("inputName", first.name)}`,
      },
    );
  }
  return first;
}

/** Sizes to propose where the file leaves them open: the commonest. */
const usualSide = 224;
const usualChannels = 3;

const isChannels = (extent: Extent): boolean => extent !== undefined && extent <= 4;

/** Names that exporters give the axes of images. */
const namesChannels = /^(.*_)?(c|ch|channels?)$/i;
const namesSide = /^(.*_)?(h|height|w|width)$/i;

/** Whether channels come last: where the file has their number, or else by the names of the axes. */
function channelsLast(info: ValueInfoProto, [, second, , last]: readonly Extent[]): boolean {
  if (second !== undefined) return !isChannels(second) && (last === undefined || isChannels(last));
  if (last !== undefined) return isChannels(last);
  const dims = info.type?.value.case === "tensorType" ? (info.type.value.value.shape?.dim ?? []) : [];
  const [, one = "", , three = ""] = dims.map(({ value }) => (value.case === "dimParam" ? value.value : ""));
  return namesChannels.test(three) || (namesSide.test(one) && !namesChannels.test(one));
}

/** The shape with what is open filled in: square where one side is given, and three channels where they are open. */
function proposedShape(info: ValueInfoProto, shape: readonly Extent[]): Shape {
  const [channelAxis, ...sides] = channelsLast(info, shape) ? [3, 1, 2] : [1, 2, 3];
  const side = sides.map((axis) => shape[axis]).find((extent) => extent !== undefined) ?? usualSide;
  return shape.map((extent, axis) => extent ?? (axis === channelAxis ? usualChannels : side));
}

function fixedShape(info: ValueInfoProto, given: Shape | undefined, file: string): Shape {
  const extents: readonly Extent[] = declaredShape(info.type) ?? [undefined, undefined, undefined, undefined];
  const at = `${file}: input "${info.name}" ${shapeText(extents)}`;
  if (given !== undefined) {
    const fits =
      given.length === extents.length && given.every((extent, axis) => extent === (extents[axis] ?? extent));
    if (!fits)
      throw new ErfitError(
        `${at} does not take the shape [${given.join(",")}] of ${optionText("inputShape")}`,
      );
  }
  const batch = given?.[0] ?? extents[0] ?? 1;
  if (batch !== 1) {
    throw new ErfitError(`${at} takes ${batch} images at once: erfit runs models on one image at a time`, {
      remedy: "export the model with batch size 1, or with an open batch size",
    });
  }
  const shape = extents.map((extent, axis) => (axis === 0 ? 1 : (given?.[axis] ?? extent)));
  const open = shape.flatMap((extent, axis) => (extent === undefined ? [axis] : []));
  if (open.length > 0) {
    throw new ErfitError(
      `${at} leaves ${open.length === 1 ? "dimension" : "dimensions"} ${open.join(", ")} open`,
      {
        remedy: `say how large images are, as in ${optionText("inputShape", proposedShape(info, shape).join(","))}`,
      },
    );
  }
  const fixed = shape.map((extent) => extent ?? 1);
  if (fixed.some((extent) => !Number.isSafeInteger(extent) || extent < 1) || sizeOf(fixed) > mostElements) {
    throw new ErfitError(`${at}: [${fixed.join(",")}] is no size for an image`);
  }
  return fixed;
}

/**
 * The input that takes the image, its shape made static: one image (batch 1), open extents from `given`.
 * @throws ErfitError where no input or more than one qualifies, or where the shape stays open or contradicts the file.
 */
export function imageInput(
  graph: FileGraph,
  options: { inputName?: string; inputShape?: Shape },
): ImageInput {
  const info = chosenInput(graph, options.inputName);
  const shape = fixedShape(info, options.inputShape, graph.file);
  const tensor = info.type?.value.case === "tensorType" ? info.type.value.value : undefined;
  const batch = tensor?.shape?.dim[0]?.value;
  const extents = declaredShape(info.type);
  return {
    value: { name: info.name, dtype: "float32", shape },
    symbolic: extents === undefined || extents.slice(1).includes(undefined),
    batchSymbol: batch?.case === "dimParam" ? batch.value : undefined,
  };
}
