"""Inputs as timm's transforms and transformers' image processors make them: `python make.py` (timm, transformers, NumPy)."""

import json
from pathlib import Path

import numpy as np
import transformers
from PIL import Image
from timm.data import create_transform, resolve_data_config

here = Path(__file__).parent
photograph = Image.open(here.parent / "pillow" / "source.png").convert("RGB")
photographs = {"wide": photograph, "high": photograph.crop((30, 0, 111, 160)), "small": photograph.crop((50, 40, 67, 51))}

timm = {
    "center": dict(input_size=(3, 24, 24), crop_pct=0.9),
    "center-not-square": dict(input_size=(3, 16, 31), crop_pct=0.875),
    "center-not-square-bilinear": dict(input_size=(3, 37, 20), crop_pct=0.95, interpolation="bilinear"),
    "squash": dict(input_size=(3, 24, 24), crop_mode="squash", crop_pct=0.9),
    "squash-not-square": dict(input_size=(3, 16, 31), crop_mode="squash", crop_pct=1.0),
    "border": dict(input_size=(3, 24, 24), crop_mode="border", crop_pct=1.0),
    "border-cropped": dict(input_size=(3, 25, 25), crop_mode="border", crop_pct=0.9, mean=(0.5, 0.4, 0.3), std=(0.5, 0.5, 0.5)),
    "border-not-square": dict(input_size=(3, 16, 31), crop_mode="border", crop_pct=0.875),
    "nearest": dict(input_size=(3, 24, 24), interpolation="nearest"),
    "box": dict(input_size=(3, 24, 24), interpolation="box"),
    "hamming": dict(input_size=(3, 16, 31), interpolation="hamming"),
    "lanczos": dict(input_size=(3, 24, 24), interpolation="lanczos", crop_pct=1.0),
}

mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
processors = {
    "vit": dict(image_processor_type="ViTImageProcessor", size={"height": 24, "width": 24}, resample=2),
    "vit-old": dict(feature_extractor_type="ViTFeatureExtractor", size=24, resample=3, image_mean=mean, image_std=std),
    "vit-defaults": dict(image_processor_type="ViTImageProcessorFast", size={"height": 20, "width": 31}),
    "vit-nothing-normalized": dict(image_processor_type="ViTImageProcessor", size=24, do_normalize=False),
    "vit-one-number": dict(image_processor_type="ViTImageProcessor", size=24, image_mean=[0.3] * 3, image_std=[0.4] * 3, rescale_factor=1 / 127.5),
    "vit-not-rescaled": dict(image_processor_type="ViTImageProcessor", size=24, do_rescale=False, image_mean=[127.5] * 3, image_std=[64] * 3),
    "deit": dict(feature_extractor_type="DeiTFeatureExtractor", size=27, crop_size=24, do_center_crop=True, resample=3),
    "beit": dict(image_processor_type="BeitImageProcessor", size={"height": 24, "width": 24}, crop_size=24, do_center_crop=False),
    "convnext": dict(image_processor_type="ConvNextImageProcessor", size={"shortest_edge": 24}, crop_pct=0.875, image_mean=mean, image_std=std),
    "convnext-old": dict(feature_extractor_type="ConvNextFeatureExtractor", size=23, crop_pct=0.9, resample=3),
    "convnext-384": dict(image_processor_type="ConvNextImageProcessor", size={"shortest_edge": 384}, crop_pct=0.95),
    "clip": dict(image_processor_type="CLIPImageProcessor", size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24}),
    "clip-old": dict(feature_extractor_type="CLIPFeatureExtractor", size=24, crop_size=24, resample=3, do_convert_rgb=True),
    "dinov2": dict(image_processor_type="BitImageProcessor", size={"shortest_edge": 27}, crop_size={"height": 23, "width": 24}, image_mean=mean, image_std=std),
    "siglip": dict(image_processor_type="SiglipImageProcessor", size={"height": 24, "width": 24}, resample=3, do_convert_rgb=None),
    "segformer": dict(image_processor_type="SegformerImageProcessor", size={"height": 24, "width": 31}, do_reduce_labels=True),
    "mobilevit": dict(image_processor_type="MobileViTImageProcessor", size={"shortest_edge": 27}, crop_size={"height": 24, "width": 24}, resample=2),
    "mobilevit-padded": dict(image_processor_type="MobileViTImageProcessor", size={"shortest_edge": 20}, crop_size={"height": 25, "width": 24}),
    "mobilevit-not-flipped": dict(image_processor_type="MobileViTImageProcessor", size=27, crop_size=24, do_flip_channel_order=False),
    "mobilenet-v1": dict(image_processor_type="MobileNetV1ImageProcessor", size={"shortest_edge": 27}, crop_size={"height": 24, "width": 24}),
    "mobilenet-v2": dict(image_processor_type="MobileNetV2ImageProcessor", size={"shortest_edge": 27}, crop_size={"height": 24, "width": 24}),
    "efficientnet": dict(image_processor_type="EfficientNetImageProcessor", size={"height": 24, "width": 24}, resample=0, image_mean=mean, image_std=[0.47853944, 0.4732864, 0.47434163]),
    "efficientnet-offset": dict(image_processor_type="EfficientNetImageProcessor", size={"height": 24, "width": 24}, rescale_factor=1 / 127.5, rescale_offset=True, include_top=False),
    "efficientnet-top-only": dict(image_processor_type="EfficientNetImageProcessor", size={"height": 24, "width": 24}, do_normalize=False),
    "levit": dict(image_processor_type="LevitImageProcessor", size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24}),
    "poolformer": dict(image_processor_type="PoolFormerImageProcessor", size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24}, crop_pct=0.95),
    "pvt": dict(image_processor_type="PvtImageProcessor", size={"height": 24, "width": 24}),
    "blip": dict(image_processor_type="BlipImageProcessor", size={"height": 24, "width": 24}),
    "dpt": dict(image_processor_type="DPTImageProcessor", size={"height": 24, "width": 24}, keep_aspect_ratio=False, ensure_multiple_of=1),
    "not-resized": dict(image_processor_type="CLIPImageProcessor", do_resize=False, crop_size={"height": 12, "width": 40}),
    "lanczos": dict(image_processor_type="ViTImageProcessor", size=24, resample=1),
    "box": dict(image_processor_type="ViTImageProcessor", size=24, resample=4),
    "hamming": dict(image_processor_type="ViTImageProcessor", size=24, resample=5),
}
dinov3 = dict(image_processor_type="DINOv3ViTImageProcessor", size={"height": 24, "width": 24})


def processed(config, picture):
    kind = (config.get("image_processor_type") or config["feature_extractor_type"]).replace("FeatureExtractor", "ImageProcessor")
    kind = kind.removesuffix("Fast")
    if not hasattr(transformers, kind + "Pil") and kind.startswith("DINOv3"):
        processor = getattr(transformers, kind)(**config)
    else:
        processor = getattr(transformers, kind + "Pil")(**config)
    return np.asarray(processor(picture, return_tensors="np")["pixel_values"][0], np.float32)


cases = []


def case(name, kind, config, make):
    for photo, picture in photographs.items():
        if photo == "wide" and not (kind == "timm" or "convnext" in name or "padded" in name):
            continue
        if photo == "small" and not ("border" in name or "padded" in name or name in ("timm-center", "not-resized")):
            continue
        tensor = make(picture)
        file = f"{name}-{photo}.npy"
        if "384" in name:
            tensor = tensor[:, 100:110, 200:210]
        np.save(here / file, tensor.astype(np.float16))
        cases.append(dict(name=f"{name}, {photo}", kind=kind, config=config, photograph=photo, tensor=file))


for name, config in timm.items():
    transform = create_transform(**resolve_data_config(pretrained_cfg=config))
    case(f"timm-{name}", "timm", config, lambda picture: transform(picture).numpy())
for name, config in {**processors, "dinov3": dinov3}.items():
    case(name, "processor", config, lambda picture: processed(config, picture))
for name, picture in photographs.items():
    picture.save(here / f"{name}.png", optimize=True)
(here / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
