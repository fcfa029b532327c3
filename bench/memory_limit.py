"""Runs three networks at five memory limits.

Fails when a run holds more than its limit, or writes other bits.

    python bench/memory_limit.py [NETWORK ...]

Takes about an hour on two cores, 8 GB of memory and 5 GB of disk.

Limits of 96M to 1G, images of 8 and 64 megapixels, one and two threads. Every output is float, and
is compared with that of a run in 8 GB. A limit that is refused is tried again with the one that the
message names; the plan is then one of smallest tiles, up to sixty times as slow, so that of the
large image the uppermost rows are run. Needs numpy and tifffile (requirements/test.txt). The tool
is $SECTILE_CLI, or build/release/cli/sectile.
"""

import hashlib
import itertools
import sys
import tempfile
from pathlib import Path

import tool

LIMITS = ["96M", "128M", "256M", "512M", "1G"]
SIZES = [(2160, 3840), (8000, 8000)]
THREADS = ["1", "2"]
STRIP_ROWS = 512
MEBIBYTE = 1 << 20

ROW = "{:<10} {:>10} {:>7} {:>6} {:>8} {:>7} {:>10} {:>10} {:>6} {:>8} {:>8}"
TITLES = [
    "network",
    "image",
    "threads",
    "asked",
    "granted",
    "mode",
    "tile",
    "predicted",
    "peak",
    "seconds",
    "same",
]


class Output:
    """The file that all runs write, and its hash."""

    def __init__(self, folder):
        self.path = folder / "out.tif"

    def digest(self):
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def run(network, image, output, *options):
    return tool.run(
        tool.MODELS[network],
        image,
        output.path,
        "--output-type",
        "f32",
        "--co",
        "COMPRESS=NONE",
        *options,
    )


class Picture:
    """An image of noise, and the hash of what a network makes of it."""

    def __init__(self, network, folder, size, output):
        self.size = size
        self.path = tool.noise_tiff(folder, *size, 3)
        report, message = run(network, self.path, output, "--memory", "8G", "--tile", "700")
        assert report is not None, message
        self.expected = output.digest()


def check(network, picture, strip, threads, limit, output):
    """Prints a line; whether the limit held and the bits are right."""
    used = limit
    report, message = run(network, picture.path, output, "--memory", limit, "--threads", threads)
    if report is None:
        picture, used = strip, refused_limit(network, strip, output, limit, threads, message)
        report, message = run(network, picture.path, output, "--memory", used, "--threads", threads)
        assert report is not None, message
    size = picture.size
    same = output.digest() == picture.expected
    held = report["peak_rss_bytes"] <= report["memory_limit_bytes"]
    print(
        ROW.format(
            network,
            f"{size[1]}x{size[0]}",
            threads,
            limit,
            used,
            report["mode"],
            tool.size_text(report["tile"]),
            f"{report['predicted_peak_bytes'] / MEBIBYTE:.1f}",
            f"{report['peak_rss_bytes'] / MEBIBYTE:.1f}",
            f"{report['seconds']['total']:.1f}",
            "yes" if same else "NO",
        ),
        "" if same and held else "   <---",
        flush=True,
    )
    return same and held


def refused_limit(network, strip, output, limit, threads, message):
    """The limit that was named, for the whole picture or for the strip, whichever is more."""
    assert "the smallest limit" in message, message
    report, of_strip = run(network, strip.path, output, "--memory", limit, "--threads", threads)
    named = [message] if report else [message, of_strip]
    return max(
        (text.split()[-1].rstrip(")") for text in named),
        key=lambda text: int(text.removesuffix("M")),
    )


def main(networks):
    print(ROW.format(*TITLES))
    runs = bad = 0
    with tempfile.TemporaryDirectory() as folder:
        output = Output(Path(folder))
        for network, size in itertools.product(networks, SIZES):
            picture = Picture(network, Path(folder), size, output)
            strip = Picture(network, Path(folder), (STRIP_ROWS, size[1]), output)
            for limit, threads in itertools.product(LIMITS, THREADS):
                runs += 1
                bad += not check(network, picture, strip, threads, limit, output)
    print(f"{runs} runs, {bad} of them over the limit or with other bits")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(tool.MODELS)))
