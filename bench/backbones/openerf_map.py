"""OpenERF's map of one backbone, as its README makes one: a timm model with its checkpoint, a folder of photographs.

`openerf_map.py NAME WEIGHTS TARGET PHOTOGRAPHS COUNT THREADS MAP` writes MAP (.npy). OpenERF's command line takes only
checkpoints that it downloads, so the function behind it is called; timm loads WEIGHTS as it loads a downloaded file.
OpenERF sets no number of threads itself.
"""

import os
import sys

name, weights, target, photographs, count, threads, erf = sys.argv[1:]
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = threads  # read when the libraries load

# Where lmfit is installed, OpenERF imports it at its start, for a fit that is not asked for here.
sys.modules["lmfit"] = None

import numpy as np  # noqa: E402
import openerf  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(int(threads))
result = openerf.compute_erf(
    timm.create_model(name, pretrained=True, pretrained_cfg_overlay={"file": weights}),
    image_dir=photographs,
    max_images=int(count),
    target_layer=target,
    device="cpu",
    show_progress=False,
)
np.save(erf, result.erf_map)
