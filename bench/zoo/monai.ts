import type { Entry } from "./entry.ts";

const planar = { spatial_dims: 2, in_channels: 3, out_channels: 4 };

const entry = (name: string, options: Entry["options"] = {}, side = 64): Entry => ({
  source: "monai",
  name,
  input: [3, side, side],
  options: { ...planar, ...options },
});

/** In two dimensions with three channels, as for endoscopy and histology; then what most of MONAI is for. */
export const monai: readonly Entry[] = [
  entry("UNet", { channels: [16, 32, 64], strides: [2, 2], num_res_units: 2 }),
  entry("BasicUNet", { features: [16, 16, 32, 64, 64, 16] }),
  entry("AttentionUnet", { channels: [16, 32, 64], strides: [2, 2] }),
  entry("DynUNet", {
    kernel_size: [3, 3, 3],
    strides: [1, 2, 2],
    upsample_kernel_size: [2, 2],
    filters: [16, 32, 64],
  }),
  entry("FlexibleUNet", { backbone: "efficientnet-b0" }, 96),
  entry("SegResNet", { init_filters: 8 }),
  entry("HighResNet", {}, 48),
  entry("SwinUNETR", { feature_size: 12 }),
  entry("UNETR", { img_size: 64, feature_size: 8, hidden_size: 96, mlp_dim: 192, num_heads: 4 }),
  entry("DenseNet121"),
  {
    ...entry("SegResNet", { init_filters: 8, in_channels: 1 }),
    variant: "of one channel",
    input: [1, 64, 64],
  },
  {
    ...entry("UNet", { spatial_dims: 3, in_channels: 1, channels: [8, 16, 32], strides: [2, 2] }),
    variant: "in 3-D",
    input: [1, 32, 32, 32],
  },
];
