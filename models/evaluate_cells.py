"""Measures what finds cells, on made images that nothing was trained on; see evaluate.py.

Each cell of the first table is the mean intersection over union of the three classes and the F1
score of the pixels of cells with the marker. A column "windows" is today's usual practice: the
program of that size over windows that overlap by a quarter, blended by Hann weights, each window
with statistics of its own.
"""

import pathlib

import numpy as np
from PIL import Image

from cells import BACKGROUND, WITH_MARKER, classes_of, coloured, made_image, quality
from exported import ExportedNetwork

HEIGHT, WIDTH = 1536, 2048
SEEDS = range(1001, 1009)
WINDOWS_PX = (256, 512)


def evaluate_cells(pictures: pathlib.Path | None) -> None:
    plain, network = ExportedNetwork("cells_plain"), ExportedNetwork("cells")
    columns = ["plain U-Net", *(f"windows of {side}" for side in WINDOWS_PX), "cells"]
    print("\n| cells: made image | size | with marker | " + " | ".join(columns) + " |")
    print("|" + "---|" * (len(columns) + 3))
    rows, differences = [], []
    for seed in SEEDS:
        image, truth = made_image(seed, HEIGHT, WIDTH)
        whole = network(image)[0]
        windows = [in_windows(network, image, side) for side in WINDOWS_PX]
        found = [classes_of(output) for output in (plain(image)[0], *windows, whole)]
        rows.append([quality(classes, truth) for classes in found])
        differences.append([difference(output, whole) for output in windows])
        share = (truth == WITH_MARKER).sum() / (truth != BACKGROUND).sum()
        print_row(str(seed), f"{WIDTH}x{HEIGHT}", f"{100 * share:.0f} %", rows[-1])
        if pictures:
            save_comparison(pictures / f"cells-{seed}.png", image, truth, *found)
    print_row("mean", "", "", np.mean(rows, axis=0))
    print("\n| against the whole image | mean difference of probabilities | other class |")
    print("|---|---|---|")
    for side, (apart, changed) in zip(WINDOWS_PX, np.mean(differences, axis=0), strict=True):
        print(f"| windows of {side} | {apart:.4f} | {100 * changed:.2f} % of pixels |")


def print_row(title: str, size: str, share: str, qualities) -> None:
    cells = [f"{iou:.3f} / {f1:.3f}" for iou, f1 in qualities]
    print(f"| {title} | {size} | {share} | " + " | ".join(cells) + " |", flush=True)


def in_windows(network: ExportedNetwork, image: np.ndarray, side: int) -> np.ndarray:
    """The network over overlapping windows, blended: [3, height, width]."""
    height, width, _ = image.shape
    ramp = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2
    weight = np.outer(ramp, ramp).astype(np.float32)
    total, weights = np.zeros((3, height, width), np.float32), np.zeros((height, width), np.float32)
    for y in window_starts(height, side):
        for x in window_starts(width, side):
            window = np.s_[y : y + side, x : x + side]
            total[:, *window] += weight * network(image[window])[0]
            weights[window] += weight
    return total / weights


def window_starts(length: int, side: int) -> np.ndarray:
    """Where windows start that overlap by a quarter or more, evenly spread."""
    count = -(-(length - side // 4) // (side - side // 4))
    return np.linspace(0, length - side, count).astype(int)


def difference(output: np.ndarray, whole: np.ndarray) -> tuple[float, float]:
    """Mean absolute difference of the probabilities, and share of pixels of another class."""
    return np.abs(output - whole).mean(), (classes_of(output) != classes_of(whole)).mean()


def save_comparison(path: pathlib.Path, image: np.ndarray, *classes: np.ndarray) -> None:
    """The whole image and the classes, at a quarter of the size, side by side."""
    parts = [image, *(coloured(kinds) for kinds in classes)]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(parts, axis=1)).reduce(4).save(path)
