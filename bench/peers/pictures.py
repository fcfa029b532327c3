"""Pictures to run over, and how far two results are apart."""

import subprocess
import sys

import numpy
import tifffile

import cases
import contender

PHOTOGRAPH = cases.ROOT / "demo" / "noisy.tif"
PHOTOGRAPH_BEFORE = "/usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg"
NOISE_SIGMA = "25"
VALUES_AT_ONCE = 1 << 24


def source_of(network, picture):
    """The file that the picture lies in: noise, or the photograph.

    Noise is raw planar floats from 0 to 1, or a TIFF.
    """
    return photograph() if picture.name == "photograph" else noise(network.channels, picture)


def noise(channels, picture):
    path = (
        cases.WORK
        / f"noise_{picture.width}x{picture.height}x{channels}.{'tif' if picture.files else 'f32'}"
    )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        random = numpy.random.default_rng(picture.height * 1009 + picture.width)
        if picture.files:
            contender.write_tiff(
                path,
                random.integers(0, 256, (picture.height, picture.width, channels), numpy.uint8),
            )
        else:
            random.random((channels, picture.height, picture.width), numpy.float32).tofile(path)
    return path


def photograph():
    """What `make demo` makes first."""
    if not PHOTOGRAPH.exists():
        PHOTOGRAPH.parent.mkdir(exist_ok=True)
        subprocess.run(
            [
                sys.executable,
                cases.ROOT / "scripts" / "demo_images.py",
                "noise",
                PHOTOGRAPH_BEFORE,
                PHOTOGRAPH,
                NOISE_SIGMA,
            ],
            check=True,
        )
    return PHOTOGRAPH


def values_of(path):
    if path.suffix == ".tif":
        return tifffile.imread(path).reshape(-1)
    return numpy.memmap(path, numpy.float32, "r")


def difference(path, reference):
    """How many values there are, how many differ in any bit, and by how much at most."""
    values, expected = values_of(path), values_of(reference)
    if values.shape != expected.shape:
        raise ValueError(f"{path} has {values.size} values, {reference} has {expected.size}")
    differing, largest = 0, 0.0
    for start in range(0, values.size, VALUES_AT_ONCE):
        part, other = (array[start : start + VALUES_AT_ONCE] for array in (values, expected))
        bits = f"u{part.itemsize}"
        differing += int(numpy.count_nonzero(part.view(bits) != other.view(bits)))
        largest = max(largest, float(numpy.abs(part.astype(numpy.float64) - other).max()))
    return {"values": int(values.size), "differing": differing, "max_abs_diff": largest}
