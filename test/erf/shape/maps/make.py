"""Shape statistics of two small maps and of the reference fits' maps, by others: `python make.py path/to/reference/fits`
(OpenERF, SciPy, NumPy). Writes the two maps and `expected.json`."""

import json
import pathlib
import sys

import numpy as np
from openerf.metrics import compute_erf_metrics
from scipy.signal import peak_widths

LUO = 1 - 0.9545


def contribution_areas(a):
    """RepLKNet's squares, each summed anew: [side, area ratio] for each threshold, None where no square holds it."""
    (h, w), total = a.shape, a.sum()
    y, x = np.indices(a.shape)
    ring = np.maximum(abs(y - h // 2), abs(x - w // 2))
    held = [(2 * i + 1, a[ring <= i].sum() / total) for i in range(1, min(h, w) // 2)]
    sides = [next((side for side, share in held if share > t), None) for t in (0.2, 0.3, 0.5, 0.99)]
    return [side and [side, side**2 / (h * w)] for side in sides]


def full_width(p):
    """[inner, outer] width at half the maximum; None where the profile is above it at an end."""
    peak, half = int(p.argmax()), p.max() / 2
    if p[0] >= half or p[-1] >= half:
        return None
    whole = (np.array([p[peak]]), np.array([0]), np.array([len(p) - 1]))  # prominence = height: half the maximum
    above = np.flatnonzero(p >= half)
    first, last = above[0], above[-1]
    left = np.interp(half, p[[first - 1, first]], [first - 1, first])
    right = np.interp(-half, -p[[last, last + 1]], [last, last + 1])
    return [float(peak_widths(p, [peak], 0.5, whole)[0][0]), float(right - left)]


def radii(a):
    h, w = a.shape
    y, x = np.indices(a.shape)
    distance = np.hypot(x - w // 2, y - h // 2)
    candidates = np.unique(distance)
    order = np.argsort(distance, axis=None)
    held = np.cumsum(a.ravel()[order]) / a.sum()
    at = held[np.searchsorted(distance.ravel()[order], candidates, side="right") - 1]
    return [float(candidates[np.argmax(at >= t)]) for t in (0.5, 0.6827, 0.9, 0.9545, 0.99)]


def expected(a):
    a = a.astype(np.float64)
    openerf = compute_erf_metrics(a)
    y, x = np.indices(a.shape)
    center = a[a.shape[0] // 2, a.shape[1] // 2]
    covariance = np.cov(np.stack([x.ravel(), y.ravel()]), aweights=a.ravel(), ddof=0)
    return {
        "openerf": {key: openerf[key] for key in ("center_yx", "com_x", "com_y", "radial_cumulative_mass")},
        "covariance": covariance.tolist(),
        "contributionAreas": contribution_areas(a),
        "logContributionAreas": contribution_areas(np.log10(a / a.max() * 1e4 + 1)),
        "radii": radii(a),
        "fullWidth": {"x": full_width(a.sum(0)), "y": full_width(a.sum(1))},
        "pixelsAboveCenter": int((a > LUO * center).sum()) if center > LUO * a.max() else None,
    }


here = pathlib.Path(__file__).parent
y, x = np.mgrid[:27, :36]
tailed = (1 + ((x - 15.3) / 5) ** 2 + ((y - 14.2) / 3.5 + (x - 15.3) / 15) ** 2) ** -2.0
y, x = np.mgrid[:32, :32]
grains = np.random.default_rng(5).lognormal(sigma=0.8, size=(32, 32))
noisy = (grains * np.exp(-((x - 15.5) ** 2) / 50 - (y - 16.2) ** 2 / 72)).astype(np.float32)
maps = {"tailed": tailed, "noisy": noisy}
for name, a in maps.items():
    np.save(here / f"{name}.npy", a)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.npy")):
    a = np.load(path)
    if np.isfinite(a).all() and a.min() >= 0 and a.sum() > 0 and min(a.shape) > 2:
        maps[path.stem] = a
numbers = {name: expected(a) for name, a in maps.items()}
(here / "expected.json").write_text(json.dumps(numbers, indent=1) + "\n")
