/** PyTorch's two exporters: `dynamo` (torch.export, today's default) and `legacy` (TorchScript). */
type Exporter = "dynamo" | "legacy";

export interface Export {
  readonly exporter: Exporter;
  /** Version of ONNX's default operator set. */
  readonly opset: number;
}

/** A value that JSON can carry to Python. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One network of the zoo: what Python makes, and the scalar of it that is differentiated. */
export interface Entry {
  /** The package: a key of SOURCES in `networks.py`. */
  readonly source: string;
  /** The network's name there. */
  readonly name: string;
  /** Tells apart the entries of one name. */
  readonly variant?: string;
  /** Further options of its constructor. */
  readonly options?: Readonly<Record<string, Json>>;
  /** Shape of the input without the batch; by default the one that the package states. */
  readonly input?: readonly number[];
  /** Which of its outputs is differentiated, counted from 0: the first by default. */
  readonly output?: number;
  /**
   * Which element of that output: of a vector the largest. Of a dense output the one in the middle of every axis but the
   * channels', which is axis 1 by default, and there the largest channel by default.
   */
  readonly scalar?: { readonly axis?: number; readonly channel?: number };
  /** Operator sets other than the default, where exporters decompose differently. */
  readonly also?: readonly Export[];
}

/** The operator set that both exporters choose by default. */
const defaultOpset = 20;

/** As the tables call it: `timm/resnet50`, `monai/UNet 3-D`. */
export const modelOf = ({ source, name, variant }: Entry): string =>
  `${source}/${name}${variant === undefined ? "" : ` ${variant}`}`;

export const exportsOf = ({ also = [] }: Entry): readonly Export[] => [
  { exporter: "dynamo", opset: defaultOpset },
  { exporter: "legacy", opset: defaultOpset },
  ...also,
];
