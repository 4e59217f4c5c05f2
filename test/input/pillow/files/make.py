"""Files of many formats, regular and not, and Pillow's pixels of each: `python make.py` (Pillow, NumPy)."""

import hashlib
import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

here = Path(__file__).parent
photograph = Image.open(here.parent / "source.png").convert("RGB").crop((20, 10, 43, 27))
gray, palette, bitmap = photograph.convert("L"), photograph.quantize(16), photograph.convert("1")
W, H = photograph.size


def jpeg(picture=photograph, **options):
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return bytearray(out.getvalue())


def write(name, content):
    (here / name).write_bytes(bytes(content))


# JPEG: headers that libjpeg warns of
plain = jpeg()
scan = plain.index(b"\xff\xda")
without_jfif = plain[:2] + plain[20:]
adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0"

damaged = bytearray(plain)
damaged[scan + 11 : scan + 14] = b"\0\0\0"
write("spectral-selection.jpg", damaged)
damaged = bytearray(plain)
damaged[11] = 2
write("jfif-2.jpg", damaged)
write("adobe-7.jpg", without_jfif[:2] + adobe + b"\x07" + without_jfif[2:])
write("adobe-rgb.jpg", jpeg(keep_rgb=True))
cmyk = jpeg(photograph.convert("CMYK"))
cmyk[cmyk.index(b"Adobe") + 11] = 1
write("cmyk-adobe-1.jpg", cmyk)
write("between-segments.jpg", plain[:scan] + b"\0\1\2\0" + plain[scan:])
write("progressive-between-segments.jpg", (p := jpeg(progressive=True))[:20] + b"\1\2\3" + p[20:])
write("fill-bytes.jpg", plain[:scan] + b"\xff\xff\xff" + plain[scan:])
write("trailing.jpg", plain + b"trailing bytes")
write("icc-garbage.jpg", plain[:20] + b"\xff\xe2\x00\x20ICC_PROFILE\0\x01\x01garbagegarbage__" + plain[20:])
write("gray.jpg", jpeg(gray))
write("photograph.jfif", plain)
out = io.BytesIO()
photograph.save(out, "MPO", save_all=True, append_images=[photograph.rotate(180)])
write("two-pictures.jpg", out.getvalue())

# Others that libvips reads
palette.save(here / "palette-alpha.png", transparency=bytes(range(0, 160, 10)))
photograph.convert("LA").save(here / "gray-alpha.png")
photograph.save(here / "animated.gif", save_all=True, append_images=[photograph.rotate(180)])
photograph.save(here / "animated.webp", save_all=True, append_images=[photograph.rotate(180)], lossless=True)
photograph.save(here / "two-pages.tif", save_all=True, append_images=[photograph.rotate(180)])

# BMP
photograph.save(here / "rgb.bmp")
gray.save(here / "gray.bmp")
bitmap.save(here / "bitmap.bmp")
photograph.convert("RGBA").save(here / "rgba.bmp")


def bmp(bits, rows, height=H, compression=0, colors=b"", size=40):
    pixels = b"".join(row + bytes(-len(row) % 4) for row in rows)
    header = struct.pack("<IiiHHIIiiII", size, W, height, 1, bits, compression, len(pixels), 0, 0, len(colors) // 4, 0)
    header += bytes(size - 40) + colors
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + len(pixels), 0, 0, 14 + len(header)) + header + pixels


bgr = [row[:, ::-1].tobytes() for row in np.asarray(photograph)]
write("top-down.bmp", bmp(24, bgr, height=-H))
write("version-5.bmp", bmp(24, bgr[::-1], size=124))
colors = b"".join(bytes([b, g, r, 0]) for r, g, b in np.array(palette.getpalette()[:48]).reshape(16, 3))
nibbles = [np.append(row, np.uint8(0)) for row in np.asarray(palette)[::-1]]
write("palette-4.bmp", bmp(4, [bytes(row[0::2] << 4 | row[1::2]) for row in nibbles], colors=colors))

# Netpbm
photograph.save(here / "rgb.ppm")
gray.save(here / "gray.pgm")
bitmap.save(here / "bitmap.pbm")
write("text.ppm", f"P3 # a comment\n{W} {H}\n255\n".encode() + " ".join(map(str, np.asarray(photograph).ravel())).encode())
write("text.pgm", f"P2\n# a comment\n{W} {H} 100\n".encode() + "\n".join(map(str, np.asarray(gray).ravel() * 100 // 255)).encode())
write("text.pbm", f"P1\n{W} {H}\n".encode() + "\n".join("".join("01"[not v] for v in row) for row in np.asarray(bitmap)).encode())
write("largest-31.ppm", f"P6\n{W} {H}\n31\n".encode() + (np.asarray(photograph) >> 3).tobytes())

for path in sorted(here.iterdir()):
    if path.suffix in (".npy", ".py", ".md"):
        continue
    pixels = np.asarray(Image.open(path).convert("RGB"))
    if path.name == "invalid-sos.jpg":
        print(path.name, pixels.shape, hashlib.sha256(pixels.tobytes()).hexdigest())
    else:
        np.save(here / f"{path.name}.npy", pixels)
