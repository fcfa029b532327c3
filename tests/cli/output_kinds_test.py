"""--output, --threshold and --classes: against numpy on the network's whole float output."""

import json

import numpy
import pytest

import gdal_files
from conftest import noise
from gdal_files import gdal

HEIGHT, WIDTH = 61, 83
CLASSES = 6
FLOATS = ["--output-type", "f32", "--quiet", "--overwrite"]
PLANS = [
    ["--mode", "whole"],
    ["--tile", "24x20", "--threads", "3"],
    ["--step", "5", "--threads", "2"],
    ["--mode", "stream", "--threads", "1"],
]


def planes(bands, dtype=numpy.uint8):
    return numpy.moveaxis(noise(HEIGHT, WIDTH, bands, dtype), -1, 0)


@pytest.fixture(scope="module")
def network(programs):
    """Three bands in, six out."""
    return programs["conv_depthwise_multiplier"]["path"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "in.tif"
    return gdal_files.write(path, planes(3), options=["PHOTOMETRIC=RGB"])


def run(tool, network, source, out, *words):
    tool.ok("run", network, source, out, "--quiet", "--overwrite", *words)
    return gdal_files.read(out)


@pytest.fixture(scope="module")
def values(tool, network, source):
    """What the network gives, of one whole-image run."""
    out = source.with_name("values.tif")
    return run(tool, network, source, out, *FLOATS, "--mode", "whole")


def softmax(values):
    powers = numpy.exp(values.astype(numpy.float64) - values.max(axis=0))
    return (powers / powers.sum(axis=0)).astype(numpy.float32)


def sigmoid(values):
    return (1 / (1 + numpy.exp(-values.astype(numpy.float64)))).astype(numpy.float32)


def as_pixels(values, dtype):
    """Of shares: times the largest pixel, to the nearest, halves up."""
    scaled = (values.astype(numpy.float64) * numpy.iinfo(dtype).max).astype(numpy.float32)
    return numpy.floor(scaled.astype(numpy.float64) + 0.5).astype(dtype)


MADE = {"softmax": softmax, "sigmoid": sigmoid}


@pytest.mark.parametrize("plan", PLANS, ids=" ".join)
def test_a_class_map(tool, network, source, values, tmp_path, plan):
    found = run(tool, network, source, tmp_path / "out.tif", "--output", "argmax", *plan)
    wanted = values.argmax(axis=0)
    assert found.dtype == numpy.uint8 and found.shape == (1, HEIGHT, WIDTH)
    assert len(numpy.unique(wanted)) > 2
    assert numpy.array_equal(found[0], wanted)


@pytest.mark.parametrize("plan", PLANS, ids=" ".join)
@pytest.mark.parametrize("kind", MADE)
def test_shares_and_sigmoids(tool, network, source, values, tmp_path, kind, plan):
    words = ["--output", kind, *plan]
    wanted = MADE[kind](values)
    found = run(tool, network, source, tmp_path / "out.tif", *words, "--output-type", "f32")
    assert found.dtype == numpy.float32 and numpy.array_equal(found, wanted)


@pytest.mark.parametrize("kind", MADE)
def test_shares_as_integers(tool, network, source, values, tmp_path, kind):
    for name, dtype in {"u8": numpy.uint8, "u16": numpy.uint16}.items():
        words = ["--output", kind, "--output-type", name]
        found = run(tool, network, source, tmp_path / "out.tif", *words)
        assert numpy.array_equal(found, as_pixels(MADE[kind](values), dtype))


@pytest.mark.parametrize("kind, number", [("values", 0.1), ("softmax", 0.3), ("sigmoid", 0.6)])
def test_a_threshold(tool, network, source, values, tmp_path, kind, number):
    words = ["--output", kind, "--threshold", number, "--tile", "24"]
    found = run(tool, network, source, tmp_path / "out.tif", *words)
    made = MADE.get(kind, lambda same: same)(values)
    wanted = made >= numpy.float32(number)
    assert 0.02 < wanted.mean() < 0.98
    assert found.dtype == numpy.uint8 and numpy.array_equal(found, wanted)


def test_equal_values_and_numbers_that_are_none(tool, programs, tmp_path):
    """An identity: what is compared is what the file holds."""
    pixels = planes(3, numpy.float32)
    pixels[:, :20] = 0.5
    pixels[1, 20:30, ::2] = numpy.nan
    pixels[0, 25:35, ::3] = numpy.nan
    pixels[2, 40:50] = numpy.inf
    pixels[1, 45:60] = -numpy.inf
    source = gdal_files.write(tmp_path / "in.tif", pixels)
    same = programs["add"]["path"]
    bands = programs["add"]["channels"]
    if bands != 3:
        source = gdal_files.write(tmp_path / "in.tif", pixels[:bands])
    plain = ["--nodata", "ignore"]  # else not-a-number is no data
    floats = run(tool, same, source, tmp_path / "values.tif", "--output-type", "f32", *plain)
    assert numpy.isnan(floats).any()
    found = run(tool, same, source, tmp_path / "out.tif", "--output", "argmax", *plain)
    assert numpy.array_equal(found[0], floats.argmax(axis=0))
    words = ["--output", "softmax", "--output-type", "f32", *plain]
    found = run(tool, same, source, tmp_path / "out.tif", *words)
    with numpy.errstate(invalid="ignore"):
        assert numpy.array_equal(found, softmax(floats), equal_nan=True)
    found = run(tool, same, source, tmp_path / "out.tif", "--threshold", "0.5", *plain)
    assert numpy.array_equal(found, floats >= 0.5)


def test_a_window(tool, network, source, values, tmp_path):
    words = ["--output", "argmax", "--window", "17,9,40x31"]
    found = run(tool, network, source, tmp_path / "out.tif", *words)
    assert numpy.array_equal(found[0], values[:, 9:40, 17:57].argmax(axis=0))


@pytest.mark.parametrize("keep", ["none", "memory", "file"])
def test_a_network_of_several_passes(tool, programs, tmp_path, keep):
    network = programs["squeeze_excite"]["path"]
    source = gdal_files.write(tmp_path / "in.tif", planes(2))
    words = ["--keep", keep, "--tile", "32"]
    floats = run(tool, network, source, tmp_path / "values.tif", *FLOATS, *words)
    for kind, make in (("argmax", lambda v: v.argmax(axis=0)[None]), ("softmax", softmax)):
        more = ["--output-type", "f32"] if kind != "argmax" else []
        found = run(tool, network, source, tmp_path / "o.tif", *words, "--output", kind, *more)
        assert numpy.array_equal(found, make(floats))


def test_approximate_values_are_blended_first(tool, programs, tmp_path):
    network = programs["refused_softmax_over_rows_large"]["path"]
    pixels = numpy.moveaxis(noise(330, 410, 3), -1, 0)
    source = gdal_files.write(tmp_path / "in.tif", pixels)
    floats = run(tool, network, source, tmp_path / "values.tif", *FLOATS, "--approximate")
    words = ["--approximate", "--output"]
    found = run(tool, network, source, tmp_path / "out.tif", *words, "argmax")
    wanted = floats.argmax(axis=0)
    assert found.shape == (1, 330, 410) and len(numpy.unique(wanted)) > 1
    assert numpy.array_equal(found[0], wanted)
    words += ["sigmoid", "--output-type", "u16"]
    found = run(tool, network, source, tmp_path / "out.tif", *words)
    assert numpy.array_equal(found, as_pixels(sigmoid(floats), numpy.uint16))


def test_verify_compares_what_the_network_gives(tool, network, source):
    report = tool.json("verify", network, source, "--tile", "24")
    assert report["values"] == CLASSES * HEIGHT * WIDTH and report["differing"] == 0


def test_more_classes_than_u8_holds(tool, programs, source, tmp_path):
    network = programs["classes_300"]["path"]
    floats = run(tool, network, source, tmp_path / "values.tif", *FLOATS)
    found = run(tool, network, source, tmp_path / "out.tif", "--output", "argmax")
    assert found.dtype == numpy.uint16 and found.max() > 255
    assert numpy.array_equal(found[0], floats.argmax(axis=0))
    words = ["run", network, source, tmp_path / "no.tif", "--output", "argmax"]
    message = tool.fails(*words, "--output-type", "u8")
    assert "300 classes" in message and "256" in message
    assert not (tmp_path / "no.tif").exists()


def test_fewer_bits_than_classes(tool, network, source, values, tmp_path):
    words = ["run", network, source, tmp_path / "out.tif", "--quiet", "--output", "argmax"]
    message = tool.fails(*words, "--co", "NBITS=2")
    assert "6 classes" in message and "2 bits" in message
    assert not (tmp_path / "out.tif").exists()
    tool.ok(*words, "--co", "NBITS=3")
    assert numpy.array_equal(gdal_files.read(tmp_path / "out.tif")[0], values.argmax(axis=0))


def test_a_plan_says_what_is_written(tool, programs, source, network):
    plan = tool.json("plan", network, source, "--output", "argmax")
    assert (plan["output_kind"], plan["threshold"]) == ("argmax", None)
    assert (plan["output_bands"], plan["output_type"]) == (1, "u8")
    plan = tool.json("plan", network, source, "--output", "softmax", "--threshold", "0.25")
    assert (plan["output_kind"], plan["threshold"], plan["output_bands"]) == ("softmax", 0.25, 6)
    plan = tool.json("plan", network, source)
    assert (plan["output_kind"], plan["output_bands"]) == ("values", CLASSES)
    text = tool.ok("plan", network, source, "--output", "argmax")
    assert "argmax" in text and "1 band of u8" in text


def test_one_band_is_counted_and_not_300(tool, programs, tmp_path):
    network = programs["classes_300"]["path"]
    words = ["plan", network, "4000x2000", "--tile", "64", "--threads", "1"]
    all_bands = tool.json(*words)["memory"]
    one_band = tool.json(*words, "--output", "argmax")["memory"]
    assert one_band["band_bytes"] == all_bands["band_bytes"]
    assert one_band["file_bytes"] < all_bands["file_bytes"] / 20


def test_what_the_bands_were_is_not_carried_over(tool, network, programs, tmp_path):
    def change(dataset):
        dataset.SetMetadataItem("ACQUIRED", "2026-01-02")
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        for number, name in enumerate(["a", "b", "c"], 1):
            band = dataset.GetRasterBand(number)
            band.SetDescription(name)
            band.SetUnitType("K")
            band.SetScale(0.5)
            band.SetNoDataValue(0)

    source = gdal_files.write(
        tmp_path / "in.tif", planes(3), options=["PHOTOMETRIC=RGB"], change=change
    )
    three = programs["four_conv_norm"]["path"]
    for net, words in (
        (network, ["--output", "argmax"]),
        (three, ["--threshold", "0.5"]),
        (three, ["--output", "sigmoid"]),
    ):
        run(tool, net, source, tmp_path / "out.tif", *words)
        dataset = gdal.Open(str(tmp_path / "out.tif"))
        assert dataset.GetMetadataItem("ACQUIRED") == "2026-01-02"
        assert dataset.GetGeoTransform()[0] == 500000
        for number in range(1, dataset.RasterCount + 1):
            band = dataset.GetRasterBand(number)
            assert (band.GetDescription(), band.GetUnitType(), band.GetScale()) == ("", "", None)
            assert band.GetNoDataValue() == (0 if "sigmoid" in words else 255)  # 0 is a class
        meanings = gdal_files.meanings(tmp_path / "out.tif")
        assert meanings[0] in ("Undefined", "Gray") and set(meanings[1:]) <= {"Undefined"}


# --classes


def class_list(count=CLASSES, colors=True):
    classes = [{"name": f"class {i}, <&> \u00e9"} for i in range(count)]
    for i, one in enumerate(classes):
        if colors:
            one["color"] = f"#{i * 20:02x}{255 - i:02X}07"
    return classes


def write_json(path, value):
    path.write_text(json.dumps(value))
    return path


def names_and_colors(path):
    dataset = gdal.Open(str(path))
    band = dataset.GetRasterBand(1)
    table = band.GetColorTable()  # GDAL 3.6 reads names only after something else
    names = band.GetCategoryNames()
    return names, table and [table.GetColorEntry(i) for i in range(len(names or []))]


@pytest.mark.parametrize("ending", ["tif", "cog.tif", "png"])
def test_names_and_colours_of_classes(tool, network, source, values, tmp_path, ending):
    classes = class_list()
    file = write_json(tmp_path / "classes.json", classes)
    out = tmp_path / f"out.{ending}"
    words = ["--output", "argmax", "--classes", file]
    for _ in range(2):  # the second replaces the first, and its side file
        found = run(tool, network, source, out, *words)
        assert numpy.array_equal(found[0], values.argmax(axis=0))
        names, colors = names_and_colors(out)
        assert names == [one["name"] for one in classes]
        assert colors == [(i * 20, 255 - i, 7, 255) for i in range(CLASSES)]
        assert gdal_files.meanings(out) == ["Palette"]
    made = {path.name for path in tmp_path.iterdir()} - {"classes.json"}
    assert made == {out.name, f"{out.name}.aux.xml"}
    run(tool, network, source, out, "--output", "argmax")
    assert names_and_colors(out) == (None, None)
    assert not (tmp_path / f"{out.name}.aux.xml").exists()


def test_a_side_file_in_the_way_is_kept(tool, network, source, tmp_path):
    file = write_json(tmp_path / "classes.json", class_list())
    beside = tmp_path / "out.tif.aux.xml"
    beside.write_text("<PAMDataset/>")
    words = ["run", network, source, tmp_path / "out.tif", "--output", "argmax"]
    assert "out.tif.aux.xml" in tool.fails(*words, "--classes", file)
    assert beside.read_text() == "<PAMDataset/>" and not (tmp_path / "out.tif").exists()


def test_names_without_colours(tool, network, source, tmp_path):
    file = write_json(tmp_path / "classes.json", class_list(colors=False))
    run(tool, network, source, tmp_path / "out.tif", "--output", "argmax", "--classes", file)
    names, colors = names_and_colors(tmp_path / "out.tif")
    assert names == [one["name"] for one in class_list()] and colors is None


def test_other_kinds_have_the_names_as_descriptions(tool, network, source, tmp_path):
    file = write_json(tmp_path / "classes.json", class_list())
    run(tool, network, source, tmp_path / "out.tif", "--output", "softmax", "--classes", file)
    found = [band.GetDescription() for band in gdal_files.bands(tmp_path / "out.tif")]
    assert found == [one["name"] for one in class_list()]


def test_more_or_fewer_classes_than_the_network_has(tool, network, source, tmp_path):
    words = ["run", network, source, tmp_path / "out.tif", "--output", "argmax", "--classes"]
    for count in (1, 5, 7):
        message = tool.fails(*words, write_json(tmp_path / "classes.json", class_list(count)))
        assert f"{count} class" in message and "6 bands" in message
    assert not (tmp_path / "out.tif").exists()


BAD_CLASSES = {
    "{}": "the file",
    "[]": "the file",
    "7": "the file",
    "": "no JSON",
    '[{"name": "a"]': "line 1",
    '[{"name": "a", "colour": "#000000"}]': "colour",
    '[{"color": "#000000"}]': "[0]",
    '[{"name": 3}]': "[0].name",
    '[{"name": "a\\nb"}]': "[0].name",
    '[{"name": "a"}, {"name": "b", "color": "#000000"}]': "[1]",
    '[{"name": "a", "color": "#0000"}]': "[0].color",
    '[{"name": "a", "color": "000000f"}]': "[0].color",
    '[{"name": "a", "color": "#00x000"}]': "[0].color",
    '[{"name": "a", "color": 0}]': "[0].color",
    '[{"name": "a", "name": "b"}]': "name",
    "[" * 100000: "levels",
    '[{"name": ' + "[" * 100 + "]" * 100 + "}]": "levels",
    "[1e999]": "no JSON",
    '[{"name": "\xff"}]': "no JSON",
}


@pytest.mark.parametrize("text", BAD_CLASSES, ids=lambda text: text[:30])
def test_files_of_classes_that_are_wrong(tool, network, source, tmp_path, text):
    file = tmp_path / "classes.json"
    file.write_bytes(text.encode("latin-1"))
    words = ["run", network, source, tmp_path / "out.tif", "--output", "argmax"]
    message = tool.fails(*words, "--classes", file)
    assert str(file) in message and BAD_CLASSES[text] in message and len(message) < 500
    assert not (tmp_path / "out.tif").exists()


def test_classes_are_no_output(tool, network, source, tmp_path):
    file = write_json(tmp_path / "classes.json", class_list())
    words = ["run", network, source, tmp_path / "out.tif", "--classes", file, "--output", "argmax"]
    assert "file of classes" in tool.fails(*words, "--report", file)
    assert json.loads(file.read_text()) == class_list()
    assert "no such file" in tool.fails(*words[:5], tmp_path / "none.json")
    assert "plain file" in tool.fails(*words[:5], tmp_path)


# What does not go together.


def test_options_that_do_not_go_together(tool, network, source, tmp_path):
    words = ["run", network, source, tmp_path / "out.tif"]
    for bad in (
        ["--output", "argmax", "--output-scale", "2"],
        ["--output", "argmax", "--output-offset", "2"],
        ["--output", "argmax", "--output-units", "input"],
        ["--threshold", "0.5", "--output-scale", "2"],
        ["--output", "sigmoid", "--threshold", "0.5", "--output-offset", "2"],
        ["--output", "softmax", "--output-units", "input"],
        ["--output", "argmax", "--threshold", "0.5"],
        ["--output", "argmin"],
        ["--threshold", "nan"],
        ["--threshold", "inf"],
    ):
        tool.fails(*words, *bad, code=2)
    assert "f32" in tool.fails(*words, "--output", "argmax", "--output-type", "f32")
    assert "u16" in tool.fails(*words, "--threshold", "0.5", "--output-type", "u16")
    assert "1e+300" in tool.fails(*words, "--threshold", "1e300")
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize("words", [["--output", "argmax"], ["--threshold", "0.5"]])
def test_formats_that_change_pixels_hold_no_classes(tool, programs, source, tmp_path, words):
    network = programs["four_conv_norm"]["path"]
    for out, more in (("out.jpg", []), ("out.tif", ["--co", "COMPRESS=JPEG"])):
        message = tool.fails("run", network, source, tmp_path / out, *words, *more)
        assert "classes" in message and not (tmp_path / out).exists()


def test_overviews_hold_classes_of_the_image(tool, network, tmp_path):
    """Averages of classes 0 and 5 would be others."""
    pixels = numpy.moveaxis(noise(700, 600, 3), -1, 0)
    source = gdal_files.write(tmp_path / "in.tif", pixels)
    found = run(tool, network, source, tmp_path / "out.cog.tif", "--output", "argmax")
    dataset = gdal.Open(str(tmp_path / "out.cog.tif"))
    overview = dataset.GetRasterBand(1).GetOverview(0)
    shown = numpy.frombuffer(overview.ReadRaster(), numpy.uint8)
    assert set(numpy.unique(shown)) <= set(numpy.unique(found))
    near = {(found[0, y::2, x::2][:350, :300]).tobytes() for y in (0, 1) for x in (0, 1)}
    assert shown.tobytes() in near


def test_networks_of_several_outputs(tool, programs, tmp_path):
    network = programs["two_outputs"]["path"]
    source = gdal_files.write(tmp_path / "in.tif", planes(2))
    a, b = tmp_path / "a.tif", tmp_path / "b.tif"
    for kind in ("argmax", "softmax"):
        message = tool.fails("run", network, source, a, "--output", kind)
        assert kind in message and "2 outputs" in message
    floats = run(tool, network, source, tmp_path / "values.tif", *FLOATS)
    run(tool, network, source, a, "--threshold", "0.2", "--more-output", b)
    both = numpy.concatenate([gdal_files.read(a), gdal_files.read(b)])
    assert numpy.array_equal(both, floats >= numpy.float32(0.2))
