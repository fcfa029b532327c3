"""Networks of several inputs and outputs: as files of their own, or as bands of one."""

import numpy
import pytest
import tifffile

HEIGHT, WIDTH = 61, 83
PLAIN = ["--output-type", "f32", "--co", "COMPRESS=NONE", "--co", "INTERLEAVE=BAND", "--quiet", "--overwrite"]


def write(path, values):
    tifffile.imwrite(path, values, photometric="minisblack", planarconfig="separate")
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
    tool.ok("run", model, first, tmp_path / "a.tif", *more("--more-input", others), "--tile", "24", *PLAIN)
    tool.ok("run", model, joined, tmp_path / "b.tif", "--mode", "stream", *PLAIN)
    a, b = read(tmp_path / "a.tif"), read(tmp_path / "b.tif")
    assert a.shape == (3, HEIGHT, WIDTH) and len(numpy.unique(a)) > 100
    assert numpy.array_equal(a, b)
    tool.ok("run", model, others[0], tmp_path / "c.tif", *more("--more-input", [first, others[1]]), *PLAIN)
    assert not numpy.array_equal(a, read(tmp_path / "c.tif")), "the order of the inputs does not matter"


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


def test_files_that_do_not_fit_are_refused(tool, programs, three, tmp_path):
    two, out = programs["two_outputs"]["path"], tmp_path / "out.tif"
    smaller = write(tmp_path / "smaller.tif", numpy.zeros((2, 60, WIDTH), numpy.uint8))
    message = tool.fails("run", programs["two_inputs"]["path"], three[0], out, "--more-input", smaller)
    assert "83x61" in message and "83x60" in message
    message = tool.fails("run", programs["two_inputs"]["path"], three[0], out)
    assert "2 bands" in message and "takes 4" in message
    message = tool.fails("run", two, three[0], out, *more("--more-output", [tmp_path / "b.tif", tmp_path / "c.tif"]))
    assert "2 outputs" in message and "3 files" in message
    assert "another name" in tool.fails("run", two, three[0], out, "--more-output", out)
    assert "another name" in tool.fails("run", two, three[0], out, "--more-output", f"{tmp_path}/./out.tif")
    assert "is the input" in tool.fails("run", two, three[0], out, "--more-output", three[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.tif", "in0.tif", "in1.tif", "in2.tif", "smaller.tif"]
