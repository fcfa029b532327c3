"""Documents that speak of the source tree say what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDING = (ROOT / "docs/adding-an-operator.md").read_text(encoding="utf-8")
ASSUMPTIONS = (ROOT / "docs/xnnpack-assumptions.md").read_text(encoding="utf-8")
PATH = re.compile(r"`((?:src|tests|bench|include)/[\w./-]+)`")
TEST = re.compile(r"`(?:\w+/)?([A-Z]\w+)\.([A-Z]\w+)`")


def all_tests():
    """(suite, name) of every test of the C++ tests."""
    declared = re.compile(r"(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\((\w+),\s*(\w+)")
    return {
        found
        for path in (ROOT / "tests").rglob("*_test.cpp")
        for found in declared.findall(path.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("text", [ADDING, ASSUMPTIONS], ids=["adding", "assumptions"])
def test_files_and_tests_that_are_named_exist(text):
    files = PATH.findall(text)
    assert files
    assert not [path for path in files if not (ROOT / path).exists()]
    tests = TEST.findall(text)
    assert tests
    assert not [test for test in tests if test not in all_tests()]


@pytest.mark.parametrize(
    "path", ["src/graph/operators/leaky_relu.cpp", "tests/graph/leaky_relu_test.cpp"]
)
def test_the_example_is_the_code(path):
    assert f"```cpp\n{(ROOT / path).read_text(encoding='utf-8')}```" in ADDING


def test_lines_of_the_example_are_in_their_files():
    for path in ["src/graph/attributes.h", "src/graph/operators/families.h"]:
        text = (ROOT / path).read_text(encoding="utf-8")
        blocks = re.findall(r"```cpp\n(.*?)```", ADDING, re.DOTALL)
        assert any(block in text for block in blocks), path


def test_every_assumption_says_how_it_breaks():
    rows = [line for line in ASSUMPTIONS.splitlines() if line.startswith("| ")]
    rows = [row.strip("| ").split(" | ") for row in rows if not row.startswith("| assumption")]
    assert len(rows) > 30
    for row in rows:
        assert len(row) == 4 and row[3] in ("loud", "silent"), row
        assert row[2] == "-" or TEST.search(row[2]) or PATH.search(row[2]) or "fails" in row[2], row
