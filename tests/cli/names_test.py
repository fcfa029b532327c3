"""Names in a program can hold any bytes: none reaches the terminal as a control character."""

import json

import pytest

# Of the same length as what they replace, so that the program stays sound.
METHOD = b"forward", b"a\x1b[2J\nb"
KERNEL = b"aten::_softmax", b"aten::\x1b]0;x\x07ax"
BACKEND = b"VulkanBackend", b"V\x1b[31m\xffBacken"


@pytest.fixture
def damaged(programs, tmp_path):
    def make(name, *changes):
        content = programs[name]["path"].read_bytes()
        for old, new in changes:
            assert len(old) == len(new) and old in content
            content = content.replace(old, new)
        path = tmp_path / "odd.pte"
        path.write_bytes(content)
        return path

    return make


def printed(result):
    return result.stdout + result.stderr


def assert_clean(text):
    odd = [char for char in text if (ord(char) < 0x20 and char != "\n") or 0x7F <= ord(char) < 0xA0]
    assert not odd, text


@pytest.mark.parametrize(
    "name, changes",
    [
        ("unet2", [METHOD]),
        ("refused_softmax_over_rows", [METHOD, KERNEL]),
        ("refused_vulkan", [METHOD, BACKEND]),
    ],
)
def test_names_are_printed_escaped(tool, damaged, image, tmp_path, name, changes):
    program = damaged(name, *changes)
    run = ["run", program, image("in.png", 40, 32, 2), tmp_path / "out.tif"]
    for words in [
        ["inspect", program],
        ["inspect", program, "--json"],
        ["plan", program, "64x64"],
        ["plan", program, "64x64", "--method", "none"],
        run,
        [*run, "--approximate"],
    ]:
        assert_clean(printed(tool.run(*words)))
    assert "a\\x1B[2J\\nb" in tool.ok("inspect", program)
    [method] = json.loads(tool.ok("inspect", program, "--json"))["methods"]
    assert method["name"] == "a\\x1B[2J\\nb"


@pytest.mark.parametrize("wanted", ["a\x1b[2J\nb", "a\\x1B[2J\\nb"])
def test_methods_are_found_by_either_name(tool, damaged, wanted):
    program = damaged("unet2", METHOD)
    assert "64x64" in tool.ok("plan", program, "64x64", "--method", wanted)


def test_a_method_with_an_odd_name_runs_as_exported(tool, damaged, image, tmp_path):
    program = damaged("squeeze_excite", METHOD)
    tool.ok("run", program, image("in.png", 40, 32, 2), tmp_path / "out.tif", "--approximate")
