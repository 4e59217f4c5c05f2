"""Makes one backbone of the bench: `export.py NAME FOLDER` writes into the folder

NAME.onnx         as torch.onnx.export makes it today (dynamo, its default opset), weights in NAME.onnx.data
NAME.json         erfit's sidecar: timm's preprocessing for this model
NAME.safetensors  the same weights for timm

The weights are random, of a fixed seed. timm initializes the last scale of residual branches to 0 or nearly so: their
gradients would vanish, and a wrong one would pass unseen. So norms and layer scales are drawn as training leaves them.
"""

import json
import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file
from timm.data import resolve_model_data_config
from torch import nn


def seeded(name: str) -> nn.Module:
    torch.manual_seed(0)
    model = timm.create_model(name).eval()
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    for path, scale in model.named_parameters():
        if path.endswith(".gamma"):
            nn.init.uniform_(scale, 0.1, 0.5)
    return model


def main(name: str, folder: Path) -> None:
    model = seeded(name)
    config = resolve_model_data_config(model)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(json.dumps({"model": name, "pretrained_cfg": config}, indent=2) + "\n")
    image = torch.zeros(1, *config["input_size"])
    torch.onnx.export(model, (image,), folder / f"{name}.onnx", dynamo=True)


main(sys.argv[1], Path(sys.argv[2]))
