"""The comparisons at several megapixels: what they run, and that nothing bad goes unseen."""

import sys

import pytest

import megapixels

# A stand-in for the tool: what it does is told by the network's name and the mode.
STAND_IN = """
import sys
words = sys.argv[1:]
assert words[0] == "verify" and words[3:]
special = dict(pair.split("=") for pair in {special!r}.split())
name = words[1].split("/")[-1].removesuffix(".pte")
outcome = special.get(name, "equal")
if outcome == "cannot" and "stream" in words:
    sys.exit("sectile: the network cannot be streamed: a reason")
if outcome == "fails":
    sys.exit("sectile: out of luck")
sys.exit(3 if outcome == "differs" else 0)
"""


@pytest.fixture
def run(tmp_path, capsys):
    def call(special=""):
        (tmp_path / "stand_in.py").write_text(STAND_IN.format(special=special))
        command = [sys.executable, str(tmp_path / "stand_in.py")]
        status = megapixels.main(["--sizes", "64x64", "--command", *command])
        return status, capsys.readouterr().out

    return call


def test_every_network_is_there_and_of_one_family():
    names = [name for names in megapixels.FAMILIES.values() for name in names]
    assert len(names) == len(set(names))
    missing = [name for name in names if not (megapixels.PROGRAMS / f"{name}.pte").is_file()]
    assert not missing


def test_equal_runs_are_counted_in_one_line(run):
    status, out = run()
    networks = sum(len(names) for names in megapixels.FAMILIES.values())
    assert status == 0
    assert out.count("\n") == 1 and f"{2 * networks} runs with the bits" in out


@pytest.mark.parametrize("outcome", ["differs", "fails"])
def test_what_differs_or_fails_is_named(run, outcome):
    status, out = run(f"gelu={outcome}")
    assert status == 1
    assert f"gelu (elementwise), 64x64, stream {outcome}" in out and "2 " + outcome[:4] in out


def test_only_halves_may_be_refused(run):
    assert run("conv3x3=cannot")[0] == 1
    status, out = run("float16_unet2=cannot")
    assert status == 0 and "1 refused" in out
