"""Pictures for scripts/demo.sh: noise in, a crop out, numbers and a before/after picture.

Usage:
  demo_images.py noise PHOTO NOISY SIGMA   an 8-bit TIFF: PHOTO plus noise of SIGMA (of 255)
  demo_images.py crop IMAGE CROP X Y WIDTH HEIGHT
  demo_images.py compare PHOTO NOISY CLEANED PICTURE X Y WIDTH HEIGHT
"""

import sys

import numpy as np
from PIL import Image, ImageDraw

Image.MAX_IMAGE_PIXELS = None
ROWS_AT_ONCE = 256


def add_noise(photo: str, noisy: str, sigma: str) -> None:
    image = np.asarray(Image.open(photo).convert("RGB"))
    out = np.empty_like(image)
    random = np.random.default_rng(0)
    for top in range(0, image.shape[0], ROWS_AT_ONCE):
        rows = image[top : top + ROWS_AT_ONCE].astype(np.float32)
        rows += random.standard_normal(rows.shape, np.float32) * float(sigma)
        out[top : top + ROWS_AT_ONCE] = np.clip(np.rint(rows), 0, 255).astype(np.uint8)
    Image.fromarray(out).save(noisy)


def crop(image: str, cropped: str, x: str, y: str, width: str, height: str) -> None:
    Image.open(image).crop(box(x, y, width, height)).save(cropped)


def box(x: str, y: str, width: str, height: str) -> tuple[int, int, int, int]:
    return int(x), int(y), int(x) + int(width), int(y) + int(height)


def psnr_db(image: np.ndarray, reference: np.ndarray) -> float:
    difference = image.astype(np.float32) - reference.astype(np.float32)
    return float(10 * np.log10(255.0**2 / np.mean(np.square(difference), dtype=np.float64)))


def compare(photo: str, noisy: str, cleaned: str, picture: str, *area: str) -> None:
    images = [np.asarray(Image.open(name).convert("RGB")) for name in (photo, noisy, cleaned)]
    reference = images[0]
    print(f"noisy   {psnr_db(images[1], reference):6.2f} dB PSNR against the photograph")
    print(f"cleaned {psnr_db(images[2], reference):6.2f} dB")
    parts = [Image.fromarray(image).crop(box(*area)) for image in images[1:]]
    width, height = parts[0].size
    side_by_side = Image.new("RGB", (2 * width + 4, height), "white")
    for index, (part, label) in enumerate(zip(parts, ("noisy", "cleaned"), strict=True)):
        ImageDraw.Draw(part).text((6, 4), label, fill="white", stroke_width=2, stroke_fill="black")
        side_by_side.paste(part, (index * (width + 4), 0))
    side_by_side.save(picture)


if __name__ == "__main__":
    commands = {"noise": add_noise, "crop": crop, "compare": compare}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
