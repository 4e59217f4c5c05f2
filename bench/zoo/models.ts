/** PyTorch's two exporters: `dynamo` (torch.export, today's default) and `legacy` (TorchScript). */
type Exporter = "dynamo" | "legacy";

export interface Export {
  readonly exporter: Exporter;
  /** Version of ONNX's default operator set. */
  readonly opset: number;
}

/** The operator set that both exporters choose by default. */
const defaultOpset = 20;

const timm = [
  "beit_base_patch16_224",
  "caformer_s18",
  "cait_xxs24_224",
  "coatnet_nano_rw_224",
  "convnextv2_atto",
  "davit_tiny",
  "deit_small_patch16_224",
  "edgenext_xx_small",
  "efficientformer_l1",
  "efficientnet_b0",
  "eva02_tiny_patch14_224",
  "fastvit_t8",
  "focalnet_tiny_srf",
  "hgnetv2_b0",
  "levit_128s",
  "maxxvit_rmlp_nano_rw_256",
  "mixer_s16_224",
  "mobilenetv4_conv_small",
  "mobileone_s0",
  "poolformer_s12",
  "pvt_v2_b0",
  "repvgg_a0",
  "resnet50",
  "resnext50_32x4d",
  "swin_tiny_patch4_window7_224",
  "swinv2_cr_tiny_ns_224",
  "tf_efficientnetv2_b0",
  "vit_small_patch16_224",
  "xcit_nano_12_p16_224",
];

const torchvision = [
  "alexnet",
  "convnext_tiny",
  "densenet121",
  "efficientnet_b0",
  "googlenet",
  "inception_v3",
  "maxvit_t",
  "mobilenet_v2",
  "mobilenet_v3_large",
  "regnet_y_400mf",
  "resnet50",
  "shufflenet_v2_x1_0",
  "squeezenet1_1",
  "swin_t",
  "vgg16",
  "vit_b_16",
];

/** The zoo: `timm/NAME`, and `tv/NAME` for torchvision's. */
export const models = [...timm.map((name) => `timm/${name}`), ...torchvision.map((name) => `tv/${name}`)];

/** Other operator sets, where exporters decompose differently: LayerNorm below 17, Gelu below 20, Attention from 23. */
const variants: Readonly<Record<string, readonly Export[]>> = {
  "timm/efficientnet_b0": [{ exporter: "legacy", opset: 13 }],
  "timm/swin_tiny_patch4_window7_224": [{ exporter: "legacy", opset: 13 }],
  "timm/vit_small_patch16_224": [
    { exporter: "dynamo", opset: 18 },
    { exporter: "dynamo", opset: 23 },
    { exporter: "legacy", opset: 13 },
    { exporter: "legacy", opset: 17 },
  ],
  "tv/convnext_tiny": [
    { exporter: "dynamo", opset: 18 },
    { exporter: "legacy", opset: 17 },
  ],
  "tv/mobilenet_v3_large": [{ exporter: "legacy", opset: 11 }],
  "tv/resnet50": [{ exporter: "legacy", opset: 11 }],
};

export const exportsOf = (model: string): readonly Export[] => [
  { exporter: "dynamo", opset: defaultOpset },
  { exporter: "legacy", opset: defaultOpset },
  ...(variants[model] ?? []),
];

/** Exports that PyTorch 2.15 cannot make, and why. Any other that fails is a failure of the zoo. */
export const knownExportFailures: Readonly<Record<string, string>> = {
  "timm/beit_base_patch16_224 dynamo 20":
    "the exporter's decomposition views a tensor whose strides do not allow it (fused attention)",
  "timm/maxxvit_rmlp_nano_rw_256 dynamo 20":
    "the exporter's decomposition views a tensor whose strides do not allow it (fused attention)",
  "timm/eva02_tiny_patch14_224 legacy 20":
    "the exporter cannot trace scaled_dot_product_attention with is_causal as a tensor",
  "timm/vit_small_patch16_224 legacy 13": "the exporter has no scaled_dot_product_attention below opset 14",
};
