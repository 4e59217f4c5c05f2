"""Fits of these maps by SciPy: `python expected.py` writes expected.json beside it (NumPy, SciPy)."""

import json

import numpy as np
from scipy.optimize import least_squares


def gaussian(p, shape):
    amplitude, x0, y0, sx, sy = p
    y, x = np.mgrid[: shape[0], : shape[1]]
    return amplitude / (2 * np.pi * sx * sy) * np.exp(-((x - x0) ** 2) / (2 * sx**2) - (y - y0) ** 2 / (2 * sy**2))


def fit(image, starts):
    shares = image / image.sum()
    runs = [
        least_squares(lambda p: (gaussian(p, image.shape) - shares).ravel() * 1e3, start, x_scale=[0.1, 1, 1, 1, 1],
                      ftol=1e-15, xtol=1e-15, gtol=1e-15)
        for start in starts
    ]
    best = min(runs, key=lambda run: run.cost)
    return dict(zip(["amplitude", "centerX", "centerY", "sigmaX", "sigmaY"], best.x)) | {
        "sumOfSquares": 2e-6 * best.cost
    }


def undone(image):
    """The Gaussian under a logarithm: image = log1p(A * Gaussian) * scale, A and the scale fitted too."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]

    def model(p):
        depth, scale, x0, y0, sx, sy = p
        return scale * np.log1p(np.exp(depth - (x - x0) ** 2 / (2 * sx**2) - (y - y0) ** 2 / (2 * sy**2)))

    run = least_squares(lambda p: (model(p) - image).ravel(), [5, 0.2, 30, 33, 5, 8], ftol=1e-15, xtol=1e-15)
    return {"sigmaX": run.x[4], "sigmaY": run.x[5], "left": 2 * run.cost / ((image - image.mean()) ** 2).sum()}


squeeze = lambda name: np.squeeze(np.load(f"{name}.npy")).astype("f8")
wide, tall = [0.6, 32, 32, 14, 3], [0.6, 32, 32, 3, 14]
huge = squeeze("huge1e307") / 1e307
results = {
    "cross": fit(squeeze("cross"), [wide, tall]),
    "huge1e307": fit(huge, [[1, 32, 32, 6, 6], [1, 32, 32, 10, 10]]),
    "hw1": fit(squeeze("hw1"), [[1, 32, 32, 6, 6], [1, 32, 32, 10, 10]]),
    "logmap": undone(squeeze("logmap")),
}
with open("expected.json", "w") as file:
    json.dump(results, file, indent=2)
    file.write("\n")
