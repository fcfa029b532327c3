"""What the benchmarks in Python share: the tool, the networks, pictures made on the spot."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = os.environ.get("SECTILE_CLI", ROOT / "build" / "release" / "cli" / "sectile")
MODELS = {name: ROOT / "models" / f"{name}.pte" for name in ("denoise", "unet", "upscale2x")}
PROGRAMS = ROOT / "tests" / "networks" / "programs"
BLOCK = 256


def noise_tiff(folder, height, width, bands):
    """A tiled, uncompressed 8-bit TIFF of noise, BigTIFF where it has to be; made once.

    One row of blocks is in memory at a time.
    """
    import numpy  # the only function that needs the two
    import tifffile

    path = folder / f"noise_{width}x{height}x{bands}.tif"
    if path.exists():
        return path
    random = numpy.random.default_rng(height * 1009 + width)

    def blocks():
        for _ in range(-(-height // BLOCK)):
            row = random.integers(0, 256, (BLOCK, -(-width // BLOCK) * BLOCK, bands), numpy.uint8)
            for x in range(0, row.shape[1], BLOCK):
                yield row[:, x : x + BLOCK] if bands > 1 else row[:, x : x + BLOCK, 0]

    shape = (height, width, bands) if bands > 1 else (height, width)
    tifffile.imwrite(
        path,
        blocks(),
        shape=shape,
        dtype=numpy.uint8,
        tile=(BLOCK, BLOCK),
        planarconfig="contig" if bands > 1 else None,
        photometric="rgb" if bands == 3 else "minisblack",
        bigtiff=height * width * bands > 4e9 // 2,
    )
    return path


def run(network, image, output, *options):
    """The report of `sectile run`, or None and what it said."""
    done = subprocess.run(
        [TOOL, "run", network, image, output, "--overwrite", "--quiet", "--report", "-", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return None, done.stderr.strip()
    return json.loads(done.stdout), ""


def size_text(size):
    return f"{size['width']}x{size['height']}"
