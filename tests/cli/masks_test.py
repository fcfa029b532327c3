"""Pixels that are no data: nodata values, mask bands, alpha, NaN, and regions of interest."""

import json
import shutil

import numpy
import pytest

import gdal_files
from conftest import noise
from gdal_files import gdal
from masked_files import (
    HEIGHT,
    WIDTH,
    as_bytes,
    filled_output,
    mask_of,
    scene,
    with_nodata,
    write_alpha,
    write_mask_band,
    write_nodata,
)


@pytest.fixture
def filled(tool, models, tmp_path):
    def run(planes, data, *words, name="denoise", fill=0.0):
        return filled_output(tool, models[name], tmp_path, planes, data, *words, fill=fill)

    return run


WAYS = {
    "nodata": lambda path, planes, data: write_nodata(path, planes, data, 0),
    "band": write_mask_band,
    "alpha": lambda path, planes, data: write_alpha(
        path, planes, numpy.where(data, 255, 0).astype(numpy.uint8)
    ),
}
FLAGS = {
    "nodata": gdal.GMF_NODATA,
    "band": gdal.GMF_PER_DATASET,
    "alpha": gdal.GMF_PER_DATASET | gdal.GMF_ALPHA,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ending", ["tif", "cog.tif", "png"])
def test_it_is_shown_as_the_input_shows_it(tool, models, tmp_path, filled, way, ending):
    planes, data = scene()
    source = WAYS[way](tmp_path / "in.tif", planes, data)
    out = tmp_path / f"out.{ending}"
    words = ["--bands", "1,2,3"] if way == "alpha" else []
    done = tool.run("run", models["denoise"], source, out, *words)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    mask, flags = mask_of(out)
    assert numpy.array_equal(mask != 0, data)
    if ending == "png":  # has no mask beside its bands
        assert flags & (gdal.GMF_NODATA | gdal.GMF_ALPHA)
    else:
        assert flags == FLAGS[way]
    wanted = as_bytes(filled(planes, data))
    if flags & gdal.GMF_NODATA:
        wanted = numpy.maximum(wanted, 1)  # 0 would be no data
    written = gdal_files.read(out)
    assert len(written) == (4 if way == "alpha" else 3)
    assert numpy.array_equal(written[:3, data], wanted[:, data])
    assert not written[:3, ~data].any()


def test_partly_transparent_pixels_stay_so(tool, models, tmp_path, filled):
    planes, data = scene()
    alpha = numpy.where(data, noise(HEIGHT, WIDTH, 1) // 2 + 1, 0).astype(numpy.uint8)
    source = write_alpha(tmp_path / "in.tif", planes, alpha)
    tool.ok("run", models["denoise"], source, tmp_path / "out.png", "--bands", "1,2,3")
    written = gdal_files.read(tmp_path / "out.png")
    assert numpy.array_equal(written[3], alpha)
    assert numpy.array_equal(written[:3, data], as_bytes(filled(planes, data))[:, data])


def test_alpha_that_the_network_takes_is_a_band_like_any_other(tool, programs, tmp_path):
    planes, data = scene()
    source = write_alpha(tmp_path / "in.tif", planes, numpy.where(data, 255, 0).astype(numpy.uint8))
    four = next(
        p["path"] for p in programs.values() if p["channels"] == 4 and p["verdict"] == "exact"
    )
    plain = gdal_files.write(tmp_path / "plain.tif", gdal_files.read(source))
    for name in (source, plain):
        tool.ok("run", four, name, tmp_path / f"out_{name.stem}.tif", "--output-type", "f32")
    assert numpy.array_equal(
        gdal_files.read(tmp_path / "out_in.tif"), gdal_files.read(tmp_path / "out_plain.tif")
    )


@pytest.mark.parametrize("nodata", [-9999.0, 0.0, float("nan"), -3.4028234663852886e38, 1e300])
@pytest.mark.parametrize("output_type", ["f32", "u8", "u16"])
def test_nodata_of_floats(tool, models, tmp_path, filled, nodata, output_type):
    planes, data = scene(dtype=numpy.float32)
    source = write_nodata(tmp_path / "in.tif", planes, data, nodata)
    out = tmp_path / "out.tif"
    tool.ok("run", models["denoise"], source, out, "--output-type", output_type)
    mask, flags = mask_of(out)
    assert flags == gdal.GMF_NODATA and numpy.array_equal(mask != 0, data)
    if output_type == "f32":
        assert numpy.array_equal(gdal_files.read(out)[:, data], filled(planes, data)[:, data])


def test_nan_needs_no_tag(tool, models, tmp_path, filled):
    planes, data = scene(dtype=numpy.float32)
    planes = numpy.where(data, planes, numpy.float32("nan"))
    source = gdal_files.write(tmp_path / "in.tif", planes)
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif")
    written = gdal_files.read(tmp_path / "out.tif")
    assert numpy.array_equal(numpy.isnan(written), numpy.broadcast_to(~data, written.shape))
    assert numpy.array_equal(written[:, data], filled(planes, data)[:, data])
    clean = gdal_files.write(tmp_path / "clean.tif", numpy.where(data, planes, 0))
    tool.ok("run", models["denoise"], clean, tmp_path / "all.tif")
    assert mask_of(tmp_path / "all.tif")[1] == gdal.GMF_ALL_VALID


def test_one_band_at_the_nodata_value(tool, models, tmp_path):
    """Of bytes it is a value like any other where another band has data; of floats it is not."""
    planes, data = scene()
    planes[0, 40:44, 60:64] = 0
    source = write_nodata(tmp_path / "bytes.tif", planes, data, 0)
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif")
    assert numpy.array_equal(mask_of(tmp_path / "out.tif")[0] != 0, data)
    floats = numpy.where(data, planes / 255, 0).astype(numpy.float32)
    floats[floats == 0] = -9999
    source = gdal_files.write(tmp_path / "floats.tif", floats, change=with_nodata(-9999.0))
    tool.ok("run", models["denoise"], source, tmp_path / "out_floats.tif")
    found = mask_of(tmp_path / "out_floats.tif")[0] != 0
    assert numpy.array_equal(found, data & (planes[0] != 0))


@pytest.mark.parametrize("value, beside", [(0, 1), (255, 254), (7, 6)])
def test_values_that_happen_to_be_nodata(tool, models, tmp_path, value, beside):
    planes, data = scene()
    planes[:, data] = 100
    source = write_nodata(tmp_path / "in.tif", planes, data, value)
    words = ["--output-scale", "1e-9", "--output-offset", value]  # every value is the nodata value
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", *words)
    written = gdal_files.read(tmp_path / "out.tif")
    assert (written[:, data] == beside).all() and (written[:, ~data] == value).all()


def test_a_format_that_cannot_show_it_is_said(tool, models, tmp_path):
    planes, data = scene()
    source = write_nodata(tmp_path / "in.tif", planes, data, 0)
    done = tool.run("run", models["denoise"], source, tmp_path / "out.jpg")
    assert done.returncode == 0
    assert "does not hold which pixels are data" in done.stderr
    assert [path.name for path in tmp_path.glob("out.*")] == ["out.jpg", "out.jpg.aux.xml"]
    assert "NoDataValue" not in (tmp_path / "out.jpg.aux.xml").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ["--tile", "48"],
        ["--tile", "32x64", "--threads", "3"],
        ["--step", "8"],
        ["--step", "16", "--threads", "3"],
        ["--mode", "whole"],
        ["--window", "20,10,70x60", "--step", "8"],
        ["--window", "20,10,70x60", "--tile", "40"],
    ],
)
@pytest.mark.parametrize("name", ["denoise", "upscale2x"])
def test_the_bits_of_the_filled_image(tool, models, tmp_path, filled, name, words):
    planes, data = scene(dtype=numpy.float32)
    data[60:] = False
    source = write_nodata(tmp_path / "in.tif", planes, data, -9999.0)
    out = tmp_path / "out.tif"
    tool.ok("run", models[name], source, out, "--nodata-fill", "0.25", *words)
    whole = filled(planes, data, name=name, fill=0.25)
    scale = whole.shape[1] // HEIGHT
    shown = data.repeat(scale, 0).repeat(scale, 1)
    if "--window" in words:
        shown = shown[10:70, 20:90]
        whole = whole[:, 10:70, 20:90]
    written = gdal_files.read(out)
    assert numpy.array_equal(written[:, shown], whole[:, shown])
    assert (written[:, ~shown] == -9999).all()


def test_statistics_are_of_the_filled_image(tool, programs, tmp_path):
    planes, data = scene(dtype=numpy.float32)
    entry = programs["squeeze_excite"]
    planes = planes.repeat(2, 0)[: entry["channels"]]
    source = write_nodata(tmp_path / "in.tif", planes, data, -9999.0)
    plain = gdal_files.write(tmp_path / "plain.tif", numpy.where(data, planes, 0))
    tool.ok("run", entry["path"], source, tmp_path / "out.tif", "--tile", "64")
    tool.ok("run", entry["path"], plain, tmp_path / "whole.tif", "--mode", "whole")
    written, whole = (gdal_files.read(tmp_path / f"{name}.tif") for name in ("out", "whole"))
    assert numpy.array_equal(written[:, data], whole[:, data])


@pytest.mark.parametrize("words", [["--tile", "48"], ["--step", "8", "--threads", "1"]])
def test_what_is_no_data_is_not_computed(tool, models, tmp_path, filled, words):
    planes, data = scene(dtype=numpy.float32)
    planes = planes.repeat(5, 1)
    rows = numpy.arange(len(planes[0]))
    data = numpy.broadcast_to(((rows < 40) | (rows > 400))[:, None], planes.shape[1:])
    source = write_nodata(tmp_path / "in.tif", planes, data, -9999.0)
    tool.ok(
        "run",
        models["denoise"],
        source,
        tmp_path / "out.tif",
        *words,
        "--report",
        tmp_path / "report.json",
    )
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["steps_left_out"] > report["steps"] / 2
    assert numpy.array_equal(
        gdal_files.read(tmp_path / "out.tif")[:, data], filled(planes, data)[:, data]
    )


def test_only_what_shows_data_is_made(tool, models, tmp_path):
    planes, data = scene()
    data[:, 60:] = False
    source = write_nodata(tmp_path / "in.tif", planes, data, 0)
    plan = tool.ok("plan", models["denoise"], source)
    columns = numpy.flatnonzero(data.any(0))
    rows = numpy.flatnonzero(data.any(1))
    part = f"{columns[0]},{rows[0]},{len(columns)}x{len(rows)}"
    assert f"of the output shows data; {part} of it is computed" in plan


def test_verify_compares_what_shows_data(tool, models, tmp_path):
    planes, data = scene()
    source = write_nodata(tmp_path / "in.tif", planes, data, 0)
    for words in (["--tile", "48"], ["--step", "8"]):
        report = tool.json("verify", models["denoise"], source, *words)
        assert (report["differing"], report["values"]) == (0, 3 * int(data.sum()))


def test_nothing_is_data(tool, models, tmp_path):
    planes, data = scene()
    source = write_nodata(tmp_path / "in.tif", planes, data & False, 0)
    done = tool.run("run", models["denoise"], source, tmp_path / "out.tif")
    assert done.returncode == 0 and "no pixel" in done.stderr
    assert not gdal_files.read(tmp_path / "out.tif").any()


def test_ignored(tool, models, tmp_path):
    planes, data = scene()
    source = write_nodata(tmp_path / "in.tif", planes, data, 0)
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--nodata", "ignore")
    assert mask_of(tmp_path / "out.tif")[1] == gdal.GMF_ALL_VALID
    plain = gdal_files.write(tmp_path / "plain.tif", gdal_files.read(source))
    tool.ok("run", models["denoise"], plain, tmp_path / "whole.tif", "--mode", "whole")
    assert numpy.array_equal(
        gdal_files.read(tmp_path / "out.tif"), gdal_files.read(tmp_path / "whole.tif")
    )


def test_a_pipe_cannot_be_read_twice(tool, models, tmp_path):
    planes, data = scene()
    source = write_nodata(tmp_path / "in.tif", planes, data, 0)
    with source.open("rb") as pipe:
        message = tool.fails(
            "run", models["denoise"], "/vsistdin/", tmp_path / "out.tif", stdin=pipe
        )
    assert "--nodata ignore" in message
    with source.open("rb") as pipe:
        done = tool.run(
            "run",
            models["denoise"],
            "/vsistdin/",
            tmp_path / "out.tif",
            "--nodata",
            "ignore",
            stdin=pipe,
        )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("way", ["nodata", "band", "alpha"])
def test_a_class_map_keeps_what_is_no_data(tool, models, tmp_path, filled, way):
    planes, data = scene()
    source = WAYS[way](tmp_path / "in.tif", planes, data)
    words = ["--bands", "1,2,3"] if way == "alpha" else []
    tool.ok("run", models["unet"], source, tmp_path / "out.tif", "--output", "argmax", *words)
    classes = gdal_files.read(tmp_path / "out.tif")
    wanted = filled(planes, data, name="unet").argmax(0)
    assert numpy.array_equal(classes[0][data], wanted[data])
    mask, flags = mask_of(tmp_path / "out.tif")
    assert numpy.array_equal(mask != 0, data)
    if way == "band":
        assert flags == gdal.GMF_PER_DATASET
    else:  # a map of classes has one band, and 0 is a class
        assert flags == gdal.GMF_NODATA and (classes[0][~data] == 255).all()


def test_as_many_classes_as_the_type_has_numbers(tool, programs, tmp_path):
    """One number is needed for no data, so 300 classes take u16, and never 256 a u8."""
    planes, data = scene()
    entry = programs["classes_300"]
    source = write_nodata(tmp_path / "in.tif", planes[: entry["channels"]], data, 0)
    tool.ok("run", entry["path"], source, tmp_path / "out.tif", "--output", "argmax")
    assert gdal.Open(str(tmp_path / "out.tif")).GetRasterBand(1).GetNoDataValue() == 65535
    words = ["--output", "argmax", "--output-type", "u8"]
    message = tool.fails("run", entry["path"], source, tmp_path / "no.tif", *words)
    assert (
        "the network has 300 classes and u8 pixels hold 255 beside the one for no data" in message
    )


def test_files_with_masks_of_their_own(tool, models, tmp_path):
    planes, data = scene()
    other = data.copy()
    other[:, :50] = False
    files = [
        write_nodata(tmp_path / "a.tif", planes, data, 0),
        write_nodata(tmp_path / "b.tif", planes, other, 0),
        gdal_files.write(tmp_path / "c.tif", planes),
        write_nodata(tmp_path / "d.tif", planes, data, 0),
    ]
    tool.ok("run", models["denoise"], *files, "--output-dir", tmp_path / "out")
    for file in files:
        tool.ok("run", models["denoise"], file, tmp_path / "alone.tif", "--overwrite")
        alone, among = tmp_path / "alone.tif", tmp_path / "out" / file.name
        assert numpy.array_equal(gdal_files.read(alone), gdal_files.read(among))
        for ours, wanted in zip(mask_of(among), mask_of(alone), strict=True):
            assert numpy.array_equal(ours, wanted)


def test_approximate_runs(tool, programs, tmp_path):
    entry = next(p for p in programs.values() if p["verdict"] == "not_exact" and p["channels"] <= 3)
    planes, data = scene(dtype=numpy.float32)
    planes = planes[: entry["channels"]]
    source = write_nodata(tmp_path / "in.tif", planes, data, -9999.0)
    plain = gdal_files.write(tmp_path / "plain.tif", numpy.where(data, planes, 0))
    tool.ok("run", entry["path"], source, tmp_path / "out.tif", "--approximate")
    tool.ok("run", entry["path"], plain, tmp_path / "all.tif", "--approximate")
    written, whole = (gdal_files.read(tmp_path / f"{name}.tif") for name in ("out", "all"))
    assert numpy.array_equal(written[:, data], whole[:, data])
    assert (written[:, ~data] == -9999).all()


def test_a_model_says_what_no_data_is_for_it(tool, models, tmp_path, filled):
    planes, data = scene(dtype=numpy.float32)
    source = write_nodata(tmp_path / "in.tif", planes, data, -9999.0)
    model = shutil.copy(models["denoise"], tmp_path / "model.pte")
    (tmp_path / "model.json").write_text(json.dumps({"input": {"nodata_fill": 0.75}}))
    for words, fill in ([], 0.75), (["--nodata-fill", "0.5"], 0.5):
        tool.ok("run", model, source, tmp_path / "out.tif", "--overwrite", *words)
        wanted = filled(planes, data, fill=fill)
        assert numpy.array_equal(gdal_files.read(tmp_path / "out.tif")[:, data], wanted[:, data])
