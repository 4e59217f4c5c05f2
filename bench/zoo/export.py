"""Writes one network of the zoo as ONNX, with PyTorch's gradient to compare with.

    python export.py MODEL FOLDER EXPORTER:OPSET...

MODEL is timm/NAME or tv/NAME (torchvision), EXPORTER is dynamo or legacy. FOLDER receives

    image.npy               the input, float32 [1, 3, H, W]
    gradient-float32.npy    d logit / d image, computed in float32
    gradient-float64.npy    the same, computed in float64
    decisions.npy           what every ReLU, clamp and max pool decided in float64, one byte an element
    dynamo-20.onnx, ...     the network
    network.json            the logit's index, the decisions' list, the exports and why any failed; written last
"""

import copy
import json
import logging
import sys
import warnings
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy
import timm
import torch
import torch.nn.functional as F
import torchvision
from torch.utils._python_dispatch import TorchDispatchMode

# The published weights of these two come with a change of colour statistics inside the network, and without the
# auxiliary classifiers.
EXTRA_OPTIONS = {
    "tv/googlenet": {"transform_input": True, "aux_logits": False, "init_weights": True},
    "tv/inception_v3": {"transform_input": True, "aux_logits": False, "init_weights": False},
}
SIZES = {"tv/inception_v3": 299}


def create(name):
    """The network with random weights, and the side of its input in pixels."""
    library, architecture = name.split("/")
    options = EXTRA_OPTIONS.get(name, {})
    if library == "tv":
        return torchvision.models.get_model(architecture, weights=None, **options), SIZES.get(name, 224)
    network = timm.create_model(architecture, pretrained=False, **options)
    return network, network.pretrained_cfg["input_size"][-1]


def make_images(count, side):
    """Coarse and fine noise of mean 0 and spread 1: edges at every scale, and no two images of one colour."""
    coarse = F.interpolate(torch.randn(count, 3, 8, 8), size=(side, side), mode="bicubic")
    return 0.8 * coarse + 0.6 * torch.randn(count, 3, side, side)


@torch.no_grad()
def randomise(network, images):
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
            centre = first if abs(first) > 0.1 else 0.2
            parameter.copy_(centre * torch.empty_like(parameter).uniform_(0.5, 1.5))

    normalisations = [m for m in network.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for module in normalisations:
        module.momentum = 1.0
    if normalisations:
        network.train()
        network(images)
    network.eval()
    for module in normalisations:
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


def regions(x, *kinks):
    """How many of the kinks lie below each element."""
    return sum((x > kink).to(torch.uint8) for kink in kinks if kink is not None)


def positions_in_window(x, kernel, stride=(), padding=(0,), dilation=(1,), ceil_mode=False):
    """Where in its window, row by row, the largest element of a max pool lies."""
    (kernel_y, kernel_x), (dilation_y, dilation_x) = pair(kernel), pair(dilation)
    (stride_y, stride_x), (padding_y, padding_x) = pair(stride or kernel), pair(padding)
    y, indices = F.max_pool2d(x, kernel, stride or kernel, padding, dilation, ceil_mode, return_indices=True)
    rows, columns = torch.arange(y.shape[-2])[:, None], torch.arange(y.shape[-1])
    i = (indices // x.shape[-1] - rows * stride_y + padding_y) // dilation_y
    j = (indices % x.shape[-1] - columns * stride_x + padding_x) // dilation_x
    return (i * kernel_x + j).to(torch.uint8)


def pair(values):
    return tuple(values) * (2 // len(values))


# Operators whose derivative is a choice, with ONNX's names, and what they decide at an input.
DECISIONS = {
    "relu": ("Relu", lambda x: regions(x, 0)),
    "hardtanh": ("Clip", lambda x, low=-1, high=1: regions(x, low, high)),
    "clamp": ("Clip", lambda x, low=None, high=None: regions(x, low, high)),
    "clamp_min": ("Clip", lambda x, low: regions(x, low)),
    "hardswish": ("HardSwish", lambda x: regions(x, -3, 3)),
    "hardsigmoid": ("HardSigmoid", lambda x: regions(x, -3, 3)),
    "max_pool2d_with_indices": ("MaxPool", positions_in_window),
}


class Decisions(TorchDispatchMode):
    """Records what every operator with a kink decides while the network runs."""

    def __init__(self):
        super().__init__()
        self.taken = []

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        rule = DECISIONS.get(function.overloadpacket.__name__.rstrip("_"))
        if rule is not None and arguments[0].is_floating_point():
            operator, decide = rule
            with torch.utils._python_dispatch._disable_current_modes():
                self.taken.append((operator, decide(*arguments, **(options or {})).contiguous().numpy()))
        return function(*arguments, **(options or {}))


def gradient(network, image, index, watching=nullcontext()):
    image = image.clone().requires_grad_()
    with contiguous_gradients_into_batch_norm():
        with watching:
            logits = network(image)
        logits[0, index].backward()
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


def main(name, folder, *exports):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network, side = create(name)
    images = make_images(4, side)
    randomise(network, images)
    image = images[:1]
    with torch.no_grad():
        index = network(image).argmax().item()

    # An export can leave marks on the network: the gradients come first.
    decisions = Decisions()
    numpy.save(folder / "image.npy", image.numpy())
    numpy.save(folder / "gradient-float32.npy", gradient(network, image, index))
    numpy.save(
        folder / "gradient-float64.npy",
        gradient(copy.deepcopy(network).double(), image.double(), index, decisions),
    )
    bits = [elements.ravel() for _, elements in decisions.taken]
    numpy.save(folder / "decisions.npy", numpy.concatenate(bits) if bits else numpy.zeros(0, numpy.uint8))

    # With parameters that need gradients: for others torchvision's ViT takes a short cut that `legacy` cannot export.
    results = []
    for exporter, opset in (request.split(":") for request in exports):
        file = f"{exporter}-{opset}.onnx"
        reason = export(network, image, exporter, int(opset), folder / file)
        outcome = {"file": file} if reason is None else {"failure": reason}
        results.append({"exporter": exporter, "opset": int(opset), **outcome})
    summary = {
        "index": index,
        "decisions": [{"operator": operator, "elements": taken.size} for operator, taken in decisions.taken],
        "exports": results,
    }
    (folder / "network.json").write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    model, target, *rest = sys.argv[1:]
    main(model, Path(target), *rest)
