"""--bands and --page: which of a file's bands and images the network takes."""

import json

import numpy
import pytest

import gdal_files
from conftest import noise
from gdal_files import gdal


def planes(height, width, bands, seed=0):
    return numpy.moveaxis(noise(height + seed, width, bands)[seed:], -1, 0)


@pytest.fixture
def four(tmp_path):
    """Red, green, blue and near infrared."""
    options = ["PHOTOMETRIC=RGB", "ALPHA=NO"]
    return gdal_files.write(tmp_path / "four.tif", planes(40, 50, 4), options=options)


def test_bands_in_any_order(tool, models, four, tmp_path):
    """As of a file that holds these bands alone."""
    for bands in ([3, 2, 1], [4, 1, 2], [1, 2, 3]):
        text = ",".join(map(str, bands))
        chosen = gdal_files.read(four)[[band - 1 for band in bands]]
        gdal_files.write(tmp_path / "three.tif", chosen, options=["PHOTOMETRIC=RGB"])
        words = ["--quiet", "--overwrite"]
        tool.ok("run", models["denoise"], four, tmp_path / "a.tif", "--bands", text, *words)
        tool.ok("run", models["denoise"], tmp_path / "three.tif", tmp_path / "b.tif", *words)
        found = gdal_files.read(tmp_path / "a.tif")
        assert numpy.array_equal(found, gdal_files.read(tmp_path / "b.tif"))
        names = ["Red", "Green", "Blue", "Undefined"]
        written = gdal_files.meanings(tmp_path / "a.tif")
        assert written == [names[band - 1] for band in bands]
        answer = tool.json("verify", models["denoise"], four, "--bands", text, "--tile", "36")
        assert answer["differing"] == 0


def test_one_band_for_all_channels(tool, models, tmp_path):
    gray = gdal_files.write(tmp_path / "gray.tif", noise(40, 50, 1))
    three = gdal_files.write(tmp_path / "three.tif", numpy.stack([noise(40, 50, 1)] * 3))
    tool.ok("run", models["denoise"], gray, tmp_path / "a.tif", "--bands", "1,1,1", "--quiet")
    tool.ok("run", models["denoise"], three, tmp_path / "b.tif", "--quiet")
    found = gdal_files.read(tmp_path / "a.tif")
    assert numpy.array_equal(found, gdal_files.read(tmp_path / "b.tif"))


def test_other_bands_than_the_network_takes(tool, models, programs, four, tmp_path):
    """The message names the bands, and the command that it gives works."""
    gray = gdal_files.write(tmp_path / "gray.tif", noise(40, 50, 1))
    bgrn = gdal_files.write(
        tmp_path / "bgrn.tif",
        planes(40, 50, 4),
        options=["PHOTOMETRIC=MINISBLACK"],
        change=lambda dataset: [
            dataset.GetRasterBand(number).SetColorInterpretation(color)
            for number, color in enumerate(
                [gdal.GCI_BlueBand, gdal.GCI_GreenBand, gdal.GCI_RedBand, gdal.GCI_Undefined], 1
            )
        ],
    )
    for source, names, bands in [
        (four, "4 bands (1 Red, 2 Green, 3 Blue, 4 Undefined)", "1,2,3"),
        (bgrn, "4 bands (1 Blue, 2 Green, 3 Red, 4 Undefined)", "3,2,1"),
        (gray, "1 band (1 Gray)", "1,1,1"),
    ]:
        message = tool.fails("plan", models["denoise"], source)
        assert names in message and message.endswith(f"--bands {bands}")
        tool.ok("plan", models["denoise"], source, "--bands", bands)
    three = gdal_files.write(tmp_path / "three.tif", planes(40, 50, 3))
    message = tool.fails("plan", programs["conv_grouped"]["path"], three)
    assert "more bands" in message and "--bands" not in message


@pytest.mark.parametrize(
    "text, parts",
    [
        ("5,2,1", ["no band 5", "4 Undefined"]),
        ("3,3,1", ["band 3 is named twice", "4 bands"]),
        ("1,2", ["2 bands", "takes 3"]),
    ],
)
def test_bands_that_are_wrong(tool, models, four, tmp_path, text, parts):
    message = tool.fails("run", models["denoise"], four, tmp_path / "out.tif", "--bands", text)
    assert all(part in message for part in parts), message
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize("text", ["0", "a", "1,,2", "", "1.5", "-1"])
def test_words_that_are_no_bands(tool, models, four, text):
    tool.fails("plan", models["denoise"], four, f"--bands={text}", code=2)


def test_bands_of_noise(tool, models):
    message = tool.fails("plan", models["denoise"], "64x64", "--bands", "3,2,1")
    assert "64x64" in message and "--bands" in message


def test_bands_of_several_inputs(tool, programs, tmp_path):
    """The first list is for INPUT, the second for --more-input."""
    network = programs["two_inputs"]["path"]
    a, b = planes(40, 50, 4), planes(40, 50, 4, seed=3)
    for name, pixels in {"a": a, "b": b, "a1": a[[2]], "b1": b[[1]]}.items():
        gdal_files.write(tmp_path / f"{name}.tif", pixels, options=["PHOTOMETRIC=MINISBLACK"])
    channels = tool.json("inspect", network)["methods"][0]["input"]["channels"]
    first, second = ["3", "2"] if channels == 2 else ["3,1", "2,4"]
    if channels == 4:
        gdal_files.write(tmp_path / "a1.tif", a[[2, 0]], options=["PHOTOMETRIC=MINISBLACK"])
        gdal_files.write(tmp_path / "b1.tif", b[[1, 3]], options=["PHOTOMETRIC=MINISBLACK"])
    words = ["--quiet", "--more-input"]
    tool.ok(
        "run",
        network,
        tmp_path / "a.tif",
        tmp_path / "x.tif",
        *words,
        tmp_path / "b.tif",
        "--bands",
        first,
        "--bands",
        second,
    )
    tool.ok("run", network, tmp_path / "a1.tif", tmp_path / "y.tif", *words, tmp_path / "b1.tif")
    found = gdal_files.read(tmp_path / "x.tif")
    assert numpy.array_equal(found, gdal_files.read(tmp_path / "y.tif"))
    message = tool.fails(
        "run", network, tmp_path / "a.tif", tmp_path / "z.tif", "--bands", "1", "--bands", "2"
    )
    assert "2 times for 1 input" in message


@pytest.fixture
def stack(tmp_path):
    """A TIFF of three pages."""
    for page in range(3):
        options = ["APPEND_SUBDATASET=YES"] if page else []
        gdal_files.write(tmp_path / "stack.tif", planes(40, 50, 3, seed=page), options=options)
    return tmp_path / "stack.tif"


def test_pages(tool, models, stack, tmp_path):
    for page in (1, 2, 3):
        gdal_files.write(tmp_path / "page.tif", planes(40, 50, 3, seed=page - 1))
        words = ["--quiet", "--overwrite"]
        tool.ok("run", models["denoise"], stack, tmp_path / "a.tif", "--page", page, *words)
        tool.ok("run", models["denoise"], tmp_path / "page.tif", tmp_path / "b.tif", *words)
        found = gdal_files.read(tmp_path / "a.tif")
        assert numpy.array_equal(found, gdal_files.read(tmp_path / "b.tif"))
        assert len(gdal.Open(str(tmp_path / "a.tif")).GetSubDatasets()) == 0


def test_all_pages(tool, models, stack, tmp_path):
    out = tmp_path / "out.tif"
    words = ["--page", "all", "--report", tmp_path / "report.json"]
    tool.ok("run", models["denoise"], stack, out, *words)
    assert len(gdal.Open(str(out)).GetSubDatasets()) == 3
    assert len(json.loads((tmp_path / "report.json").read_text())) == 3
    for page in (1, 2, 3):
        alone = tmp_path / "alone.tif"
        tool.ok("run", models["denoise"], stack, alone, "--page", page, "--overwrite")
        found = gdal_files.read(f"GTIFF_DIR:{page}:{out}")
        assert numpy.array_equal(found, gdal_files.read(alone))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alone.tif",
        "out.tif",
        "report.json",
        "stack.tif",
    ]
    # Again over an output that is there, and over one page alone.
    assert "exists" in tool.fails("run", models["denoise"], stack, out, "--page", "all")
    tool.ok("run", models["denoise"], alone, out, "--page", "all", "--overwrite")
    assert len(gdal.Open(str(out)).GetSubDatasets()) == 0


def test_all_pages_or_none(tool, models, tmp_path):
    """A page of other bands is an error, and what was there before stays."""
    made = gdal_files.write(tmp_path / "in.tif", planes(40, 50, 3))
    gray = gdal_files.write(tmp_path / "gray.tif", noise(40, 50, 1))
    page = gdal.Open(str(gray))
    gdal.GetDriverByName("GTiff").CreateCopy(str(made), page, options=["APPEND_SUBDATASET=YES"])
    out = gdal_files.write(tmp_path / "out.tif", planes(9, 9, 3))
    before = out.read_bytes()
    words = ["--page", "all", "--overwrite"]
    assert "1 band" in tool.fails("run", models["denoise"], made, out, *words)
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gray.tif", "in.tif", "out.tif"]
    message = tool.fails("run", models["denoise"], made, tmp_path / "out.png", "--page", "all")
    assert "PNG holds one image" in message
    assert "for `run`" in tool.fails("plan", models["denoise"], made, "--page", "all")


def test_that_there_are_pages_is_said(tool, models, stack, tmp_path):
    words = ["run", models["denoise"], stack, tmp_path / "out.tif", "--overwrite"]
    assert "stack.tif holds 3 images" in tool.run(*words).stderr
    assert "holds" not in tool.run(*words, "--page", "1").stderr
    assert tool.run(*words, "--quiet").stderr == ""
    message = tool.fails(*words, "--page", "4")
    assert "no page 4" in message and "1 to 3" in message
    one = gdal_files.write(tmp_path / "one.tif", planes(40, 50, 3))
    assert "one image" in tool.fails("plan", models["denoise"], one, "--page", "2")
    tool.ok("plan", models["denoise"], one, "--page", "1")
    tool.fails("plan", models["denoise"], one, "--page", "0", code=2)
