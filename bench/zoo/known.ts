interface Refusal {
  /** Part of erfit's message. */
  readonly message: string;
  readonly why: string;
}

/**
 * What erfit refuses, by model. Another network that is refused is a failure of the zoo, and so is one of these that is
 * refused with another message or no longer.
 */
export const refusals: Readonly<Record<string, Refusal>> = {
  "tv/r3d_18": {
    message: "expected an input with float elements and four dimensions, the image",
    why: "a video: convolutions over time as well",
  },
  "timm/sequencer2d_s": {
    message: "operator LSTM of node",
    why: "recurrent layers have no gradient yet",
  },
  "tv-detection/ssdlite320_mobilenet_v3_large": {
    message: "the network ends at",
    why: "scores behind non-maximum suppression; those before it can be had",
  },
  "tv-detection/fasterrcnn_mobilenet_v3_large_320_fpn": {
    message: "the network ends at",
    why: "scores behind non-maximum suppression; those before it can be had",
  },
  "monai/SegResNet of one channel": {
    message: "expected one image with three",
    why: "one gray channel",
  },
  "monai/UNet in 3-D": {
    message: "expected an input with float elements and four dimensions, the image",
    why: "a volume",
  },
};

/** Exports that PyTorch 2.15 cannot make, and why. Any other that fails is a failure of the zoo. */
export const knownExportFailures: Readonly<Record<string, string>> = {
  "timm/beit_base_patch16_224 dynamo 20":
    "the exporter's decomposition views a tensor whose strides do not allow it (fused attention)",
  "timm/maxxvit_rmlp_nano_rw_256 dynamo 20":
    "the exporter's decomposition views a tensor whose strides do not allow it (fused attention)",
  "timm/eva02_tiny_patch14_224 legacy 20":
    "the exporter cannot trace scaled_dot_product_attention with is_causal as a tensor",
  "timm/csatv2 legacy 20": "the exporter has no adaptive average pooling whose windows overlap",
  "timm/halonet26t legacy 20": "the exporter has no unfold of a tensor whose size it does not know",
  ...Object.fromEntries(
    ["hiera_tiny_224", "nest_tiny", "twins_svt_small"].map((name) => [
      `timm/${name} dynamo 20`,
      "the exporter decomposes scaled_dot_product_attention of four dimensions only",
    ]),
  ),
  "timm/vit_relpos_small_patch16_224 dynamo 20":
    "the exporter's decomposition views a tensor whose strides do not allow it (fused attention)",
  "timm/vit_small_patch16_dinov3 legacy 20":
    "the exporter cannot trace scaled_dot_product_attention with is_causal as a tensor",
  "timm/volo_d1_224 legacy 20": "the exporter has no fold of a tensor whose size it does not know",
  "tv-detection/ssdlite320_mobilenet_v3_large dynamo 20":
    "torch.export cannot follow sizes that non-maximum suppression decides",
  "tv-detection/fasterrcnn_mobilenet_v3_large_320_fpn dynamo 20":
    "torch.export cannot follow sizes that non-maximum suppression decides",
  "timm/vit_small_patch16_224 legacy 13": "the exporter has no scaled_dot_product_attention below opset 14",
};
