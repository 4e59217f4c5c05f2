/** One network of the bench, with the layer whose central cell is probed. */
export interface Backbone {
  readonly title: string;
  /** In words. */
  readonly target: string;
  /** The target as erfit is told, by the exporter's module name. */
  readonly layer: string;
  /** The target as OpenERF is told: the one it would choose itself, but for VGG-16, where it is the papers'. */
  readonly openerf: string;
  /** Photographs after the first eight: OpenERF takes some ten seconds for them on two cores. */
  readonly images: number;
  /** The project's bars, as shares of OpenERF's figures. */
  readonly bars: { readonly time: number; readonly memory: number; readonly first: number };
}

/** By timm's names. */
export const backbones = {
  vgg16: {
    title: "VGG-16",
    target: "conv5_3 after its ReLU",
    layer: "features.29",
    openerf: "features.29",
    images: 24,
    bars: { time: 0.32, memory: 0.5, first: 0.4 },
  },
  resnet50: {
    title: "ResNet-50",
    target: "layer4",
    layer: "layer4",
    openerf: "layer4",
    images: 80,
    bars: { time: 0.6, memory: 0.6, first: 0.4 },
  },
  mobilenetv2_100: {
    title: "MobileNetV2",
    target: "last convolution",
    layer: "bn2",
    openerf: "forward_features",
    images: 240,
    bars: { time: 0.4, memory: 0.6, first: 0.4 },
  },
  vit_small_patch16_224: {
    title: "ViT-S/16",
    target: "last norm",
    layer: "norm",
    openerf: "norm",
    images: 80,
    bars: { time: 0.68, memory: 0.6, first: 0.4 },
  },
  swin_tiny_patch4_window7_224: {
    title: "Swin-T",
    target: "last norm",
    layer: "norm",
    openerf: "forward_features",
    images: 80,
    bars: { time: 0.75, memory: 0.6, first: 0.4 },
  },
  convnext_tiny: {
    title: "ConvNeXt-T",
    target: "last stage",
    layer: "stages",
    openerf: "forward_features",
    images: 80,
    bars: { time: 0.65, memory: 0.6, first: 0.4 },
  },
} as const satisfies Readonly<Record<string, Backbone>>;

export type BackboneName = keyof typeof backbones;
