/** One network of the bench, with the layer that is explained. */
interface CamModel {
  readonly title: string;
  /** In words. */
  readonly target: string;
  /** The layer's module, by timm's name. */
  readonly layer: string;
  /** Photographs after the first eight. */
  readonly images: number;
  /** The project's bars, as shares of pytorch-grad-cam's figures in its plain use. */
  readonly bars: { readonly time: number; readonly memory: number };
}

/** By timm's names. */
export const models = {
  vgg16: {
    title: "VGG-16",
    target: "conv5_3 after its ReLU",
    layer: "features.29",
    images: 24,
    bars: { time: 0.2, memory: 0.4 },
  },
  resnet50: {
    title: "ResNet-50",
    target: "layer4",
    layer: "layer4",
    images: 80,
    bars: { time: 0.2, memory: 0.4 },
  },
  mobilenetv2_100: {
    title: "MobileNetV2",
    target: "last convolution",
    layer: "bn2",
    images: 240,
    bars: { time: 0.3, memory: 0.4 },
  },
} as const satisfies Readonly<Record<string, CamModel>>;

export type CamModelName = keyof typeof models;
