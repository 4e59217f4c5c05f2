import type { Entry } from "./entry.ts";

/** A transformer of the size that a test can afford. */
const small = { hidden_size: 96, num_hidden_layers: 4, num_attention_heads: 3 };
const smallMlp = { ...small, intermediate_size: 192 };

/** Tokens are axis 1, their channels axis 2. */
const ofToken = { axis: 2 };

type Fields = Pick<Entry, "input" | "options"> & Partial<Entry>;

const entry = (name: string, fields: readonly string[], { options, ...rest }: Fields): Entry => ({
  source: "hf",
  name,
  options: { fields, ...options },
  ...rest,
});

export const transformers: readonly Entry[] = [
  entry("ViTForImageClassification", ["logits"], {
    input: [3, 64, 64],
    options: { ...smallMlp, image_size: 64, patch_size: 8, num_labels: 10 },
  }),
  entry("Dinov2ForImageClassification", ["logits"], {
    input: [3, 56, 56],
    options: { ...small, image_size: 56, patch_size: 14, num_labels: 10 },
  }),
  entry("Dinov2Model", ["last_hidden_state"], {
    variant: "at another size",
    input: [3, 70, 70],
    options: { ...small, image_size: 56, patch_size: 14 },
    scalar: ofToken,
  }),
  entry("DINOv3ViTModel", ["pooler_output"], {
    input: [3, 64, 64],
    options: { ...smallMlp, image_size: 64, patch_size: 16, num_register_tokens: 4 },
  }),
  entry("CLIPVisionModelWithProjection", ["image_embeds"], {
    input: [3, 64, 64],
    options: { ...smallMlp, image_size: 64, patch_size: 16, projection_dim: 64 },
  }),
  entry("SiglipVisionModel", ["pooler_output"], {
    input: [3, 64, 64],
    options: { ...smallMlp, image_size: 64, patch_size: 16 },
  }),
  entry("SegformerForSemanticSegmentation", ["logits"], {
    input: [3, 128, 128],
    options: { num_labels: 10 },
  }),
  entry("MobileViTForSemanticSegmentation", ["logits"], {
    input: [3, 128, 128],
    options: { num_labels: 10 },
  }),
  entry("Swinv2ForImageClassification", ["logits"], {
    input: [3, 64, 64],
    options: {
      image_size: 64,
      embed_dim: 24,
      depths: [2, 2, 2],
      num_heads: [2, 4, 8],
      window_size: 4,
      num_labels: 10,
    },
  }),
  entry("DPTForDepthEstimation", ["predicted_depth"], {
    input: [3, 64, 64],
    options: {
      ...smallMlp,
      image_size: 64,
      patch_size: 16,
      backbone_out_indices: [0, 1, 2, 3],
      neck_hidden_sizes: [24, 48, 96, 96],
      fusion_hidden_size: 32,
    },
    scalar: ofToken,
  }),
  entry("YolosForObjectDetection", ["logits", "pred_boxes"], {
    input: [3, 64, 96],
    options: { ...smallMlp, image_size: [64, 96], patch_size: 16, num_detection_tokens: 20 },
    scalar: ofToken,
  }),
  entry("Swin2SRForImageSuperResolution", ["reconstruction"], {
    input: [3, 32, 32],
    options: { image_size: 32, embed_dim: 24, depths: [2, 2], num_heads: [2, 2], window_size: 8 },
  }),
];
