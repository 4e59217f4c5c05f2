"""Files in NumPy's own hand: `python make.py` (NumPy, SciPy, ml_dtypes, PyTorch)."""

import pickle

import ml_dtypes
import numpy as np
import scipy.io
import torch

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

# What other people's scripts save: maps with axes of extent 1, and what is no map of real numbers.
wide = grid.astype("f4")
save("height-width-1", wide[..., None])
save("one-1-height-width", wide[None, None])
save("one-height-width-1", wide[None, ..., None])
save("rgb", np.repeat(wide[..., None], 3, axis=2))
save("bfloat16", wide.astype(ml_dtypes.bfloat16))
save("float8", wide.astype(ml_dtypes.float8_e4m3fn))
save("longdouble", wide.astype(np.longdouble))
save("object", np.array([[0, None]], dtype=object))
np.savez("one.npz", erf=grid.astype("f8"))
np.savez_compressed("one-compressed.npz", erf=np.asfortranarray(grid.astype(">f8")))
np.savez("two.npz", erf=wide, sigma=np.float64(2.5))
np.savez("object.npz", erf=np.array([[0, None]], dtype=object))
np.savez("none.npz")
pickle.dump(wide, open("erf.pkl", "wb"))
scipy.io.savemat("erf.mat", {"erf": wide})
np.savetxt("erf.csv", wide, delimiter=",")
torch.save(torch.from_numpy(wide), "erf.pt")
torch.save(torch.from_numpy(wide), "erf-old.pt", _use_new_zipfile_serialization=False)
