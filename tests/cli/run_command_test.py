"""sectile run: files in, files out."""

import json

import numpy
import pytest
from PIL import Image, TiffImagePlugin

from conftest import noise, read, run_on_terminal
from inspect_command_test import PLAN_KEYS

REPORT_KEYS = [*PLAN_KEYS, "seconds", "steps_left_out", "peak_rss_bytes"]


def test_tiled_equals_whole(tool, models, image, tmp_path):
    source = image("in.png", 210, 330)
    tool.ok("run", models["unet"], source, tmp_path / "whole.tif", "--mode", "whole", "--quiet")
    tool.ok(
        "run",
        models["unet"],
        source,
        tmp_path / "tiled.tif",
        "--tile",
        "144",
        "--threads",
        "2",
        "--quiet",
    )
    whole = read(tmp_path / "whole.tif")
    assert whole.shape == (210, 330, 3) and whole.dtype == numpy.uint8
    assert len(numpy.unique(whole)) > 10
    assert numpy.array_equal(whole, read(tmp_path / "tiled.tif"))


def test_the_output_is_scaled(tool, models, image, tmp_path):
    tool.ok("run", models["upscale2x"], image("in.jpg", 61, 83), tmp_path / "out.png", "--quiet")
    assert read(tmp_path / "out.png").shape == (122, 166, 3)


def test_the_place_on_earth_is_kept(tool, models, tmp_path):
    """Pixels of an image of twice the size are half as large, and its corner stays where it was."""
    pixel_scale, tie_point = 33550, 33922  # tags of GeoTIFF
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, values in {
        pixel_scale: (10.0, 20.0, 0.0),
        tie_point: (0.0, 0.0, 0.0, 500.0, 900.0, 0.0),
    }.items():
        tags.tagtype[tag] = 12
        tags[tag] = values
    Image.fromarray(noise(40, 30)).save(tmp_path / "in.tif", tiffinfo=tags)
    for name, expected in {"denoise": (10, 20), "upscale2x": (5, 10)}.items():
        tool.ok("run", models[name], tmp_path / "in.tif", tmp_path / f"{name}.tif", "--quiet")
        with Image.open(tmp_path / f"{name}.tif") as opened:
            assert opened.tag_v2[pixel_scale][:2] == expected
            assert opened.tag_v2[tie_point] == (0, 0, 0, 500, 900, 0)


@pytest.mark.parametrize("height, width", [(1, 1), (1, 50), (50, 1), (3, 7), (20, 9)])
def test_tiny_images(tool, models, image, tmp_path, height, width):
    for name in models:
        out = tmp_path / f"{name}.tif"
        tool.ok("run", models[name], image("in.png", height, width), out, "--quiet")
        scale = 2 if name == "upscale2x" else 1
        assert read(out).shape == (height * scale, width * scale, 3)


@pytest.fixture
def gray(tool, programs):
    """A network of one channel, so that 16-bit and float images need nothing but Pillow."""
    return programs["four_conv_positive"]["path"]


@pytest.mark.parametrize(
    "ending, dtype, options, expected",
    [
        ("tif", numpy.uint8, [], numpy.uint8),
        ("tif", numpy.uint16, [], numpy.uint16),
        ("tif", numpy.float32, [], numpy.float32),
        ("png", numpy.uint8, [], numpy.uint8),
        ("png", numpy.uint16, [], numpy.uint16),
        ("png", numpy.float32, [], numpy.uint16),
        ("jpg", numpy.uint16, [], numpy.uint8),
        ("jpg", numpy.float32, [], numpy.uint8),
        ("bin", numpy.float32, ["--format", "png"], numpy.uint16),
        ("tif", numpy.uint8, ["--output-type", "f32"], numpy.float32),
        ("tif", numpy.float32, ["--output-type", "u16"], numpy.uint16),
        ("png", numpy.uint16, ["--output-type", "u8"], numpy.uint8),
    ],
)
def test_output_types(tool, gray, tmp_path, ending, dtype, options, expected):
    source, out = tmp_path / "in.tif", tmp_path / f"out.{ending}"
    Image.fromarray(noise(30, 40, 1, dtype)).save(source)
    tool.ok("run", gray, source, out, "--quiet", *options)
    pixels = read(out)
    assert pixels.shape == (30, 40)
    # Pillow reads 16-bit PNG files as 32-bit numbers in some versions.
    assert pixels.dtype == expected or (expected == numpy.uint16 and pixels.dtype == numpy.int32)


def test_a_type_that_the_format_lacks(tool, models, image, tmp_path):
    message = tool.fails(
        "run",
        models["denoise"],
        image("in.png", 9, 9),
        tmp_path / "out.jpg",
        "--output-type",
        "f32",
    )
    assert "f32" in message and "u8" in message
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def test_input_scaling(tool, gray, tmp_path):
    """(pixel * scale - mean) / std, against the same done by hand."""
    pixels = noise(40, 30, 1)
    Image.fromarray(pixels).save(tmp_path / "bytes.tif")
    by_hand = (pixels.astype(numpy.float64) * 0.01 - 0.25) / 0.5
    Image.fromarray(by_hand.astype(numpy.float32)).save(tmp_path / "floats.tif")
    tool.ok(
        "run",
        gray,
        tmp_path / "bytes.tif",
        tmp_path / "a.tif",
        "--output-type",
        "f32",
        "--quiet",
        "--input-scale",
        "0.01",
        "--input-mean",
        "0.25",
        "--input-std",
        "0.5",
    )
    tool.ok("run", gray, tmp_path / "floats.tif", tmp_path / "b.tif", "--quiet")
    tool.ok(
        "run", gray, tmp_path / "bytes.tif", tmp_path / "c.tif", "--output-type", "f32", "--quiet"
    )
    a, b, c = (read(tmp_path / f"{name}.tif") for name in "abc")
    assert numpy.allclose(a, b, atol=1e-5)
    assert not numpy.allclose(a, c, atol=1e-3)


def test_means_of_all_bands(tool, models, image, tmp_path):
    source = image("in.png", 20, 20)
    words = [
        "run",
        models["denoise"],
        source,
        tmp_path / "out.tif",
        "--quiet",
        "--overwrite",
        "--input-mean",
    ]
    tool.ok(*words, "0.5,-0.4,0.3")
    tool.ok(*words, "-0.5")
    message = tool.fails(*words, "0.5,0.4")
    assert "2" in message and "3" in message


def test_driver_options(tool, models, image, tmp_path):
    out = tmp_path / "out.tif"
    tool.ok(
        "run",
        models["denoise"],
        image("in.png", 90, 70),
        out,
        "--quiet",
        "--co",
        "COMPRESS=LZW",
        "--co",
        "TILED=NO",
    )
    with Image.open(out) as opened:
        assert opened.info["compression"] == "tiff_lzw"
        assert 322 not in opened.tag_v2, "TILED=NO leaves no tag TileWidth"
    message = tool.fails(
        "run",
        models["denoise"],
        tmp_path / "in.png",
        tmp_path / "b.tif",
        "--co",
        "COMPRESS=NONSENSE",
    )
    assert "NONSENSE" in message


def test_overwrite(tool, models, image, tmp_path):
    source, out = image("in.png", 30, 30), tmp_path / "out.png"
    out.write_bytes(b"precious")
    assert "out.png" in tool.fails("run", models["denoise"], source, out)
    assert out.read_bytes() == b"precious"
    tool.ok("run", models["denoise"], source, out, "--overwrite")
    assert read(out).shape == (30, 30, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.png", "out.png"]


def test_report(tool, models, image, tmp_path):
    report = tmp_path / "report.json"
    report.write_text("an older one")
    tool.ok(
        "run",
        models["unet"],
        image("in.png", 230, 250),
        tmp_path / "out.png",
        "--report",
        report,
        "--tile",
        "144",
        "--threads",
        "2",
        "--memory",
        "2G",
    )
    answer = json.loads(report.read_text())
    assert list(answer) == REPORT_KEYS
    assert list(answer["seconds"]) == ["total", "read", "compute", "copy", "write"]
    assert all(seconds > 0 for seconds in answer["seconds"].values()), answer
    assert answer["seconds"]["total"] < 60
    assert (answer["mode"], answer["workers"]) == ("tile", 2)
    assert 10e6 < answer["peak_rss_bytes"] < 1e9
    plan = tool.json(
        "plan",
        models["unet"],
        tmp_path / "in.png",
        "--tile",
        "144",
        "--threads",
        "2",
        "--memory",
        "2G",
    )
    assert {key: answer[key] for key in PLAN_KEYS} == plan
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.png", "out.png", "report.json"]


def test_report_to_stdout(tool, models, image, tmp_path):
    text = tool.ok(
        "run", models["denoise"], image("in.png", 20, 20), tmp_path / "out.png", "--report", "-"
    )
    assert list(json.loads(text)) == REPORT_KEYS


@pytest.mark.parametrize(
    "name, height, width, mebibytes",
    [
        ("unet", 1400, 1600, 256),
        (
            "upscale2x",
            3000,
            2600,
            100,
        ),  # far more pixels than memory: nothing may hold what was read or written
    ],
)
def test_the_memory_limit_holds(tool, models, tmp_path, name, height, width, mebibytes):
    Image.fromarray(noise(height, width)).save(tmp_path / "in.tif")
    text = tool.ok(
        "run",
        models[name],
        tmp_path / "in.tif",
        tmp_path / "out.tif",
        "--memory",
        f"{mebibytes}M",
        "--report",
        "-",
    )
    answer = json.loads(text)
    assert answer["predicted_peak_bytes"] <= mebibytes << 20
    assert answer["peak_rss_bytes"] <= mebibytes << 20


def test_quiet_and_summary(tool, models, image, tmp_path):
    source = image("in.png", 64, 64)
    words = ["run", models["denoise"], source, tmp_path / "out.png", "--overwrite"]
    loud, quiet = tool.run(*words), tool.run(*words, "--quiet")
    assert (loud.returncode, quiet.returncode) == (0, 0)
    assert (loud.stdout, quiet.stdout, quiet.stderr) == ("", "", "")
    assert loud.stderr.count("\n") == 1 and "peak memory" in loud.stderr and " s (" in loud.stderr
    assert "\r" not in loud.stderr and "%" not in loud.stderr, "progress is for terminals"


def test_progress_on_a_terminal(tool, models, image, tmp_path):
    words = [
        tool.path,
        "run",
        models["denoise"],
        image("in.png", 300, 300),
        tmp_path / "out.png",
        "--tile",
        "96",
        "--overwrite",
    ]
    code, seen = run_on_terminal(*words)
    assert code == 0
    assert (
        "\r" in seen
        and "100 %" in seen
        and "steps" in seen
        and "megapixels/s" in seen
        and " left" in seen
    )
    lines = seen.rstrip().split("\n")
    assert len(lines) == 1, "one line, rewritten, then replaced by the summary"
    assert "peak memory" in lines[0]
    assert run_on_terminal(*words, "--quiet") == (0, "")
