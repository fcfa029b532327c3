"""An installed Sectile serves another project: find_package, link, run a model."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy
import pytest
from PIL import Image

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


def readme_program():
    """A program around README.md's lines of C++, in 100 MiB instead of 512."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = text.split("```cpp\n")[1].split("```")[0].replace("512 << 20", "100 << 20")
    include, body = lines.split("\n", 1)
    return f"""{include}
#include <atomic>
#include <cstdio>
int main() {{
std::atomic<bool> interrupted = false;
{body}
if (!report) return 1;
std::printf("peak %lld\\n", static_cast<long long>(report->peak_rss_bytes));
}}
"""


@pytest.fixture(scope="module")
def consumer(prefix, tmp_path_factory):
    folder = tmp_path_factory.mktemp("consumer")
    (folder / "readme.cpp").write_text(readme_program(), encoding="utf-8")
    execute(
        "cmake",
        "-S",
        Path(__file__).parent,
        "-B",
        folder,
        "-G",
        "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DREADME_PROGRAM={folder / 'readme.cpp'}",
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
    )
    execute("cmake", "--build", folder)
    return folder


def test_the_consumer_runs_a_model(consumer):
    output = execute(consumer / "consumer", ROOT / "models" / "denoise.pte")
    assert output == "150 x 200, finished: 1\n"


def test_the_readmes_lines_keep_their_limit(consumer, tmp_path):
    pixels = numpy.random.default_rng(1).integers(0, 256, (2500, 3000, 3), numpy.uint8)
    Image.fromarray(pixels).save(tmp_path / "scene.tif")
    shutil.copy(ROOT / "models" / "denoise.pte", tmp_path)
    done = subprocess.run(
        [consumer / "readme"], cwd=tmp_path, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    peak = int(done.stdout.rsplit("peak ", 1)[1])
    assert peak <= 100 << 20, done.stdout
    assert (tmp_path / "out.tif").exists()


def test_a_shared_library_exports_the_public_names_alone(tmp_path):
    library = tmp_path / "libsectile.so"
    execute(
        "g++",
        "-shared",
        "-o",
        library,
        "-Wl,--whole-archive",
        BUILD / "libsectile.a",
        "-Wl,--no-whole-archive",
        f"-Wl,--version-script={ROOT / 'cmake' / 'exports.map'}",
    )
    names = [
        line.split(maxsplit=2)[2]
        for line in execute("nm", "-DC", "--defined-only", library).splitlines()
    ]
    public = re.compile(r"((typeinfo|typeinfo name|vtable) for )?sectile::(?!internal::)")
    assert any(name.startswith("sectile::make_plan(") for name in names)
    assert [name for name in names if not public.match(name)] == []


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
