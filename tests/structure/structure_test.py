"""The tree keeps its rules, and the check that says so finds each kind of violation."""

from pathlib import Path

import pytest

import structure

ROOT = Path(__file__).resolve().parents[2]


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_this_tree_keeps_the_rules():
    assert len(list(structure.source_files(ROOT))) > 20, "the check no longer finds the sources"
    found = structure.violations(ROOT)
    assert not found, "\n" + "\n".join(found)


def test_every_folder_of_src_has_a_row():
    folders = {path.parent.relative_to(ROOT / "src").parts[0] for path in ROOT.glob("src/*/*.cpp")}
    assert folders <= set(structure.ARROWS)


def test_arrows_go_one_way():
    for folder, targets in structure.ARROWS.items():
        for target in targets:
            assert folder not in structure.reachable(target), f"{folder} <-> {target}"


@pytest.mark.parametrize(
    "path, line",
    [
        ("src/base/a.cpp", '#include "sectile/result.h"'),
        ("src/graph/operators/a.cpp", '#include "src/graph/graph.h"'),
        ("src/program/a.cpp", '#include "program_generated.h"'),
        ("src/program/a.cpp", "#include <flatbuffers/verifier.h>"),
        ("src/transform/a.cpp", '#include "src/base/virtual_file.h"'),
        ("src/plan/a.cpp", '#include "sectile/plan.h"'),
        ("src/runtime/a.cpp", "#include <executorch/runtime/executor/method.h>"),
        ("src/image/a.cpp", "#include <gdal_priv.h>"),
        ("src/image/a.cpp", "#include <sys/stat.h>"),
        ("src/run/a.cpp", '#include "src/runtime/session.h"'),
        ("src/api/a.cpp", '#include "src/transform/resize.h"'),
        ("cli/a.cpp", "#include <CLI/CLI.hpp>"),
        ("cli/a.cpp", '#include "cli/options.h"'),
        ("examples/a.cpp", "#include <sectile/sectile.h>"),
        ("include/sectile/a.h", '#include "sectile/geometry.h"'),
    ],
)
def test_allows(tmp_path, path, line):
    write(tmp_path, path, line + "\n")
    assert structure.violations(tmp_path) == []


@pytest.mark.parametrize(
    "path, line, why",
    [
        ("src/graph/a.cpp", '#include "src/program/container.h"', "no arrow leads"),
        ("src/base/a.cpp", '#include "src/graph/graph.h"', "no arrow leads"),
        ("src/image/a.cpp", '#include "src/runtime/session.h"', "no arrow leads"),
        ("src/plan/a.cpp", '#include "src/runtime/session.h"', "no arrow leads"),
        ("src/run/a.cpp", '#include "src/session/workers.h"', "no arrow leads"),
        ("src/model/a.cpp", '#include "src/transform/resize.h"', "no arrow leads"),
        ("src/base/a.cpp", '  #  include "src/graph/graph.h"', "no arrow leads"),
        ("src/graph/a.cpp", '#include "src/extras/a.h"', "no row in the table"),
        ("src/extras/a.cpp", "#include <vector>", "no row in the table"),
        ("src/base/a.cpp", '#include "sectile/model.h"', "above that folder"),
        ("src/runtime/a.cpp", "#include <sectile/run.h>", "above that folder"),
        ("src/run/a.cpp", '#include "sectile/sectile.h"', "above that folder"),
        ("src/footprint/a.cpp", '#include "graph.h"', "full path"),
        ("src/graph/a.cpp", '#include "../base/virtual_file.h"', "full path"),
        ("src/program/a.cpp", "#include <executorch/runtime/core/error.h>", "ExecuTorch belongs"),
        ("src/transform/a.cpp", '#include "program_generated.h"', "FlatBuffers belongs"),
        ("src/run/a.cpp", "#include <flatbuffers/flatbuffers.h>", "FlatBuffers belongs"),
        ("src/run/a.cpp", "#include <gdal.h>", "GDAL belongs"),
        ("cli/a.cpp", "#include <cpl_conv.h>", "GDAL belongs"),
        ("include/sectile/a.h", "#include <fmt/format.h>", "fmt belongs"),
        ("src/plan/a.cpp", "#include <nlohmann/json.hpp>", "nlohmann-json belongs"),
        ("src/plan/a.cpp", "#include <boost/optional.hpp>", "unknown library"),
        ("cli/a.cpp", '#include "src/base/virtual_file.h"', "public headers only"),
        ("examples/a.cpp", '#include "src/plan/lanes.h"', "public headers only"),
        ("include/sectile/a.h", '#include "src/graph/graph.h"', "public headers only"),
        ("examples/a.cpp", '#include "cli/options.h"', "only cli/ includes cli/"),
        ("src/api/a.cpp", '#include "cli/options.h"', "only cli/ includes cli/"),
    ],
)
def test_finds_an_include_against_the_arrows(tmp_path, path, line, why):
    write(tmp_path, path, "// a file\n" + line + "\n")
    (found,) = structure.violations(tmp_path)
    assert found.startswith(path) and why in found


@pytest.mark.parametrize(
    "path, text, why",
    [
        ("src/base/a.cpp", "\n" * 451, "451 lines"),
        ("models/a.py", "\n" * 451, "451 lines"),
        ("src/base/a.h", "\n" * 151, "151 lines"),
        ("tests/base/a_test.cpp", "// " + "a" * 98 + "\n", "101 columns"),
        ("scripts/a.sh", "# na\u00efve\n", "not ASCII"),
    ],
)
def test_finds_a_file_out_of_shape(tmp_path, path, text, why):
    write(tmp_path, path, text)
    (found,) = structure.violations(tmp_path)
    assert found.startswith(path) and why in found


@pytest.mark.parametrize(
    "path, text",
    [
        ("src/base/a.cpp", "\n" * 450),
        ("src/base/a.h", "\n" * 150),
        ("tests/base/a_test.cpp", "a" * 100 + "\n"),
    ],
)
def test_allows_what_just_fits(tmp_path, path, text):
    write(tmp_path, path, text)
    assert structure.violations(tmp_path) == []
