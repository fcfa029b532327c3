"""What the tests of the tool share: the tool itself, the models, and images made on the spot.

The tool is $SECTILE_CLI, or the one in $SECTILE_BUILD_DIR, or the one in build/release.
"""

import json
import os
import pty
import subprocess
from pathlib import Path

import numpy
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SECTILE_BUILD_DIR", ROOT / "build" / "release"))
TOOL = Path(os.environ.get("SECTILE_CLI", BUILD / "cli" / "sectile"))
PROGRAMS = ROOT / "tests" / "networks" / "programs"
MODELS = {name: ROOT / "models" / f"{name}.pte" for name in ("denoise", "unet", "upscale2x")}


def example(name):
    """The program of examples/NAME.cpp, built beside the tool that is tested."""
    beside = TOOL.parent.parent / "examples" / name
    return beside if beside.is_file() else BUILD / "examples" / name


class Tool:
    """Runs `sectile` and says what came of it."""

    path = TOOL

    def run(self, *words, **options):
        command = [str(TOOL), *(str(word) for word in words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)

    def ok(self, *words, **options):
        """What the tool printed to stdout; it must have succeeded."""
        done = self.run(*words, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *words):
        return json.loads(self.ok(*words, "--json"))

    def fails(self, *words, code=1, **options):
        """The message of a run that must fail: with that code, and one line, on stderr."""
        done = self.run(*words, **options)
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("sectile: ") and done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("sectile: ").strip()


def run_on_terminal(*words):
    """Exit code, and what came to a stderr that is a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [str(word) for word in words], stderr=slave, stdout=subprocess.DEVNULL
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    return process.wait(), seen.decode()


@pytest.fixture(scope="session")
def tool():
    assert TOOL.is_file(), f"{TOOL} is not there: build it, or name it in SECTILE_CLI"
    return Tool()


@pytest.fixture(scope="session")
def models():
    return MODELS


@pytest.fixture(scope="session")
def programs():
    """The small programs of tests/networks: name -> what index.json says of it, with its path."""
    entries = json.loads((PROGRAMS / "index.json").read_text())
    return {entry["name"]: {**entry, "path": PROGRAMS / entry["file"]} for entry in entries}


def noise(height, width, bands=3, dtype=numpy.uint8):
    """The same pixels each time; height x width, or height x width x bands for several bands."""
    shape = (height, width) if bands == 1 else (height, width, bands)
    values = numpy.random.default_rng(height * 1009 + width).random(shape)
    if numpy.issubdtype(dtype, numpy.floating):
        return values.astype(dtype)
    return (values * (numpy.iinfo(dtype).max + 1)).astype(dtype)


@pytest.fixture
def image(tmp_path):
    """Writes noise to a file of that name and returns its path."""

    def make(name, height, width, bands=3):
        path = tmp_path / name
        Image.fromarray(noise(height, width, bands)).save(path)
        return path

    return make


def read(path):
    with Image.open(path) as opened:
        return numpy.array(opened)
