import type { Objective } from "../autodiff/objective.ts";
import type { ReceptiveField } from "../autodiff/receptive-field/receptive-field.ts";
import type { AxisMeaning } from "../graph/axes/axis.ts";
import type { Graph } from "../graph/graph.ts";
import type { DType, Shape, Tensor } from "../core/tensor.ts";
import type { Cell } from "../autodiff/objective.ts";

/** How the axes of an image tensor are ordered. */
export type ImageLayout = "NCHW" | "NHWC";

/** A tensor of a network, as a user can name it. */
export interface TensorInfo {
  readonly name: string;
  readonly shape: Shape;
  /** The exporter's module, where the file records it: `layer4.2.relu`. */
  readonly module: string | undefined;
  /** The operator that makes it, by its ONNX name. */
  readonly operator: string;
  /** What each axis counts of the image, where the engine can tell. */
  readonly axes?: readonly AxisMeaning[] | undefined;
  /** Whether importing added it within a node of the file, so that nothing outside knows its name. */
  readonly internal?: boolean;
}

/** An output of a network; unlike the other tensors, it need not hold floating-point numbers. */
export interface NetworkOutput extends TensorInfo {
  readonly dtype: DType;
}

/** What the elements of a tensor are, judging by the operators that it ends in. */
export type Ending =
  /** Numbers that nothing turns into probabilities. */
  | { readonly kind: "scores" }
  /** Probabilities (or their logarithms): the softmax, or the sigmoid, of the tensor `of`, element by element. */
  | { readonly kind: "softmax" | "sigmoid"; readonly of: string }
  /** Numbers that lie between 0 and 1 whatever the image is, made in another way. */
  | { readonly kind: "probabilities" }
  /** Places, counts or decisions that `operator` makes of the tensors `of`: no gradient leads through it. */
  | { readonly kind: "indices"; readonly operator: string; readonly of: readonly string[] };

/**
 * How the classes' scores become probabilities: through a softmax over all of them, through a sigmoid of each, not at all,
 * because they are probabilities already (`identity`), or not at all, because they have none (`none`).
 */
export type ProbabilityRule = "softmax" | "sigmoid" | "identity" | "none";

export interface ImageInput {
  readonly name: string;
  readonly shape: Shape;
  readonly layout: ImageLayout;
  readonly height: number;
  readonly width: number;
}

export interface DifferentiationRequest {
  readonly target: string;
  readonly objective: Objective;
  /** Defaults to the tensor that is fed. */
  readonly withRespectTo?: string;
  /** Tensor that is fed in place of the image; nothing before it is computed. */
  readonly from?: string;
  /** Further tensors that the same run returns. */
  readonly alongside?: readonly string[];
  /**
   * How many images will be run (1 by default). One image has all threads inside each of its operators; of several, as many
   * are computed at once as there are threads.
   */
  readonly images?: number;
  /** How many gradients will be run side by side (1 by default): each takes its part of the threads. */
  readonly programs?: number;
  /** Whether to leave out what the objective's cell does not depend on, where the engine can (true by default). */
  readonly cone?: boolean;
}

interface Feeds {
  /** The image, or the tensor that the request named `from`. */
  readonly image: Tensor<"float32">;
  /** Weights of the target's elements, for the objective `cotangent`. */
  readonly cotangent?: Tensor<"float32">;
}

interface Gradient {
  /** Same shape as the tensor that was differentiated with respect to. */
  readonly gradient: Tensor<"float32">;
  /** In the order of the request. */
  readonly alongside: readonly Tensor[];
}

/** A gradient made ready to run, image after image. */
export interface DifferentiatedNetwork {
  /** Runs that are computed at the same time; more wait for their turn. */
  readonly simultaneous: number;
  run(feeds: Feeds): Promise<Gradient>;
  release(): Promise<void>;
}

/** Tensors requested without a gradient. */
export interface ForwardRequest {
  readonly outputs: readonly string[];
  /** Tensor that is fed in place of the image; nothing before it is computed. */
  readonly from?: string;
  /** How many runs are to come, as in `DifferentiationRequest`. */
  readonly images?: number;
}

/** A forward pass made ready to run, image after image. */
export interface ForwardNetwork {
  /** Runs that are computed at the same time; more wait for their turn. */
  readonly simultaneous: number;
  /** @returns the outputs in the order of the request */
  run(input: Tensor<"float32">): Promise<readonly Tensor[]>;
  release(): Promise<void>;
}

/** A trained network that an engine can run and differentiate. ONNX and TF.js models look the same from here on. */
export interface Network {
  /** Engine and version, for provenance. */
  readonly engine: string;
  readonly input: ImageInput;
  /** All outputs that depend on the image, in the file's order. */
  readonly outputs: readonly NetworkOutput[];
  /** The output that holds the classes' scores or probabilities, where any does: see `outputs.ts`. */
  readonly output: TensorInfo;
  /**
   * The classes' scores: what the softmax (or its logarithm) or the sigmoid reads that the output ends in, else the output
   * itself. Its elements are the output's, in the same order.
   */
  readonly logits: TensorInfo;
  readonly probability: ProbabilityRule;
  /** The network as a graph, from the image to the outputs; null where the engine has none (TF.js). */
  readonly graph: Graph | null;
  /** Tensors computed from the image, in topological order. */
  readonly tensors: readonly TensorInfo[];
  /** Names of tensors in the file that do not lie between the image and an output. */
  readonly offPath: ReadonlySet<string>;
  /** Names of tensors between the image and an output that the engine cannot compute, each with the reason. */
  readonly uncomputable?: ReadonlyMap<string, string>;
  /** What opening the file changed or assumed, as messages for the user: element types widened to float32, wrong recorded shapes. */
  readonly remarks: readonly string[];
  /** Key-value pairs that the file carries (timm's data configuration, the exporter's notes). */
  readonly metadata: Readonly<Record<string, string>>;
  /** What the elements of a tensor are. */
  ending(tensor: string): Ending;
  /** Names of the tensors that a tensor is computed from, itself among them. */
  sourcesOf(tensor: string): ReadonlySet<string>;
  /** Theoretical receptive field of a cell; null where the image does not reach it or the engine cannot tell. */
  receptiveField(tensor: string, cell: Cell): ReceptiveField | null;
  /** Share of the multiply-adds up to a tensor that one of its cells depends on, 0 to 1; null where the engine cannot tell. */
  workKept(tensor: string, cell: Cell): number | null;
  /** Whether a gradient leads from a tensor back to the image, as far as the engine can tell before it is built. */
  hasGradient(tensor: string): boolean;
  /** @throws ErfitError where there is no gradient, or weights on its way hold NaN or infinity */
  differentiate(request: DifferentiationRequest): Promise<DifferentiatedNetwork>;
  /**
   * Makes ready the part of the network that computes the requested tensors.
   * @throws ErfitError for a tensor that is not there, or that what is fed does not determine
   */
  forward(request: ForwardRequest): Promise<ForwardNetwork>;
}
