"""Statistics of the whole image, added up pass by pass, against ExecuTorch over all of it at once.

Each network is exported a second time, at another size, and that program is run by plain
ExecuTorch. The committed program must give the same bits at that size, however it is cut.
"""

import json

import pytest

import export
from image_statistics import STATISTICS

SIZE = (62, 46)  # height, width
WAYS = {
    "stream": ["--mode", "stream", "--threads", "2", "--keep", "none"],
    "stream from memory": ["--mode", "stream", "--threads", "2", "--keep", "memory"],
    "a few rows at a time": ["--step", "2", "--threads", "1", "--keep", "file"],
    "tiles": ["--mode", "tile", "--threads", "2", "--keep", "none"],
    "tiles from a file": ["--mode", "tile", "--threads", "2", "--keep", "file"],
    "all at once": ["--mode", "whole"],
}


# Plain ExecuTorch is asked for one image alone.
NAMES = [name for name, network in STATISTICS.items() if network.inputs == 1]


@pytest.fixture(scope="session", params=NAMES)
def exports(request, tmp_path_factory):
    """The committed program, and one of another size."""
    path = tmp_path_factory.mktemp("statistics") / f"{request.param}.pte"
    export.export_methods(request.param, {"forward": SIZE}, path)
    return export.PROGRAMS / f"{request.param}.pte", path


@pytest.mark.parametrize("way", WAYS)
def test_equal_bits(exports, way, sectile):
    program, other = exports
    answer = json.loads(sectile("verify", program, "--against", other, *WAYS[way], "--json"))
    assert answer["differing"] == 0
    assert answer["values"] > 0


def test_equal_bits_in_the_least_memory(exports, tool, sectile):
    program, other = exports
    code, _, said = tool("verify", program, "--against", other, "--memory", "1M")
    assert code == 1
    least = said.split("--memory ")[1].split()[0]
    answer = json.loads(sectile("verify", program, "--against", other, "--memory", least, "--json"))
    assert answer["differing"] == 0
