"""Writes one network of the zoo as ONNX, with PyTorch's gradient to compare with.

    python export.py NETWORK FOLDER

NETWORK is an entry of `entries.ts` as JSON. FOLDER receives

    image.npy               the input, float32, mostly [1, 3, H, W]
    gradient-float32.npy    d scalar / d image, computed in float32
    gradient-float64.npy    the same, computed in float64
    decisions.npy           what every ReLU, clamp and max pool decided in float64, one byte an element
    dynamo-20.onnx, ...     the network
    network.json            where the scalar lies, the decisions' list, the exports and why any failed; written last
"""

import copy
import json
import logging
import sys
import warnings
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_leaves

from decisions import Decisions
from networks import TRAINED, create


def make_images(count, shape):
    """Coarse and fine noise of mean 0 and spread 1: edges at every scale, and no two images of one color."""
    channels, *spatial = shape
    coarse = torch.randn(count, channels, *(8 for _ in spatial))
    modes = {1: "linear", 2: "bicubic", 3: "trilinear"}
    coarse = F.interpolate(coarse, size=spatial, mode=modes[len(spatial)])
    return 0.8 * coarse + 0.6 * torch.randn(count, *shape)


@torch.no_grad()
def randomize(network, images):
    """Makes every part of the network matter to its gradient.

    Scales that begin at 0 or 1e-6 hide whole branches, and scales of 1 hide a forgotten factor. Branches that begin
    closed are opened by a fifth: wide open, a deep network is chaotic (LeViT's gradients in float32 and float64 then
    differ by half). The statistics of BatchNorm are measured on the images, so that no layer fades or overflows, and
    then disturbed. For the variance it gets the second moment: a spread far below the mean would amplify rounding.
    """
    for name, parameter in network.named_parameters():
        first = parameter.flatten()[0].item()
        if not (parameter == first).all():
            continue
        if any(word in name for word in ("bias", "beta", "token", "pos_embed")):
            parameter.add_(0.1 * torch.randn_like(parameter))
        else:
            center = first if abs(first) > 0.1 else 0.2
            parameter.copy_(center * torch.empty_like(parameter).uniform_(0.5, 1.5))

    network.eval()
    normalizations = [m for m in network.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for module in normalizations:
        module.momentum = 1.0
        module.train()
    if normalizations:
        network(images)
    for module in normalizations:
        module.eval()
        mean, variance = module.running_mean, module.running_var
        variance.add_(mean.square() + 1e-3).mul_(torch.empty_like(variance).uniform_(0.7, 1.4))
        mean.add_(0.1 * variance.sqrt() * torch.randn_like(mean))
        module.momentum = 0.1


@contextmanager
def contiguous_gradients_into_batch_norm():
    """On CPU, PyTorch 2.15's backward pass of an eval-mode BatchNorm misreads a gradient with permuted strides."""
    batch_norm = F.batch_norm

    def guarded(*arguments, **options):
        output = batch_norm(*arguments, **options)
        if output.requires_grad:
            output.register_hook(lambda gradient: gradient.contiguous())
        return output

    F.batch_norm = guarded
    try:
        yield
    finally:
        F.batch_norm = batch_norm


def outputs_of(network, image):
    """The tensors that the network returns, in the order in which the exporters write them."""
    return [leaf for leaf in tree_leaves(network(image)) if isinstance(leaf, torch.Tensor)]


def scalar_of(y, axis=1, channel=None):
    """Where in an output the differentiated scalar lies: in the middle, and there in the largest channel or the given one."""
    position = [extent // 2 for extent in y.shape]
    position[0] = 0
    position[axis] = slice(None)
    position[axis] = y[tuple(position)].argmax().item() if channel is None else channel
    return tuple(position)


def gradient(network, image, output, position, watching=nullcontext()):
    image = image.clone().requires_grad_()
    with contiguous_gradients_into_batch_norm():
        with watching:
            y = outputs_of(network, image)[output]
        y[position].backward()
    return image.grad.numpy()


def export(network, image, exporter, opset, path):
    """None, or the reason why there is no export."""
    try:
        torch.onnx.export(
            network, (image,), str(path), dynamo=exporter == "dynamo", opset_version=opset, verbose=False
        )
    except Exception as error:
        while error.__cause__ is not None:
            error = error.__cause__
        path.unlink(missing_ok=True)
        lines = str(error).strip().splitlines() or [""]
        return f"{type(error).__name__}: {lines[0]}"[:300]


def main(entry, folder):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = create(entry["source"], entry["name"], entry.get("options", {}))
    shape = entry.get("input") or network.pretrained_cfg["input_size"]
    images = make_images(4, shape)
    if entry["source"] in TRAINED:
        network.eval()
    else:
        randomize(network, images)
    image = images[:1]
    output = entry.get("output", 0)
    with torch.no_grad():
        y = outputs_of(network, image)[output]
    position = scalar_of(y, **entry.get("scalar", {}))

    # An export can leave marks on the network: the gradients come first.
    decisions = Decisions()
    numpy.save(folder / "image.npy", image.numpy())
    numpy.save(folder / "gradient-float32.npy", gradient(network, image, output, position))
    numpy.save(
        folder / "gradient-float64.npy",
        gradient(copy.deepcopy(network).double(), image.double(), output, position, decisions),
    )
    bits = [elements.ravel() for _, elements in decisions.taken]
    numpy.save(folder / "decisions.npy", numpy.concatenate(bits) if bits else numpy.zeros(0, numpy.uint8))

    # With parameters that need gradients: for others torchvision's ViT takes a short cut that `legacy` cannot export.
    results = []
    for request in entry["exports"]:
        exporter, opset = request["exporter"], request["opset"]
        file = f"{exporter}-{opset}.onnx"
        reason = export(network, image, exporter, opset, folder / file)
        results.append({**request, **({"file": file} if reason is None else {"failure": reason})})
    summary = {
        "output": output,
        "shape": y.shape,
        "position": position,
        "decisions": [{"operator": operator, "elements": taken.size} for operator, taken in decisions.taken],
        "exports": results,
    }
    (folder / "network.json").write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
