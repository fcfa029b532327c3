"""An installed Sectile serves another project: find_package, link, run a model."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SECTILE_BUILD_DIR", ROOT / "build" / "release"))


def execute(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefix")
    execute("cmake", "--install", BUILD, "--prefix", folder)
    return folder


@pytest.fixture(scope="module")
def consumer(prefix, tmp_path_factory):
    folder = tmp_path_factory.mktemp("consumer")
    execute(
        "cmake",
        "-S",
        Path(__file__).parent,
        "-B",
        folder,
        "-G",
        "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
    )
    execute("cmake", "--build", folder)
    return folder


def test_the_consumer_runs_a_model(consumer):
    output = execute(consumer / "consumer", ROOT / "models" / "denoise.pte")
    assert output == "150 x 200, finished: 1\n"


def test_no_flags_of_ours_leak(consumer):
    commands = (consumer / "compile_commands.json").read_text(encoding="utf-8")
    assert "-std=" in commands
    for flag in ("-Wall", "-Wconversion", "-ffp-contract", "executorch", "C10_", str(ROOT / "src")):
        assert flag not in commands


def test_the_installed_headers_are_the_public_ones(prefix):
    installed = {path.name for path in (prefix / "include" / "sectile").iterdir()}
    assert installed == {path.name for path in (ROOT / "include" / "sectile").iterdir()}


def test_the_installed_tool_starts_anywhere(prefix):
    assert execute(prefix / "bin" / "sectile", "--version").strip()
