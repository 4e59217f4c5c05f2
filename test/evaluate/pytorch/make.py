"""The sample model's evaluation in PyTorch: confidences of the masked photographs, one line a photograph and row.

    python make.py models/vgg16-sample.onnx PHOTOGRAPHS 8 > vgg16-sample.csv    # every eighth of them

The network is rebuilt from the file's own (int8) weights. Photographs are read by Pillow; maps are Grad-CAM, Grad-CAM++
(closed form, without an epsilon in its denominator) and Extended-CAM of the predicted class's logit, with their ReLU but
for Extended-CAM; the Gaussian is Eq. 4 of Kim et al. 2021 with the paper's sigmas.
"""
import csv
import os
import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from PIL import Image

SIZE, CELLS = 224, 14
SIGMA_X, SIGMA_Y = 31.7797, 33.3606
MEAN = torch.tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)  # BGR
TARGET = "block5_conv3"


def layers_of(path):
    """The graph as a list of (output name, function); every layer of this network reads the one before it."""
    graph = onnx.load(path).graph
    constants = {one.name: torch.tensor(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    layers = []
    for node in graph.node:
        of = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        weights = [constants[name] for name in node.input if name in constants]
        if node.op_type == "DequantizeLinear":
            scale = weights[1].reshape([-1] + [1] * (weights[0].dim() - 1))
            constants[node.output[0]] = weights[0].float() * scale
            continue
        step = {
            "Conv": lambda x, w=weights, p=of.get("pads", [0]): F.conv2d(x, w[0], w[1], padding=p[0]),
            "Relu": F.relu,
            "MaxPool": lambda x, k=of.get("kernel_shape"), s=of.get("strides"): F.max_pool2d(x, k, s),
            "Flatten": lambda x: x.flatten(1),
            "Gemm": lambda x, w=weights, t=of.get("transB"): F.linear(x, w[0] if t else w[0].T, w[1]),
        }[node.op_type]
        layers.append((node.output[0], step))
    return layers


def read(path):
    photograph = Image.open(path).convert("RGB")
    scale = SIZE / min(photograph.size)
    size = [SIZE if side == min(photograph.size) else round(side * scale) for side in photograph.size]
    photograph = photograph.resize(size, Image.BILINEAR)
    left, top = [(side - SIZE) // 2 for side in size]
    pixels = np.asarray(photograph.crop((left, top, left + SIZE, top + SIZE)), dtype=np.float32)
    return torch.tensor(pixels[:, :, ::-1].copy()).permute(2, 0, 1)[None]


def grids(A, G):
    A, G = A.double()[0], G.double()[0]
    rising = G.clamp(min=0)
    below = 2 * rising**2 + A.sum((1, 2), keepdim=True) * rising**3
    weight = torch.where(rising > 0, rising**3 / below, 0.0).sum((1, 2), keepdim=True)
    yield "grad-cam", (A * G.mean((1, 2), keepdim=True)).sum(0).clamp(min=0)
    yield "grad-cam++", (A * weight).sum(0).clamp(min=0)
    yield "extended", (A * G).sum(0)


def kernel(sigma):
    pixel, cell = torch.arange(SIZE).double()[:, None], torch.arange(CELLS).double()[None]
    return torch.exp(-((pixel - SIZE / CELLS * cell) ** 2) / (2 * sigma**2))


def maps(grid):
    yield "bilinear", F.interpolate(grid[None, None], size=(SIZE, SIZE), mode="bilinear", align_corners=False)[0, 0]
    yield "gaussian", kernel(SIGMA_Y) @ grid @ kernel(SIGMA_X).T


def masks(map_):
    yield "full", (map_ - map_.min()) / (map_.max() - map_.min())
    yield "relative", (map_ >= map_.flatten().quantile(0.5)).double()


def main(model, folder, step):
    torch.set_num_threads(1)
    layers = layers_of(model)
    cut = 1 + next(k for k, (name, _) in enumerate(layers) if name == TARGET)

    def run(x, part):
        for _, step in part:
            x = step(x)
        return x

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow("image class_index method upsampling masking Y_probability O_probability".split())
    for name in sorted(os.listdir(folder))[:: int(step)]:
        pixels = read(os.path.join(folder, name))
        with torch.no_grad():
            features = run(pixels - MEAN, layers[:cut])
        features.requires_grad_(True)
        logits = run(features, layers[cut:])
        predicted = int(logits.argmax())
        (gradient,) = torch.autograd.grad(logits[0, predicted], features)
        whole = torch.softmax(logits.detach(), 1)[0, predicted]
        for method, grid in grids(features.detach(), gradient):
            for upsampling, map_ in maps(grid):
                for masking, mask in masks(map_):
                    with torch.no_grad():
                        masked = torch.softmax(run((pixels * mask - MEAN).float(), layers), 1)[0, predicted]
                    out.writerow([name, predicted, method, upsampling, masking, f"{whole:.6f}", f"{masked:.6f}"])
        sys.stdout.flush()


main(*sys.argv[1:])
