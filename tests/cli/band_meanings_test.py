"""What the bands of a file mean: colours, near infrared, alpha, tables of colours, white as 0."""

import numpy
import pytest

import gdal_files
from conftest import noise
from gdal_files import gdal


def planes(height, width, bands, dtype=numpy.uint8):
    return numpy.moveaxis(noise(height, width, bands, dtype), -1, 0)


COLORS = {
    "Undefined": gdal.GCI_Undefined,
    "Gray": gdal.GCI_GrayIndex,
    "Red": gdal.GCI_RedBand,
    "Green": gdal.GCI_GreenBand,
    "Blue": gdal.GCI_BlueBand,
    "Alpha": gdal.GCI_AlphaBand,
}


def with_meanings(*names):
    def change(dataset):
        for number, name in enumerate(names, 1):
            dataset.GetRasterBand(number).SetColorInterpretation(COLORS[name])

    return change


RGBN = ["Red", "Green", "Blue", "Undefined"]


@pytest.mark.parametrize("dtype", [numpy.uint8, numpy.uint16, numpy.float32])
@pytest.mark.parametrize(
    "names",
    [
        RGBN,
        ["Red", "Green", "Blue", "Alpha"],
        ["Blue", "Green", "Red", "Undefined"],
        ["Gray", "Undefined", "Undefined", "Undefined"],
    ],
)
def test_meanings_carry_over(tool, programs, tmp_path, names, dtype):
    source = gdal_files.write(
        tmp_path / "in.tif",
        planes(30, 40, 4, dtype),
        options=["PHOTOMETRIC=MINISBLACK"],
        change=with_meanings(*names),
    )
    assert gdal_files.meanings(source) == names
    for name in ("conv_grouped", "transposed_grouped"):
        out = tmp_path / f"{name}.tif"
        tool.ok("run", programs[name]["path"], source, out, "--quiet")
        assert gdal_files.meanings(out) == names
        is_mask = "Alpha" in names and dtype != numpy.float32  # GDAL takes no mask from floats
        expected = gdal.GMF_PER_DATASET | gdal.GMF_ALPHA if is_mask else gdal.GMF_ALL_VALID
        assert next(gdal_files.bands(out)).GetMaskFlags() == expected
    tool.ok("run", programs["conv_grouped"]["path"], source, tmp_path / "out.cog.tif", "--quiet")
    assert gdal_files.meanings(tmp_path / "out.cog.tif") == names


@pytest.mark.parametrize("dtype", [numpy.uint8, numpy.uint16])
def test_three_bands_that_are_no_colours(tool, models, tmp_path, dtype):
    names = ["Gray", "Undefined", "Undefined"]
    options = ["PHOTOMETRIC=MINISBLACK"]
    source = gdal_files.write(tmp_path / "in.tif", planes(30, 40, 3, dtype), options=options)
    assert gdal_files.meanings(source) == names
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--quiet")
    assert gdal_files.meanings(tmp_path / "out.tif") == names
    words = ["--quiet", "--overwrite", "--co", "PHOTOMETRIC=RGB"]
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", *words)
    assert gdal_files.meanings(tmp_path / "out.tif") == ["Red", "Green", "Blue"]


def test_other_numbers_of_bands_mean_nothing(tool, programs, tmp_path):
    source = gdal_files.write(tmp_path / "in.tif", planes(30, 40, 3), options=["PHOTOMETRIC=RGB"])
    for name, bands in {"conv_depthwise_multiplier": 6, "unet1": 2}.items():
        tool.ok(
            "run", programs[name]["path"], source, tmp_path / "out.tif", "--quiet", "--overwrite"
        )
        found = gdal_files.meanings(tmp_path / "out.tif")
        assert found == ["Gray"] + ["Undefined"] * (bands - 1)


def test_no_alpha_is_made_up_in_a_png(tool, programs, tmp_path):
    source = gdal_files.write(
        tmp_path / "in.tif", planes(30, 40, 4), options=["PHOTOMETRIC=RGB", "ALPHA=NO"]
    )
    message = tool.fails("run", programs["conv_grouped"]["path"], source, tmp_path / "out.png")
    assert "band 4 for alpha" in message and "4 Undefined" in message
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


def run_gray(tool, programs, tmp_path, source, out="out.tif"):
    gray = programs["four_conv_positive"]["path"]
    tool.ok("run", gray, source, tmp_path / out, "--quiet", "--overwrite")
    return gdal_files.read(tmp_path / out)


@pytest.mark.parametrize(
    "bits, dtype",
    [(1, numpy.uint8), (4, numpy.uint8), (8, numpy.uint8), (12, numpy.uint16), (16, numpy.uint16)],
)
def test_white_as_zero_is_grey_at_full_depth(tool, programs, tmp_path, bits, dtype):
    most = 2**bits - 1
    pixels = (noise(40, 50, 1, numpy.float32) * (most + 0.999)).astype(dtype)
    options = [f"NBITS={bits}"] if bits not in (8, 16) else []
    white = gdal_files.write(
        tmp_path / "white.tif", most - pixels, options=[*options, "PHOTOMETRIC=MINISWHITE"]
    )
    black = gdal_files.write(tmp_path / "black.tif", pixels, options=options)
    found = run_gray(tool, programs, tmp_path, white)
    assert found.dtype == dtype and len(numpy.unique(found)) > min(bits, 8)
    assert numpy.array_equal(found, run_gray(tool, programs, tmp_path, black, "black_out.tif"))
    if bits > 1:  # GDAL gives each TIFF of one bit a table of black and white
        assert gdal_files.meanings(tmp_path / "out.tif") == ["Gray"]


def paletted(path, indices, colors, driver="GTiff"):
    def change(dataset):
        table = gdal.ColorTable()
        for index, color in enumerate(colors):
            table.SetColorEntry(index, color)
        dataset.GetRasterBand(1).SetColorTable(table)

    return gdal_files.write(path, indices, driver, change=change)


@pytest.mark.parametrize("driver, ending", [("GTiff", "tif"), ("PNG", "png"), ("GIF", "gif")])
def test_a_grey_palette_is_grey(tool, programs, tmp_path, driver, ending):
    colors = [(255 - i, 255 - i, 255 - i, 255) for i in range(256)]
    indices = noise(30, 40, 1)
    source = paletted(tmp_path / f"in.{ending}", indices, colors, driver)
    grey = gdal_files.write(tmp_path / "grey.tif", 255 - indices)
    found = run_gray(tool, programs, tmp_path, source)
    assert numpy.array_equal(found, run_gray(tool, programs, tmp_path, grey, "grey_out.tif"))


def test_a_palette_of_colours_is_expanded(tool, models, tmp_path):
    colors = [(i, 255 - i, i // 2, 255) for i in range(256)]
    indices = noise(30, 40, 1)
    source = paletted(tmp_path / "in.tif", indices, colors)
    expanded = numpy.array(colors, numpy.uint8)[indices][..., :3]
    rgb = gdal_files.write(tmp_path / "rgb.tif", numpy.moveaxis(expanded, -1, 0))
    for name in (source, rgb):
        tool.ok("run", models["denoise"], name, tmp_path / f"out_{name.name}", "--quiet")
    found = gdal_files.read(tmp_path / "out_in.tif")
    assert numpy.array_equal(found, gdal_files.read(tmp_path / "out_rgb.tif"))
    assert gdal_files.meanings(tmp_path / "out_in.tif") == ["Red", "Green", "Blue"]
