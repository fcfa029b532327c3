"""Inputs and outputs that cannot work: exit 1, one line that says why, and nothing left behind."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from conftest import noise


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def words(models, image, tmp_path):
    """A run that works, to be spoilt."""
    return ["run", models["denoise"], image("in.png", 64, 64), tmp_path / "out.png"]


@pytest.mark.parametrize("command", ["inspect", "plan", "run"])
@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "text", "image"])
def test_not_a_program(tool, image, tmp_path, command, kind):
    source = image("in.png", 8, 8)
    bad = {"missing": tmp_path / "bad.pte", "folder": tmp_path, "image": source}.get(
        kind, tmp_path / "bad.pte"
    )
    if kind in ("empty", "text"):
        bad.write_text(
            "" if kind == "empty" else "no program at all, though long enough for a header " * 9
        )
    rest = {"inspect": [], "plan": ["8x8"], "run": [source, tmp_path / "out.tif"]}[command]
    assert str(bad) in tool.fails(command, bad, *rest)
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize("name", ["denoise", "unet"])
def test_truncated_program(tool, models, tmp_path, name):
    """Cut anywhere: refused, never a crash."""
    content = models[name].read_bytes()
    for part in [
        8,
        40,
        100,
        1000,
        len(content) // 4,
        len(content) // 2,
        len(content) * 9 // 10,
        len(content) - 200,
    ]:
        path = tmp_path / "cut.pte"
        path.write_bytes(content[:part])
        assert "cut.pte" in tool.fails("verify", path, "16x16"), part


def test_no_such_method(tool, words):
    message = tool.fails(*words, "--method", "backward")
    assert "'backward'" in message and "forward" in message


def test_refused_programs(tool, programs, tmp_path):
    """The message names the node, the operator and the reason."""
    refused = [program for program in programs.values() if program["verdict"] != "exact"]
    assert refused
    for program in refused:
        message = tool.fails("plan", program["path"], "64x64")
        assert program["blocker"] in message, program["name"]
        [method] = tool.json("inspect", program["path"])["methods"]
        assert method["verdict"] == program["verdict"], program["name"]
        assert method["blockers"][0]["node"] in message and method["blockers"][0]["why"] in message
        assert "hint:" in tool.ok("inspect", program["path"])


def test_refused_run_leaves_nothing(tool, programs, tmp_path):
    Image.fromarray(noise(32, 32)[..., 0]).save(tmp_path / "in.png")
    message = tool.fails(
        "run", programs["refused_global_pool"]["path"], tmp_path / "in.png", tmp_path / "out.png"
    )
    assert "no image" in message
    assert names(tmp_path) == ["in.png"]


@pytest.mark.parametrize("content", [b"", b"this is no image\n" * 100, b"\x89PNG\r\n\x1a\nbroken"])
def test_not_an_image(tool, models, tmp_path, content):
    path = tmp_path / "in.png"
    path.write_bytes(content)
    assert "in.png" in tool.fails("run", models["denoise"], path, tmp_path / "out.png")
    assert names(tmp_path) == ["in.png"]


def test_missing_image(tool, models, tmp_path):
    assert "nowhere.png" in tool.fails(
        "run", models["denoise"], tmp_path / "nowhere.png", tmp_path / "out.png"
    )


def test_damaged_image(tool, words, tmp_path):
    """The header is fine, the pixels are not all there."""
    whole = words[2].read_bytes()
    words[2].write_bytes(whole[: len(whole) // 2])
    assert "in.png" in tool.fails(*words)
    assert names(tmp_path) == ["in.png"]


@pytest.mark.parametrize("bands", [1, 2, 4])
def test_wrong_number_of_bands(tool, models, image, tmp_path, bands):
    source = image("in.png", 32, 32, bands)
    message = tool.fails("run", models["denoise"], source, tmp_path / "out.png")
    assert f"{bands} band" in message and "3" in message
    assert names(tmp_path) == ["in.png"]


def test_output_in_a_missing_folder(tool, words, tmp_path):
    assert "no/such" in tool.fails(*words[:3], tmp_path / "no/such/out.png")


def test_output_in_an_unwritable_place(tool, words):
    """/proc is read-only even for root."""
    assert "/proc" in tool.fails(*words[:3], "/proc/out.png")


def test_output_with_an_unknown_ending(tool, words, tmp_path):
    assert "'.bmq'" in tool.fails(*words[:3], tmp_path / "out.bmq")
    assert "Nonsense" in tool.fails(*words, "--format", "Nonsense")
    assert names(tmp_path) == ["in.png"]


def test_existing_output_stays(tool, words, tmp_path):
    words[3].write_bytes(b"precious")
    tool.fails(*words)
    tool.fails(*words, "--overwrite", "--tile", "2")
    assert words[3].read_bytes() == b"precious"
    assert names(tmp_path) == ["in.png", "out.png"]


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
@pytest.mark.parametrize("which", ["input", "model"])
def test_output_is_what_is_read(tool, words, models, tmp_path, which, link):
    if which == "model":  # a copy, in case the tool does overwrite it
        words[1] = shutil.copy(models["denoise"], tmp_path / "model.pte")
    read_file = words[2] if which == "input" else tmp_path / "model.pte"
    before = read_file.read_bytes()
    if link is None:
        words[3] = read_file
    else:
        words[3] = tmp_path / "link.png"
        link(read_file, words[3])
    message = tool.fails(*words, "--overwrite", "--format", "PNG")
    assert which in message and str(words[3]) in message
    assert read_file.read_bytes() == before
    # A report is an output too.
    assert which in tool.fails(*words[:3], tmp_path / "out.png", "--report", words[3])
    assert read_file.read_bytes() == before


def test_report_that_cannot_be_written(tool, words, tmp_path):
    """It shows before the run starts."""
    assert "no/such" in tool.fails(*words, "--report", tmp_path / "no/such/report.json")
    assert "/proc" in tool.fails(*words, "--report", "/proc/report.json")
    assert tool.fails(*words, "--report", tmp_path)
    assert tool.fails(*words, "--report", tmp_path / "." / "out.png")
    assert names(tmp_path) == ["in.png"]


@pytest.mark.parametrize(
    "name, height, width", [("denoise", 40, 50), ("unet", 170, 200), ("upscale2x", 30, 40)]
)
def test_tile_too_small(tool, models, image, tmp_path, name, height, width):
    """The message names the smallest tile, and that one works."""
    words = ["run", models[name], image("in.png", height, width), tmp_path / "out.png"]
    smallest = tool.fails(*words, "--tile", "4").split()[-1]
    tool.ok(*words, "--tile", smallest)
    tile_width, tile_height = (int(side) for side in smallest.split("x"))
    tool.fails(*words, "--overwrite", "--tile", f"{tile_width - 1}x{tile_height}")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of half a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a file system is not permitted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("name", ["out.tif", "out.png"])
def test_full_disk(tool, models, image, small_disk, name):
    (small_disk / "other").write_text("precious")
    message = tool.fails(
        "run", models["denoise"], image("in.png", 600, 600), small_disk / name, "--tile", "128"
    )
    assert name in message
    assert names(small_disk) == ["other"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt(tool, models, tmp_path, number):
    """Ctrl-C in the middle of a run: exit 130, soon, and nothing left; an existing output stays."""
    Image.fromarray(noise(3000, 3000)).save(tmp_path / "in.tif")
    (tmp_path / "out.tif").write_bytes(b"precious")
    command = [
        tool.path,
        "run",
        models["denoise"],
        tmp_path / "in.tif",
        tmp_path / "out.tif",
        "--tile",
        "96",
        "--overwrite",
        "--report",
        tmp_path / "report.json",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while (
        len(names(tmp_path)) < 4 and time.monotonic() < deadline
    ):  # a report and an image, unfinished
        time.sleep(0.02)
    time.sleep(0.2)
    assert process.poll() is None, "it ended before it could be interrupted"
    process.send_signal(number)
    message = process.communicate(timeout=10)[1]
    assert process.returncode == 130
    assert message.startswith("sectile: ") and message.count("\n") == 1
    assert names(tmp_path) == ["in.tif", "out.tif"]
    assert (tmp_path / "out.tif").read_bytes() == b"precious"


def test_interrupted_verify(tool, models):
    process = subprocess.Popen(
        [tool.path, "verify", models["denoise"], "4000x3000", "--tile", "96"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == b""
    assert process.returncode == 130


def test_full_stdout(tool, models):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [tool.path, "inspect", models["denoise"]],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1 and "standard output" in done.stderr
