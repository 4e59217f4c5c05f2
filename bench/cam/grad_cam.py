"""Grad-CAM of a folder by pytorch-grad-cam: `grad_cam.py HOW NAME WEIGHTS LAYER PHOTOGRAPHS THREADS OUT`.

Writes each photograph's map as OUT/<photograph>.npy: of the predicted class, as the library returns it (0 to 1, at input
size). HOW is one of

plain  as the library's README shows it: the model as timm makes it, one photograph after the other
best   as its author could write it for speed alone: batches of eight, and no gradient of a parameter or before the layer
"""

import os
import sys
from pathlib import Path

how, name, weights, layer, photographs, threads, out = sys.argv[1:]
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = threads  # read when the libraries load

import numpy as np  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from pytorch_grad_cam import GradCAM  # noqa: E402
from timm.data import create_transform, resolve_model_data_config  # noqa: E402

torch.set_num_threads(int(threads))
model = timm.create_model(name, pretrained=True, pretrained_cfg_overlay={"file": weights}).eval()
transform = create_transform(**resolve_model_data_config(model), is_training=False)
target = model.get_submodule(layer)
batch = 1
if how == "best":
    batch = 8
    model.requires_grad_(False)
    target.register_forward_hook(lambda module, inputs, output: output.requires_grad_())

paths = sorted(Path(photographs).iterdir())
with GradCAM(model=model, target_layers=[target]) as cam:
    for start in range(0, len(paths), batch):
        chosen = paths[start : start + batch]
        images = torch.stack([transform(Image.open(path).convert("RGB")) for path in chosen])
        for path, heat in zip(chosen, cam(input_tensor=images, targets=None)):
            np.save(Path(out) / f"{path.stem}.npy", heat)
