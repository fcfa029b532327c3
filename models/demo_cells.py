"""Pictures for demo_cells.sh: a made image, and what was found in it side by side.

Usage:
  demo_cells.py make IMAGE TRUTH HEIGHT WIDTH   TRUTH: the class of each pixel, 0 to 2
  demo_cells.py compare IMAGE TRUTH EXACT WINDOWS PICTURE
"""

import sys

import numpy as np
from PIL import Image, ImageDraw

from cells import classes_of, coloured, made_image, quality

SEED = 1001
PART_PX = 512  # side of a panel
GAP_PX = 4


def make(image: str, truth: str, height: str, width: str) -> None:
    pixels, classes = made_image(SEED, int(height), int(width))
    Image.fromarray(pixels).save(image)
    Image.fromarray(classes).save(truth)


def compare(image: str, truth: str, exact: str, windows: str, picture: str) -> None:
    pixels, expected, *outputs = (
        np.asarray(Image.open(name)) for name in (image, truth, exact, windows)
    )
    found = [classes_of(output.transpose(2, 0, 1)) for output in outputs]
    for label, classes in zip(("exact", "windows"), found, strict=True):
        overlap, f1 = quality(classes, expected)
        print(f"{label:8} {overlap:.3f} mean intersection over union, {f1:.3f} F1 of the marker")
    apart = np.abs(outputs[0].astype(np.float32) - outputs[1]).mean() / 255
    changed = found[0] != found[1]
    print(f"Windows give {100 * changed.mean():.1f} % of the pixels another class (red).")
    print(f"Their probabilities differ by {apart:.3f} on the mean.")
    panels = {
        "input": brighter(pixels),
        "exact": coloured(found[0]),
        "windows": coloured(found[1]),
        "difference": np.where(changed[..., None], [255, 64, 64], coloured(found[0]) // 3),
    }
    side_by_side(panels, most_changed(changed)).save(picture)


def brighter(pixels: np.ndarray) -> np.ndarray:
    """For the eye: each channel up to its brightest thousandth."""
    top = np.percentile(pixels, 99.9, axis=(0, 1))
    return np.clip(pixels * (255 / top), 0, 255)


def most_changed(changed: np.ndarray) -> tuple[int, int]:
    """Top and left of the square of PART_PX that has most pixels of another class."""
    rows, columns = (side // PART_PX for side in changed.shape)
    squares = changed[: rows * PART_PX, : columns * PART_PX]
    counts = squares.reshape(rows, PART_PX, columns, PART_PX).sum((1, 3))
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    return int(row) * PART_PX, int(column) * PART_PX


def side_by_side(panels: dict[str, np.ndarray], corner: tuple[int, int]) -> Image.Image:
    """Above each panel reduced; below, its square at `corner` in full size."""
    step = PART_PX + GAP_PX
    sheet = Image.new("RGB", (len(panels) * step - GAP_PX, 2 * step - GAP_PX), "white")
    top, left = corner
    for index, (label, panel) in enumerate(panels.items()):
        whole = Image.fromarray(panel.astype(np.uint8))
        part = whole.crop((left, top, left + PART_PX, top + PART_PX))
        sheet.paste(whole.resize((PART_PX, PART_PX), Image.Resampling.BOX), (index * step, 0))
        sheet.paste(part, (index * step, step))
        ImageDraw.Draw(sheet).text(
            (index * step + 8, 4),
            label,
            font_size=24,
            fill="white",
            stroke_width=2,
            stroke_fill="black",
        )
    return sheet


if __name__ == "__main__":
    commands = {"make": make, "compare": compare}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
