"""What Pillow makes of a piece of a photograph: `python make.py path/to/photos/cat.jpg` (Pillow, NumPy)."""

import sys

import numpy as np
from PIL import Image

source = Image.open(sys.argv[1]).convert("RGB").crop((120, 40, 320, 200))
source.save("source.png", optimize=True)
corner = source.crop((0, 0, 60, 48))
for kernel in ("bilinear", "bicubic", "lanczos", "nearest", "box", "hamming"):
    method = getattr(Image, kernel.upper())
    for name, resized in {
        "reduced": source.resize((83, 67), method),
        "much-reduced": source.resize((31, 25), method),
        "enlarged": corner.resize((90, 71), method),
        "wider-and-lower": corner.resize((90, 9), method),
    }.items():
        np.save(f"{kernel}-{name}.npy", np.asarray(resized))

corner.crop((0, 0, 24, 16)).convert("CMYK").save("cmyk.jpg", quality=90)
np.save("cmyk.npy", np.asarray(Image.open("cmyk.jpg").convert("RGB")))
