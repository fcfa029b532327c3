"""Architectures of public packages, as committed programs: bench/zoo/keep.py made them."""

import pathlib

import pytest

PROGRAMS = sorted(
    path
    for path in pathlib.Path(__file__).with_name("zoo").glob("*.pte")
    if not path.stem.endswith("-other-size")
)


@pytest.fixture(scope="session")
def compared(tool):
    """What `sectile verify` says; it has to find no difference."""

    def run(*arguments):
        code, written, said = tool("verify", *arguments)
        assert code == 0, said
        return written

    return run


def test_there_are_six():
    assert len(PROGRAMS) == 6


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_has_the_bits_of_executorch_at_another_size(compared, program):
    other = program.with_stem(f"{program.stem}-other-size")
    assert compared(program, "--against", other).startswith("0 of ")


@pytest.mark.parametrize("mode", ["tile", "stream"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_has_the_bits_of_the_whole_image(compared, program, mode):
    assert compared(program, "208x160", "--mode", mode).startswith("0 of ")
