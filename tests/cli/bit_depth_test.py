"""Pixels of fewer bits than their type: 12 of a camera's 16, 4 of a PNG's 8."""

import numpy
import pytest

import gdal_files
from conftest import noise


@pytest.fixture
def gray(programs):
    """A network of one channel."""
    return programs["four_conv_positive"]["path"]


def levels(bits, dtype):
    values = noise(40, 50, 1, numpy.float32)
    return (values.astype(numpy.float64) * 2**bits).astype(dtype)


def expected(tool, network, pixels, bits, folder):
    """What the network makes of the same image as floats, in so many bits."""
    most = 2**bits - 1
    floats = (pixels / numpy.float64(most)).astype(numpy.float32)
    gdal_files.write(folder / "floats.tif", floats)
    tool.ok("run", network, folder / "floats.tif", folder / "wanted.tif", "--quiet")
    wanted = gdal_files.read(folder / "wanted.tif").astype(numpy.float64) * most
    wanted = wanted.astype(numpy.float32).astype(numpy.float64)
    return numpy.floor(numpy.clip(wanted, 0, most) + 0.5)


@pytest.mark.parametrize(
    "bits, dtype, driver, ending",
    [
        *[(bits, numpy.uint8, "GTiff", "tif") for bits in (1, 2, 4, 7)],
        *[(bits, numpy.uint16, "GTiff", "tif") for bits in (9, 12, 15)],
        (20, numpy.uint32, "GTiff", "tif"),
        (4, numpy.uint8, "PNG", "png"),
        (1, numpy.uint8, "PNG", "png"),
    ],
)
def test_bits_stay(tool, gray, tmp_path, bits, dtype, driver, ending):
    pixels = levels(bits, dtype)
    source, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    gdal_files.write(source, pixels, driver, [f"NBITS={bits}"])
    assert gdal_files.bits(source) == [str(bits)]
    tool.ok("run", gray, source, out, "--quiet")
    assert gdal_files.bits(out) == [str(bits)]
    found = gdal_files.read(out)
    assert found.dtype == dtype
    wanted = expected(tool, gray, pixels, bits, tmp_path)
    assert len(numpy.unique(wanted)) > 1
    assert numpy.abs(found - wanted).max() <= (1 if bits > 16 else 0)


def test_a_format_or_type_without_such_bits(tool, gray, tmp_path):
    """The whole range is used instead, so that it looks the same."""
    source = gdal_files.write(tmp_path / "in.tif", levels(12, numpy.uint16), options=["NBITS=12"])
    twelve = expected(tool, gray, levels(12, numpy.uint16), 12, tmp_path) / 4095
    for name, most, words in [
        ("out.png", 65535, []),
        ("out.tif", 255, ["--output-type", "u8"]),
        ("out.jpg", 255, []),
        ("out.cog.tif", 65535, []),
    ]:
        tool.ok("run", gray, source, tmp_path / name, "--quiet", *words)
        assert gdal_files.bits(tmp_path / name) == [None]
        found = gdal_files.read(tmp_path / name) / most
        assert numpy.abs(found - twelve).max() < (0.06 if name == "out.jpg" else 0.003), name


def test_bits_that_the_caller_asks_for(tool, gray, tmp_path):
    """--co NBITS is as good as an input of as few."""
    pixels = levels(12, numpy.uint16)
    gdal_files.write(tmp_path / "in.tif", pixels, options=["NBITS=12"])
    words = ["--quiet", "--co", "NBITS=10"]
    tool.ok("run", gray, tmp_path / "in.tif", tmp_path / "out.tif", *words)
    assert gdal_files.bits(tmp_path / "out.tif") == ["10"]
    wanted = expected(tool, gray, pixels, 12, tmp_path) / 4095 * 1023
    assert numpy.abs(gdal_files.read(tmp_path / "out.tif") - wanted).max() <= 1


def test_values_stay_below_the_largest(tool, gray, tmp_path):
    pixels = numpy.full((30, 30), 4095, numpy.uint16)
    gdal_files.write(tmp_path / "in.tif", pixels, options=["NBITS=12"])
    words = ["--quiet", "--output-scale", "100000"]
    tool.ok("run", gray, tmp_path / "in.tif", tmp_path / "out.tif", *words)
    assert gdal_files.read(tmp_path / "out.tif").max() == 4095


def test_images_of_other_bits_are_not_joined(tool, programs, tmp_path):
    pixels = levels(12, numpy.uint16)
    for name, options in [("a.tif", ["NBITS=12"]), ("b.tif", [])]:
        gdal_files.write(tmp_path / name, pixels, options=options)
    message = tool.fails(
        "run",
        programs["two_inputs"]["path"],
        tmp_path / "a.tif",
        tmp_path / "out.tif",
        "--more-input",
        tmp_path / "b.tif",
    )
    assert "u16 of 12 bits" in message and "convert one" in message
