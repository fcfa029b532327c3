"""Networks of several inputs and outputs: as files of their own, or as bands of one."""

import numpy
import pytest
import tifffile

HEIGHT, WIDTH = 61, 83
PLAIN = [
    "--output-type",
    "f32",
    "--co",
    "COMPRESS=NONE",
    "--co",
    "INTERLEAVE=BAND",
    "--quiet",
    "--overwrite",
]


def write(path, values, **options):
    tifffile.imwrite(path, values, photometric="minisblack", planarconfig="separate", **options)
    return path


def read(path):
    values = tifffile.imread(path)
    return values if values.ndim == 3 else values[None]


@pytest.fixture
def three(tmp_path):
    """Three images of two bands, and one of all six."""
    random = numpy.random.default_rng(1)
    bands = [random.integers(0, 256, (2, HEIGHT, WIDTH), numpy.uint8) for _ in range(3)]
    files = [write(tmp_path / f"in{i}.tif", values) for i, values in enumerate(bands)]
    return [*files, write(tmp_path / "all.tif", numpy.concatenate(bands))]


def more(option, files):
    return [word for file in files for word in (option, file)]


def test_inputs_are_files_or_the_bands_of_one(tool, programs, three, tmp_path):
    model, (first, *others, joined) = programs["three_inputs"]["path"], three
    tool.ok(
        "run",
        model,
        first,
        tmp_path / "a.tif",
        *more("--more-input", others),
        "--tile",
        "24",
        *PLAIN,
    )
    tool.ok("run", model, joined, tmp_path / "b.tif", "--mode", "stream", *PLAIN)
    a, b = read(tmp_path / "a.tif"), read(tmp_path / "b.tif")
    assert a.shape == (3, HEIGHT, WIDTH) and len(numpy.unique(a)) > 100
    assert numpy.array_equal(a, b)
    tool.ok(
        "run",
        model,
        others[0],
        tmp_path / "c.tif",
        *more("--more-input", [first, others[1]]),
        *PLAIN,
    )
    assert not numpy.array_equal(a, read(tmp_path / "c.tif")), (
        "the order of the inputs does not matter"
    )


def test_outputs_go_to_one_file_or_to_one_each(tool, programs, three, tmp_path):
    model = programs["two_outputs"]["path"]
    tool.ok("run", model, three[0], tmp_path / "all_out.tif", *PLAIN)
    tool.ok("run", model, three[0], tmp_path / "a.tif", "--more-output", tmp_path / "b.tif", *PLAIN)
    a, b, both = (read(tmp_path / name) for name in ("a.tif", "b.tif", "all_out.tif"))
    assert (len(a), len(b)) == (3, 2)
    assert numpy.array_equal(numpy.concatenate([a, b]), both)


def test_outputs_of_two_sizes_are_two_methods(tool, programs, three, tmp_path):
    model = programs["two_scales"]["path"]
    message = tool.fails("run", model, three[0], tmp_path / "out.tif")
    assert "forward.0, forward.1" in message
    for method, shape in (("forward.0", (3, HEIGHT, WIDTH)), ("forward.1", (2, 31, 42))):
        tool.ok("run", model, three[0], tmp_path / "out.tif", "--method", method, *PLAIN)
        assert read(tmp_path / "out.tif").shape == shape
        verified = tool.json("verify", model, three[0], "--method", method, "--tile", "20")
        assert verified["differing"] == 0


def test_inspect_names_the_parts(tool, programs):
    (method,) = tool.json("inspect", programs["two_of_both"]["path"])["methods"]
    assert method["input"]["channels"] == 4 and method["input_channels"] == [2, 2]
    assert method["output"]["channels"] == 5 and method["output_channels"] == [2, 3]
    assert "4 channels (2 + 2)" in tool.ok("inspect", programs["two_of_both"]["path"])


# ---- inputs of several sizes

PIXEL_SIZE, TIE_POINT = 33550, 33922  # GeoTIFF tags


def blocks(values, rows, columns):
    """A larger image in more bands: one for each pixel of its blocks."""
    bands, height, width = values.shape
    parts = values.reshape(bands, height // rows, rows, width // columns, columns)
    return parts.transpose(0, 2, 4, 1, 3).reshape(-1, height // rows, width // columns)


def place(px):
    """The tags of a GeoTIFF whose pixels are `px` metres wide."""
    tie_point = (0.0, 0, 0, 500, 900, 0)
    return [(PIXEL_SIZE, 12, 3, (px, px, 0.0), False), (TIE_POINT, 12, 6, tie_point, False)]


@pytest.fixture
def guided(tmp_path):
    """An image, one that is four times as high and wide, and both as one.

    Pixels are 40 and 10 metres wide.
    """
    random = numpy.random.default_rng(2)
    low, guide = (random.integers(0, 256, (2, s * HEIGHT, s * WIDTH), numpy.uint8) for s in (1, 4))
    both = numpy.concatenate([blocks(guide, 4, 4), low])
    return (
        write(tmp_path / "guide.tif", guide, extratags=place(10.0)),
        write(tmp_path / "low.tif", low, extratags=place(40.0)),
        write(tmp_path / "both.tif", both, extratags=place(40.0)),
    )


def test_inputs_of_several_sizes_are_files_or_the_bands_of_one(tool, programs, guided, tmp_path):
    model, (guide, low, both) = programs["guide_x4_first"]["path"], guided
    numbers = ["--input-mean", "0.1,0.2,0.3,0.4", "--input-std", "0.5,0.6,0.7,0.8"]
    tool.ok(
        "run",
        model,
        guide,
        tmp_path / "a.tif",
        "--more-input",
        low,
        "--tile",
        "30",
        *numbers,
        *PLAIN,
    )
    tool.ok("run", model, both, tmp_path / "b.tif", "--mode", "stream", *numbers, *PLAIN)
    a, b = read(tmp_path / "a.tif"), read(tmp_path / "b.tif")
    assert a.shape == (2, 4 * HEIGHT, 4 * WIDTH) and len(numpy.unique(a)) > 100
    assert numpy.array_equal(a, b)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.pages[0].tags[PIXEL_SIZE].value[:2] == (10.0, 10.0)
        assert file.pages[0].tags[TIE_POINT].value[3:5] == (500, 900)


def test_inspect_tells_the_sizes_of_inputs(tool, programs):
    (method,) = tool.json("inspect", programs["guide_x4_first"]["path"])["methods"]
    assert method["input"] == {"dtype": "f32", "channels": 34, "height": 12, "width": 10}
    assert method["input_channels"] == [2, 2]
    assert method["input_scales"] == [{"y": 4, "x": 4}, {"y": 1, "x": 1}]
    assert "34 channels (2 at 4x4 + 2)" in tool.ok("inspect", programs["guide_x4_first"]["path"])


def test_inputs_of_other_sizes_are_refused(tool, programs, guided, tmp_path):
    model, out, (guide, low, _) = programs["guide_x4_first"]["path"], tmp_path / "out.tif", guided
    message = tool.fails("run", model, low, out, "--more-input", guide)
    assert "input 1 has 83x61 pixels and must have a multiple of 4x4" in message
    smaller = write(tmp_path / "smaller.tif", numpy.zeros((2, HEIGHT, WIDTH - 1), numpy.uint8))
    message = tool.fails("run", model, guide, out, "--more-input", smaller)
    assert (
        "input 2 has 82x61 pixels and must have 83x61: 1x1 where input 1, of 332x244, has 4x4"
        in message
    )
    grey = tmp_path / "grey.tif"
    tifffile.imwrite(grey, numpy.zeros((HEIGHT, WIDTH), numpy.uint8))
    message = tool.fails("run", model, guide, out, "--more-input", grey)
    assert "input 2 has 1 band" in message and "takes 2" in message
    message = tool.fails("run", model, guide, out)
    assert "2 bands" in message and "takes 34" in message and "each of its 2 inputs" in message
    message = tool.fails("run", model, guide, out, *more("--more-input", [low, low]))
    assert "2 inputs of several sizes" in message and "3 images" in message
    message = tool.fails(
        "run", model, guide, out, "--more-input", low, "--input-mean", ",".join(["1"] * 34)
    )
    assert "34 numbers" in message and "give 1 or 4" in message
    refused = programs["refused_inputs_of_three_to_two"]["path"]
    assert "cannot be run with equal bits" in tool.fails(
        "run", refused, guide, out, "--more-input", low
    )
    assert not out.exists()


def test_files_that_do_not_fit_are_refused(tool, programs, three, tmp_path):
    two, out = programs["two_outputs"]["path"], tmp_path / "out.tif"
    smaller = write(tmp_path / "smaller.tif", numpy.zeros((2, 60, WIDTH), numpy.uint8))
    message = tool.fails(
        "run", programs["two_inputs"]["path"], three[0], out, "--more-input", smaller
    )
    assert "83x61" in message and "83x60" in message
    message = tool.fails("run", programs["two_inputs"]["path"], three[0], out)
    assert "2 bands" in message and "takes 4" in message
    message = tool.fails(
        "run", two, three[0], out, *more("--more-output", [tmp_path / "b.tif", tmp_path / "c.tif"])
    )
    assert "2 outputs" in message and "3 files" in message
    assert "another name" in tool.fails("run", two, three[0], out, "--more-output", out)
    assert "another name" in tool.fails(
        "run", two, three[0], out, "--more-output", f"{tmp_path}/./out.tif"
    )
    assert "is the input" in tool.fails("run", two, three[0], out, "--more-output", three[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "all.tif",
        "in0.tif",
        "in1.tif",
        "in2.tif",
        "smaller.tif",
    ]
