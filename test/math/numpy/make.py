"""Files in NumPy's own hand: `python make.py` (NumPy)."""

import numpy as np

grid = np.arange(6).reshape(2, 3)
save = lambda name, array, version=None: np.lib.format.write_array(open(f"{name}.npy", "wb"), array, version)
for code in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
    save(code, (grid - (0 if code[0] == "u" else 2)).astype(code))
save("b1", grid % 2 == 1)
save("f2", np.array([0, -0.0, 1, -1.5, 65504, 6e-8, np.inf, -np.inf, np.nan], dtype="f2"))
save("big-endian-i2", (grid * 300).astype(">i2"))
save("big-endian-f8", (grid / 3).astype(">f8"))
save("fortran", np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)))
save("scalar", np.float64(2.5))
save("empty", np.zeros((0, 3), dtype="f4"))
save("version-2", grid.astype("f8"), (2, 0))
save("version-3", grid.astype("f8"), (3, 0))
save("complex", grid.astype("c16"))
save("text", np.array(["erf"]))
save("record", np.zeros(2, dtype=[("sigmaX", "f8"), ("sigmaY", "f8")]))
