import type { Entry } from "./entry.ts";

const decoders: readonly (readonly [decoder: string, encoder: string, side: number])[] = [
  ["Unet", "resnet18", 96],
  ["UnetPlusPlus", "mobilenet_v2", 96],
  ["FPN", "resnet18", 96],
  ["Linknet", "resnet18", 96],
  ["MAnet", "resnet18", 96],
  ["PAN", "resnet18", 128],
  ["PSPNet", "resnet18", 96],
  ["DeepLabV3Plus", "efficientnet-b0", 96],
  // Its pyramid pools to 3 x 3 and 6 x 6 cells: at 192 pixels, these divide the encoder's last map.
  ["UPerNet", "resnet18", 192],
  ["Segformer", "mit_b0", 96],
  ["DPT", "tu-vit_tiny_patch16_224", 224],
];

/** segmentation_models.pytorch: every decoder, each on a small encoder. */
export const segmentationModels: readonly Entry[] = decoders.map(([name, encoder, side]) => ({
  source: "smp",
  name,
  input: [3, side, side],
  options: { encoder, classes: 4 },
}));
