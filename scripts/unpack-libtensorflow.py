"""Takes TensorFlow's C library, its headers and its license out of a tensorflow-cpu wheel: WHEEL FOLDER."""

import os
import shutil
import sys
import zipfile

HEADERS = "tensorflow/include/"


def place(name: str) -> str | None:
    """Where a file of the wheel goes, if it is wanted."""
    if name.startswith("tensorflow/libtensorflow_") and ".so" in name:
        return "lib/" + os.path.basename(name)
    if name.endswith(".h") and name.startswith(tuple(HEADERS + part for part in ("tensorflow/", "tsl/", "xla/"))):
        return "include/" + name[len(HEADERS) :]
    if name.startswith("tensorflow_cpu-") and os.path.basename(name) in ("LICENSE", "METADATA"):
        return os.path.basename(name)
    return None


wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        target = place(name)
        if target is None:
            continue
        path = os.path.join(folder, target)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
