"""--output-scale, --output-offset and --output-units: what the output's pixels stand for."""

import numpy
import pytest

import gdal_files
from conftest import noise


@pytest.fixture
def gray(programs):
    return programs["four_conv_positive"]["path"]


def run(tool, network, source, out, *words):
    tool.ok("run", network, source, out, "--quiet", "--overwrite", *words)
    return gdal_files.read(out)


INPUT = ["--input-scale", "0.0001", "--input-mean", "0.2", "--input-std", "0.5"]


@pytest.fixture
def source(tmp_path):
    pixels = (noise(40, 50, 1, numpy.float32) * 10000).astype(numpy.uint16)
    return gdal_files.write(tmp_path / "in.tif", pixels)


@pytest.fixture
def network_output(tool, gray, source, tmp_path):
    """Of the same run: floats, as the network gives them."""
    words = [*INPUT, "--output-type", "f32"]
    return run(tool, gray, source, tmp_path / "floats.tif", *words).astype(numpy.float64)


def as_pixels(values, dtype):
    info = numpy.iinfo(dtype)
    values = numpy.clip(values, info.min, info.max)
    return numpy.trunc(values + numpy.copysign(0.5, values)).astype(dtype)


def test_the_input_s_units(tool, gray, source, network_output, tmp_path):
    found = run(tool, gray, source, tmp_path / "out.tif", *INPUT, "--output-units", "input")
    wanted = as_pixels((network_output * 0.5 + 0.2) / 0.0001, numpy.uint16)
    assert found.dtype == numpy.uint16 and len(numpy.unique(wanted)) > 10
    assert numpy.array_equal(found, wanted)


def test_scale_and_offset(tool, gray, source, network_output, tmp_path):
    words = [*INPUT, "--output-scale", "5000", "--output-offset", "-20.5"]
    found = run(tool, gray, source, tmp_path / "out.tif", *words)
    assert numpy.array_equal(found, as_pixels(network_output * 5000 - 20.5, numpy.uint16))


def test_numbers_of_each_channel(tool, models, image, tmp_path):
    source = image("in.png", 30, 40)
    words = ["--output-type", "f32", "--input-mean", "0.1,0.2,0.3", "--input-std", "0.5,0.6,0.7"]
    network = run(tool, models["denoise"], source, tmp_path / "a.tif", *words).astype(numpy.float64)
    mean, std = (numpy.reshape(n, (3, 1, 1)) for n in ([0.1, 0.2, 0.3], [0.5, 0.6, 0.7]))
    words += ["--output-units", "input"]
    found = run(tool, models["denoise"], source, tmp_path / "b.tif", *words)
    assert numpy.allclose(found, (network * std + mean) * 255, rtol=1e-6)


def test_passes_of_statistics_are_left_alone(tool, models, programs, tmp_path):
    """Only the last pass makes pixels."""
    network = programs["squeeze_excite"]["path"]
    bands = programs["squeeze_excite"]["channels"]
    shape = noise(40, 50, bands)
    pixels = shape if bands == 1 else numpy.moveaxis(shape, -1, 0)
    source = gdal_files.write(tmp_path / "in.tif", pixels)
    plain = run(tool, network, source, tmp_path / "a.tif", "--output-type", "f32")
    words = ["--output-type", "f32", "--output-scale", "4", "--output-offset", "1"]
    found = run(tool, network, source, tmp_path / "b.tif", *words)
    assert numpy.array_equal(found, (plain.astype(numpy.float64) * 4 + 1).astype(numpy.float32))


def test_numbers_that_do_not_fit(tool, models, image, tmp_path):
    words = ["run", models["denoise"], image("in.png", 20, 20), tmp_path / "out.tif"]
    message = tool.fails(*words, "--output-scale", "1,2")
    assert "2 numbers" in message and "3 bands" in message
    assert not (tmp_path / "out.tif").exists()
    for bad in (
        ["--output-scale", "0"],
        ["--output-offset", "nan"],
        ["--output-units", "kelvin"],
        ["--output-units", "input", "--output-scale", "2"],
        ["--output-units", "input", "--output-offset", "2"],
    ):
        tool.fails(*words, *bad, code=2)
