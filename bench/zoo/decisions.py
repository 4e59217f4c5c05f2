"""What operators whose derivative is a choice decide at an input, recorded while PyTorch runs a network."""

import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode


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
