"""Measures the demo networks on held-out images and prints one Markdown table per network.

    python models/evaluate.py [NAME ...] [--pictures FOLDER]

Each network is exported at the image's size and run by ExecuTorch, so the figures are those of the
.pte programs. Pictures are clipped and rounded to 8 bits before they are compared. PSNR is in dB
over all values of the image; SSIM is scikit-image's with its default 7x7 window, mean of the three
channels. `cells` is measured by the classes of pixels (evaluate_cells.py).
"""

import argparse
import pathlib

import numpy as np
import torch
from PIL import Image
from skimage import metrics

from baselines import BASELINES
from data import HELD_OUT, as_image, damaged, load_photo
from evaluate_cells import evaluate_cells
from exported import ExportedNetwork

SEED = 1


def quality(result: np.ndarray, photo: np.ndarray) -> tuple[float, float]:
    return (
        metrics.peak_signal_noise_ratio(photo, result),
        metrics.structural_similarity(photo, result, channel_axis=2),
    )


def best_quality(results, photo: np.ndarray) -> tuple[float, float]:
    """The quality of the result with the highest PSNR."""
    return max(quality(result, photo) for result in results)


def evaluate(name: str, pictures: pathlib.Path | None) -> None:
    network, baselines = ExportedNetwork(name), BASELINES[name]
    columns = [*baselines, name]
    print(f"\n| {name}: held-out photograph | size | " + " | ".join(columns) + " | gain, dB |")
    print("|" + "---|" * (len(columns) + 3))
    rows = []
    for path in HELD_OUT:
        photo = load_photo(path)
        image = damaged(name, photo, SEED)
        restored = as_image(network(image))
        rows.append([best_quality(baseline(image), photo) for baseline in baselines.values()])
        rows[-1].append(quality(restored, photo))
        print_row(path.stem, f"{photo.shape[1]}x{photo.shape[0]}", rows[-1])
        if pictures:
            save_comparison(pictures / f"{name}-{path.stem}.png", image, restored, photo)
    print_row("mean", "", np.mean(rows, axis=0))


def print_row(title: str, size: str, qualities) -> None:
    cells = [f"{psnr:.2f} / {ssim:.3f}" for psnr, ssim in qualities]
    gain = qualities[-1][0] - max(psnr for psnr, _ in qualities[:-1])
    print(f"| {title} | {size} | " + " | ".join(cells) + f" | {gain:+.2f} |", flush=True)


def save_comparison(
    path: pathlib.Path, image: np.ndarray, restored: np.ndarray, photo: np.ndarray
) -> None:
    """The middle of the damaged image, the result and the photograph, side by side."""
    height, width, _ = photo.shape
    size = Image.fromarray(image).resize((width, height), Image.Resampling.NEAREST)
    top, left, side = height // 2 - 128, width // 2 - 128, 256
    crops = [
        part[top : top + side, left : left + side] for part in (np.asarray(size), restored, photo)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(crops, axis=1)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the demo networks on held-out images.")
    parser.add_argument("names", nargs="*", default=[*sorted(BASELINES), "cells"], metavar="NAME")
    parser.add_argument(
        "--pictures", type=pathlib.Path, help="also write side-by-side crops to this folder"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.names:
        if name == "cells":
            evaluate_cells(options.pictures)
        else:
            evaluate(name, options.pictures)


if __name__ == "__main__":
    main()
