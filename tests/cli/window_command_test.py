"""sectile run, plan and verify over a window of the output: --window and --bounds."""

import json

import numpy
import pytest
from PIL import Image, TiffImagePlugin

from conftest import noise, read

PIXEL_SCALE, TIE_POINT, TRANSFORMATION = 33550, 33922, 34264  # tags of GeoTIFF
HEIGHT, WIDTH = 150, 130
SCALES = {"denoise": 1, "unet": 1, "upscale2x": 2}


def write_tiff(path, tags):
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, values in tags.items():
        directory.tagtype[tag] = 12  # doubles
        directory[tag] = values
    Image.fromarray(noise(HEIGHT, WIDTH)).save(path, tiffinfo=directory)
    return path


@pytest.fixture
def north_up(tmp_path):
    """An image of pixels of 10 x 20, its corner at (500, 9000)."""
    tags = {PIXEL_SCALE: (10.0, 20.0, 0.0), TIE_POINT: (0.0, 0.0, 0.0, 500.0, 9000.0, 0.0)}
    return write_tiff(tmp_path / "in.tif", tags)


def with_transform(path, columns):
    """x = a * column + b * row + c, y = d * column + e * row + f."""
    a, b, c, d, e, f = columns
    matrix = (a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1)
    return write_tiff(path, {TRANSFORMATION: tuple(float(value) for value in matrix)})


def place_of(path):
    """Width and height of a pixel, and the coordinates of the corner."""
    with Image.open(path) as opened:
        tie_point = opened.tag_v2[TIE_POINT]
        assert tie_point[:3] == (0, 0, 0)
        return opened.tag_v2[PIXEL_SCALE][:2], tie_point[3:5]


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize(
    "mode", [["--mode", "whole"], ["--tile", "120"], ["--mode", "stream"]], ids=" ".join
)
def test_a_window_is_that_part_of_the_whole(tool, models, north_up, tmp_path, name, mode):
    scale = SCALES[name]
    tool.ok("run", models[name], north_up, tmp_path / "whole.tif", "--quiet")
    whole = read(tmp_path / "whole.tif")
    for x, y, width, height in [(0, 0, 1, 1), (37, 20, 50, 61), (100, 149, 30, 1)]:
        x, y, width, height = (scale * number for number in (x, y, width, height))
        words = ["--window", f"{x},{y},{width}x{height}", "--overwrite", "--report", "-"]
        text = tool.ok("run", models[name], north_up, tmp_path / "part.tif", *words, *mode)
        part = read(tmp_path / "part.tif")
        assert numpy.array_equal(part, whole[y : y + height, x : x + width])
        pixel, corner = place_of(tmp_path / "part.tif")
        assert pixel == (10 / scale, 20 / scale)
        assert corner == (500 + x * 10 / scale, 9000 - y * 20 / scale)
        report = json.loads(text)
        assert report["window"] == {"x": x, "y": y, "width": width, "height": height}
        assert report["output"] == {"height": height, "width": width}
        assert report["image"] == {"height": HEIGHT, "width": WIDTH}


def test_only_what_a_window_needs_is_read(tool, models):
    """The denoiser reaches 8 pixels, cut off at the border."""
    plan = tool.json("plan", models["denoise"], "4000x3000", "--window", "5,1000,100x50")
    assert plan["input_window"] == {"x": 0, "y": 992, "width": 113, "height": 66}
    assert plan["compute_ratio"] < 0.001
    whole = tool.json("plan", models["denoise"], "4000x3000")
    assert whole["window"] == {"x": 0, "y": 0, "width": 4000, "height": 3000}
    assert plan["predicted_peak_bytes"] < whole["predicted_peak_bytes"]
    text = tool.ok("plan", models["denoise"], "4000x3000", "--window", "5,1000,100x50")
    assert "window   5,1000,100x50 of the output, from 0,992,113x66 of the image" in text


@pytest.mark.parametrize(
    "bounds, window",
    [
        ("500,6000,1800,9000", (0, 0, 130, 150)),  # all of it
        ("600,8000,800,8900", (10, 5, 20, 45)),  # on the edges of pixels
        ("601,8001,799,8899", (10, 5, 20, 45)),  # rounded outwards
        ("600.0000001,8000.0000001,800.0000001,8900.0000001", (10, 5, 20, 45)),
        ("605,8005,605.5,8005.5", (10, 49, 1, 1)),
    ],
)
def test_bounds(tool, models, north_up, tmp_path, bounds, window):
    for name, scale in SCALES.items():
        plan = tool.json("plan", models[name], north_up, "--bounds", bounds)
        x, y, width, height = (scale * number for number in window)
        found = plan["window"]
        if bounds.startswith(("601", "605")):  # half a pixel is a pixel of the larger output
            assert found["x"] in (x, x + scale - 1) and found["y"] in (y, y + scale - 1)
            assert width - 2 <= found["width"] <= width and height - 2 <= found["height"] <= height
        else:
            assert found == {"x": x, "y": y, "width": width, "height": height}
    tool.ok("run", models["unet"], north_up, tmp_path / "part.tif", "--bounds", bounds, "--quiet")
    assert place_of(tmp_path / "part.tif")[1] == (500 + window[0] * 10, 9000 - window[1] * 20)


def test_bounds_of_an_image_whose_rows_go_north(tool, models, tmp_path):
    path = with_transform(tmp_path / "in.tif", (10, 0, -500, 0, 20, -900))
    plan = tool.json("plan", models["denoise"], path, "--bounds", "-490,-860,-470,-800")
    assert plan["window"] == {"x": 1, "y": 2, "width": 2, "height": 3}


def test_verify_compares_the_window(tool, models, north_up):
    for words in (["--window", "37,20,50x61"], ["--bounds", "870,7380,1370,8600"]):
        answer = tool.json("verify", models["unet"], north_up, *words)
        assert answer["window"] == {"x": 37, "y": 20, "width": 50, "height": 61}
        assert (answer["values"], answer["differing"]) == (50 * 61 * 3, 0)


def test_windows_beyond_the_output(tool, models, north_up, tmp_path):
    words = ["run", models["upscale2x"], north_up, tmp_path / "part.tif", "--window"]
    for window in ("0,0,261x1", "260,0,1x1", "0,300,1x1"):
        message = tool.fails(*words, window)
        assert window in message and "260x300" in message
    assert not (tmp_path / "part.tif").exists()


def test_bounds_beyond_the_image(tool, models, north_up):
    for bounds in ("499,8000,700,8900", "600,5999,700,8900", "0,0,1,1"):
        message = tool.fails("plan", models["denoise"], north_up, "--bounds", bounds)
        assert bounds in message and "500,6000,1800,9000" in message


def test_bounds_need_a_place_on_earth(tool, models, image, tmp_path):
    words = ["plan", models["denoise"]]
    message = tool.fails(*words, image("in.png", 20, 20), "--bounds", "0,0,1,1")
    assert "no georeference" in message and "--window" in message
    rotated = with_transform(tmp_path / "in.tif", (10, 1, 500, 1, -20, 900))
    message = tool.fails(*words, rotated, "--bounds", "500,800,600,900")
    assert "rotated" in message and "--window" in message


@pytest.mark.parametrize(
    "words, part",
    [
        (["--window", "1,2"], "'1,2'"),
        (["--window", "-1,2,3x4"], "'-1,2,3x4'"),
        (["--window", "1,2,0x4"], "'1,2,0x4'"),
        (["--window", "1,2,3x4,5"], "'1,2,3x4,5'"),
        (["--bounds", "1,2,3"], "'1,2,3'"),
        (["--bounds", "1,2,nan,4"], "'1,2,nan,4'"),
        (["--bounds", "5,2,3,4"], "'5,2,3,4'"),
        (["--bounds", "1,2,3,4", "--window", "1,2,3x4"], "--window"),
        (["--window", "1,2,3x4", "--approximate"], "--approximate"),
        (["--bounds", "1,2,3,4", "--approximate"], "--approximate"),
    ],
)
def test_words_that_make_no_sense(tool, models, words, part):
    assert part in tool.fails("plan", models["denoise"], "64x64", *words, code=2)
