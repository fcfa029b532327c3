"""model.json beside model.pte: what run, plan, verify and inspect make of it."""

import json
import shutil
from pathlib import Path

import numpy
import pytest

import gdal_files
from conftest import ROOT, noise
from gdal_files import gdal

SCHEMA = json.loads((ROOT / "docs" / "model.schema.json").read_text())
FLOATS = ["--output-type", "f32"]


class Model:
    """A program in a folder of its own, and the file beside it."""

    def __init__(self, folder, program):
        folder.mkdir()
        self.path = folder / "net.pte"
        self.facts = folder / "net.json"
        shutil.copy(program, self.path)

    def says(self, **facts):
        self.facts.write_text(json.dumps(facts))

    def is_silent(self):
        self.facts.unlink(missing_ok=True)


@pytest.fixture
def model(programs, tmp_path):
    """Three bands in, six out."""
    return Model(tmp_path / "model", programs["conv_depthwise_multiplier"]["path"])


@pytest.fixture
def source(tmp_path):
    """Five bands of u16."""
    pixels = (noise(40, 50, 5, numpy.float32) * 10000).astype(numpy.uint16)
    return gdal_files.write(tmp_path / "in.tif", numpy.moveaxis(pixels, -1, 0))


def run(tool, model, source, out, *words):
    tool.ok("run", model.path, source, out, "--quiet", "--overwrite", *words)
    return gdal_files.read(out)


INPUT = {
    "bands": [4, 2, 1],
    "data_type": "u16",
    "value_scaling": {"scale": 0.0001, "mean": [0.1, 0.2, 0.3], "stddev": 0.5},
}
INPUT_WORDS = ["--bands", "4,2,1", "--input-scale", "0.0001", "--input-mean", "0.1,0.2,0.3"]
INPUT_WORDS += ["--input-std", "0.5"]
CLASSES = [{"name": f"class {i}", "color": f"#{i:02x}00ff"} for i in range(6)]


def test_the_input(tool, model, source, tmp_path):
    wanted = run(tool, model, source, tmp_path / "a.tif", *INPUT_WORDS, *FLOATS)
    model.says(input=INPUT)
    found = run(tool, model, source, tmp_path / "b.tif", *FLOATS)
    assert len(numpy.unique(wanted)) > 1000 and numpy.array_equal(found, wanted)


def test_options_win_one_by_one(tool, model, source, tmp_path):
    given = {
        "--bands": ("1,2,3", ["--bands", "1,2,3", *INPUT_WORDS[2:]]),
        "--input-scale": ("0.001", [*INPUT_WORDS[:2], "--input-scale", "0.001", *INPUT_WORDS[4:]]),
        "--input-mean": ("0", [*INPUT_WORDS[:4], *INPUT_WORDS[6:]]),
        "--input-std": ("2", [*INPUT_WORDS[:6], "--input-std", "2"]),
    }
    for option, (value, words) in given.items():
        model.is_silent()
        wanted = run(tool, model, source, tmp_path / "a.tif", *words, *FLOATS)
        model.says(input=INPUT)
        found = run(tool, model, source, tmp_path / "b.tif", option, value, *FLOATS)
        assert numpy.array_equal(found, wanted), option


def test_the_output(tool, model, source, tmp_path):
    values = run(tool, model, source, tmp_path / "a.tif", *INPUT_WORDS, *FLOATS)
    model.says(input=INPUT, output={"kind": "argmax", "classification:classes": CLASSES})
    found = run(tool, model, source, tmp_path / "b.tif")
    assert found.dtype == numpy.uint8 and numpy.array_equal(found[0], values.argmax(axis=0))
    dataset = gdal.Open(str(tmp_path / "b.tif"))
    table = dataset.GetRasterBand(1).GetColorTable()
    assert [table.GetColorEntry(i) for i in range(6)] == [(i, 0, 255, 255) for i in range(6)]
    assert dataset.GetRasterBand(1).GetCategoryNames() == [one["name"] for one in CLASSES]
    found = run(tool, model, source, tmp_path / "b.tif", "--output", "values", *FLOATS)
    assert numpy.array_equal(found, values)
    model.says(input=INPUT, output={"threshold": 0.1})
    found = run(tool, model, source, tmp_path / "b.tif")
    assert found.dtype == numpy.uint8
    assert numpy.array_equal(found, values >= numpy.float32(0.1))
    found = run(tool, model, source, tmp_path / "b.tif", "--threshold", "-0.1")
    assert numpy.array_equal(found, values >= numpy.float32(-0.1))


def test_scale_type_and_units_of_the_output(tool, model, source, tmp_path):
    def as_f32(values):
        return values.astype(numpy.float32)

    values = run(tool, model, source, tmp_path / "a.tif", *INPUT_WORDS, *FLOATS)
    double = values.astype(numpy.float64)
    scaling = {"scale": 4, "offset": [1, 2, 3, 4, 5, 6]}
    model.says(input=INPUT, output={"data_type": "f32", "value_scaling": scaling})
    offsets = numpy.arange(1, 7).reshape(6, 1, 1)
    found = run(tool, model, source, tmp_path / "b.tif")
    assert numpy.array_equal(found, as_f32(double * 4 + offsets))
    found = run(tool, model, source, tmp_path / "b.tif", "--output-scale", "2")
    assert numpy.array_equal(found, as_f32(double * 2))
    one = {"scale": 0.0001, "mean": 0.25, "stddev": 0.5}
    words = ["--input-scale", "0.0001", "--input-mean", "0.25", "--input-std", "0.5"]
    words += ["--bands", "1,2,3"]
    model.is_silent()
    wanted = run(tool, model, source, tmp_path / "a.tif", *words, "--output-units", "input")
    model.says(
        input={"bands": [1, 2, 3], "value_scaling": one},
        output={"units": "input"},
    )
    found = run(tool, model, source, tmp_path / "b.tif")
    assert len(numpy.unique(wanted)) > 100 and numpy.array_equal(found, wanted)


def test_a_kind_that_is_given_replaces_the_scale_too(tool, model, source, tmp_path):
    values = run(tool, model, source, tmp_path / "a.tif", *INPUT_WORDS, *FLOATS)
    model.says(input=INPUT, output={"value_scaling": {"scale": 4}, "data_type": "f32"})
    found = run(tool, model, source, tmp_path / "b.tif", "--output", "argmax")
    assert numpy.array_equal(found[0], values.argmax(axis=0))
    model.says(input=INPUT, output={"kind": "argmax"})
    words = ["run", model.path, source, tmp_path / "c.tif", "--output-scale", "2"]
    message = tool.fails(*words)
    assert "argmax" in message and str(model.facts) in message


def test_plan_and_verify(tool, model, source, tmp_path):
    model.says(input=INPUT, output={"kind": "argmax"})
    for image in (source, "640x480"):
        plan = tool.json("plan", model.path, image)
        assert (plan["output_kind"], plan["output_bands"]) == ("argmax", 1)
    plan = tool.json("plan", model.path, source, "--output", "values")
    assert (plan["output_kind"], plan["output_bands"]) == ("values", 6)
    report = tool.json("verify", model.path, source, "--tile", "24")
    assert report["differing"] == 0 and report["values"] == 6 * 40 * 50
    assert tool.json("verify", model.path, "64x48", "--tile", "24")["differing"] == 0
    model.is_silent()
    assert "5 bands" in tool.fails("verify", model.path, source)


def test_pixels_of_another_type(tool, model, tmp_path):
    pixels = numpy.moveaxis(noise(30, 40, 5), -1, 0)
    source = gdal_files.write(tmp_path / "in.tif", pixels)
    model.says(input=INPUT)
    message = tool.fails("run", model.path, source, tmp_path / "out.tif")
    assert "u16" in message and "u8" in message and str(model.facts) in message
    assert not (tmp_path / "out.tif").exists()
    run(tool, model, source, tmp_path / "out.tif", "--input-scale", "0.004")


def test_inspect_says_it(tool, model):
    assert tool.json("inspect", model.path)["facts"] is None
    facts = {
        "description": "land cover",
        "input": {**INPUT, "nodata_fill": -1.5},
        "output": {"kind": "argmax", "classification:classes": CLASSES},
    }
    facts["input"]["value_scaling"] = {"scale": 0.0001, "mean": [0.1, 0.2, 0.3], "stddev": [0.5]}
    model.says(**facts, **{"$schema": "https://example.org/model.schema.json"})
    assert tool.json("inspect", model.path)["facts"] == facts
    text = tool.ok("inspect", model.path)
    for word in (str(model.facts), "land cover", "0.0001", "[4,2,1]", "u16", "argmax", "class 5"):
        assert word in text
    model.says()
    assert tool.json("inspect", model.path)["facts"] == {}


def test_the_file_is_no_output(tool, model, source, tmp_path):
    model.says(input=INPUT)
    before = model.facts.read_text()
    words = ["run", model.path, source, tmp_path / "out.tif", "--report", model.facts]
    assert "the model's facts" in tool.fails(*words)
    assert model.facts.read_text() == before and not (tmp_path / "out.tif").exists()


def test_numbers_that_the_network_does_not_have(tool, model, source, tmp_path):
    for part, value, key, counts in (
        ("input", {"bands": [1, 2]}, "input.bands", "2"),
        ("input", {"bands": [1, 2, 3, 4]}, "input.bands", "4"),
        ("input", {"value_scaling": {"mean": [1, 2]}}, "input.value_scaling.mean", "2"),
        ("input", {"value_scaling": {"stddev": [1] * 4}}, "input.value_scaling.stddev", "4"),
        ("output", {"value_scaling": {"scale": [1] * 3}}, "output.value_scaling.scale", "3"),
        ("output", {"value_scaling": {"offset": [1] * 7}}, "output.value_scaling.offset", "7"),
        ("output", {"classification:classes": CLASSES[:5]}, "classification:classes", "5"),
    ):
        model.says(**{"input": {"bands": [1, 2, 3]}} | {part: value})
        message = tool.fails("run", model.path, source, tmp_path / "out.tif")
        wanted = "3 bands" if part == "input" else "6 bands"
        assert str(model.facts) in message and key in message
        assert f"has {counts} " in message and wanted in message
    model.says(input={"bands": [1, 2, 9]})
    assert "9" in tool.fails("run", model.path, source, tmp_path / "out.tif")


WRONG = {
    "[]": "the file must be an object",
    "3": "the file must be an object",
    "": "no JSON",
    '{"input": ': "no JSON",
    '{"input": 3}': "input must be an object",
    '{"inputs": {}}': '"inputs"',
    '{"input": {"band": [1]}}': 'input."band"',
    '{"input": {"bands": []}}': "input.bands",
    '{"input": {"bands": 3}}': "input.bands",
    '{"input": {"bands": [1, 0, 2]}}': "input.bands[1]",
    '{"input": {"bands": [1, 2.5, 2]}}': "input.bands[1]",
    '{"input": {"bands": [1, 99999999999999999999, 2]}}': "input.bands[1]",
    '{"input": {"bands": [1, "B4", 2]}}': "input.bands[1]",
    '{"input": {"data_type": "uint16"}}': "input.data_type must be u8",
    '{"input": {"data_type": 16}}': "input.data_type",
    '{"input": {"value_scaling": []}}': "input.value_scaling must be an object",
    '{"input": {"value_scaling": {"scale": 0}}}': "input.value_scaling.scale",
    '{"input": {"value_scaling": {"scale": [1]}}}': "input.value_scaling.scale",
    '{"input": {"value_scaling": {"scale": "1"}}}': "input.value_scaling.scale",
    '{"input": {"value_scaling": {"scale": null}}}': "input.value_scaling.scale",
    '{"input": {"value_scaling": {"mean": [1, null]}}}': "input.value_scaling.mean[1]",
    '{"input": {"value_scaling": {"mean": 1e999}}}': "no JSON",
    '{"input": {"value_scaling": {"mean": NaN}}}': "no JSON",
    '{"input": {"value_scaling": {"stddev": [1, 0, 1]}}}': "input.value_scaling.stddev",
    '{"input": {"value_scaling": {"stddev": -1}}}': "input.value_scaling.stddev",
    '{"input": {"value_scaling": {"std": 1}}}': 'input.value_scaling."std"',
    '{"input": {"nodata_fill": true}}': "input.nodata_fill",
    '{"output": {"kind": "argmin"}}': "output.kind must be values",
    '{"output": {"kind": ["argmax"]}}': "output.kind",
    '{"output": {"threshold": "0.5"}}': "output.threshold",
    '{"output": {"data_type": "i16"}}': "output.data_type",
    '{"output": {"units": "kelvin"}}': "output.units",
    '{"output": {"units": "input", "value_scaling": {"scale": 1}}}': "output",
    '{"output": {"kind": "argmax", "threshold": 1}}': "argmax has no threshold",
    '{"output": {"kind": "argmax", "value_scaling": {"offset": 1}}}': "argmax",
    '{"output": {"value_scaling": {"scale": [1, 0]}}}': "output.value_scaling.scale",
    '{"output": {"classification:classes": [{"name": 1}]}}': "classification:classes[0].name",
    '{"output": {"classification:classes": {"0": "a"}}}': "classification:classes",
    '{"input": {}, "input": {}}': '"input" comes twice',
    '{"description": "a\\u0000b"}': "description",
    '{"input": ' * 5000: "levels",
    "[" * 100 + "]" * 100: "levels",
    '{"input": {"bands": [' + "1," * 60000 + "1]}}": "input.bands has 60001",
    '{"input": {"value_scaling": {"mean": [' + "1," * 70000 + "1]}}}": "at most 65536",
    "{" + ",".join(f'"key {i}": 1' for i in range(200000)) + "}": "more than 100 keys",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:48])
def test_wrong_files(tool, model, source, tmp_path, text):
    model.facts.write_text(text)
    message = tool.fails("run", model.path, source, tmp_path / "out.tif")
    assert str(model.facts) in message and WRONG[text] in message and len(message) < 500
    assert not (tmp_path / "out.tif").exists()


def test_wrong_files_are_wrong_for_each_command(tool, model):
    model.says(inputs={})
    messages = {
        tool.fails(*words, model.path, *more)
        for words, more in ((["inspect"], []), (["plan"], ["64x64"]), (["verify"], ["64x64"]))
    }
    assert len(messages) == 1 and '"inputs"' in messages.pop()


def test_files_that_are_none(tool, model):
    model.facts.mkdir()
    assert "plain file" in tool.fails("inspect", model.path)
    model.facts.rmdir()
    model.facts.write_bytes(b" " * (9 << 20))
    assert "8 MiB" in tool.fails("inspect", model.path)


def objects_of(schema, key=""):
    """Key -> the keys of the object that it holds, of all objects in the schema."""
    if schema.get("type") == "object":
        yield key, list(schema["properties"])
        for name, value in schema["properties"].items():
            yield from objects_of(value, f"{key}.{name}" if key else name)
    elif "items" in schema:
        yield from objects_of(schema["items"], key + "[]")


@pytest.mark.parametrize("key, keys", list(objects_of(SCHEMA)), ids=str)
def test_the_schema_has_the_same_keys(tool, model, key, keys):
    """Every object refuses other keys, and says which there are."""
    facts = {"no such key": 1}
    for word in reversed(key.split(".") if key else []):
        facts = {word.removesuffix("[]"): [facts] if word.endswith("[]") else facts}
    model.says(**facts)
    message = tool.fails("inspect", model.path)
    assert '"no such key"' in message
    assert message.endswith("are " + ", ".join(keys))


def test_a_model_of_another_name_has_no_such_file(tool, model, source, tmp_path):
    other = model.path.with_name("net.bin")
    model.path.rename(other)
    model.facts.write_text("no JSON")
    assert tool.json("inspect", other)["facts"] is None
    assert Path(other).exists()


# In the program itself: what its constant method "sectile" returns.


class Program(Model):
    """One with facts inside, which others are written over."""

    def says(self, **facts):
        text = json.dumps(facts)
        old = self.program[self.program.index(b'{"description"') :][:200]
        assert len(text) <= len(old)
        self.path.write_bytes(self.program.replace(old, text.ljust(200).encode()))

    def __init__(self, folder, program):
        super().__init__(folder, program)
        self.program = self.path.read_bytes()


@pytest.fixture
def program(programs, tmp_path):
    """Three bands in, four out."""
    return Program(tmp_path / "program", programs["with_facts"]["path"])


def test_facts_in_the_program(tool, program, tmp_path):
    answer = tool.json("inspect", program.path)
    assert answer["facts"] == {"description": "in the program"}
    assert [method["name"] for method in answer["methods"]] == ["forward"]
    pixels = numpy.moveaxis(noise(30, 40, 3), -1, 0)
    source = gdal_files.write(tmp_path / "in.tif", pixels)
    values = run(tool, program, source, tmp_path / "a.tif", *FLOATS, "--input-scale", "0.01")
    program.says(
        input={"value_scaling": {"scale": 0.01}},
        output={"kind": "argmax"},
    )
    found = run(tool, program, source, tmp_path / "b.tif")
    assert values.shape[0] == 4 and len(numpy.unique(found)) > 1
    assert numpy.array_equal(found[0], values.argmax(axis=0))
    found = run(tool, program, source, tmp_path / "b.tif", "--output", "values", *FLOATS)
    assert numpy.array_equal(found, values)


def test_the_file_beside_it_wins(tool, program):
    program.facts.write_text('{"description": "in the file"}')
    assert tool.json("inspect", program.path)["facts"] == {"description": "in the file"}


def test_wrong_facts_in_the_program(tool, program):
    for facts, key in (
        ({"output": {"kind": "argmin"}}, "output.kind"),
        ({"outputs": 3}, "outputs"),
    ):
        program.says(**facts)
        message = tool.fails("plan", program.path, "64x64")
        assert str(program.path) in message and "method 'sectile'" in message and key in message
