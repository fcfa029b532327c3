"""Measures the demo networks on the held-out photographs and prints one Markdown table per network.

    python models/evaluate.py [NAME ...] [--pictures FOLDER]

Each network is exported at the photograph's size and run by ExecuTorch, so the figures are those of
the .pte programs. Results are clipped and rounded to 8 bits before they are compared. PSNR is in dB
over all values of the image; SSIM is scikit-image's with its default 7x7 window, mean of the three
channels.
"""

import argparse
import pathlib

import numpy as np
import torch
from executorch.runtime import Runtime
from PIL import Image
from skimage import metrics

from baselines import BASELINES
from data import HELD_OUT, as_image, as_network_input, damaged, load_photo
from export import export_program, load_network
from networks import NETWORKS

SEED = 1


class ExportedNetwork:
    """Runs a network through ExecuTorch at any size: exports it once per size."""

    def __init__(self, name: str):
        self.network = load_network(name)
        self.methods = {}
        # A method reads from its program and the program's bytes, and keeps neither alive.
        self.owners = []

    def __call__(self, image: np.ndarray) -> np.ndarray:
        method = self.method(*image.shape[:2])
        (output,) = method.execute([torch.from_numpy(as_network_input([image]))])
        return as_image(output.numpy())

    def method(self, height: int, width: int):
        if (height, width) not in self.methods:
            content = export_program(self.network, height, width).buffer
            program = Runtime.get().load_program(content)
            self.owners += [content, program]
            self.methods[height, width] = program.load_method("forward")
        return self.methods[height, width]


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
        restored = network(image)
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
    parser = argparse.ArgumentParser(
        description="Measure the demo networks on held-out photographs."
    )
    parser.add_argument("names", nargs="*", default=sorted(NETWORKS), metavar="NAME")
    parser.add_argument(
        "--pictures", type=pathlib.Path, help="also write side-by-side crops to this folder"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.names:
        evaluate(name, options.pictures)


if __name__ == "__main__":
    main()
