"""Architectures of public packages, as committed programs: bench/zoo/keep.py made them."""

import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOOL = os.environ.get("SECTILE_CLI", HERE.parents[1] / "build/release/cli/sectile")
PROGRAMS = sorted(
    path for path in (HERE / "programs").glob("*.pte") if not path.stem.endswith("-other-size")
)


def verify(*arguments):
    """What `sectile verify` says; it has to find no difference."""
    command = [str(TOOL), "verify", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_six():
    assert len(PROGRAMS) == 6


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_has_the_bits_of_executorch_at_another_size(program):
    other = program.with_stem(f"{program.stem}-other-size")
    assert verify(program, "--against", other).startswith("0 of ")


@pytest.mark.parametrize("mode", ["tile", "stream"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_has_the_bits_of_the_whole_image(program, mode):
    assert verify(program, "208x160", "--mode", mode).startswith("0 of ")
