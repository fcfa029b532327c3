"""Command lines that make no sense: exit 2, one sentence that names the word and what would do."""

import re
from pathlib import Path

import pytest

FEATURES = {"avx512f", "avx512vnni", "avx2", "fma", "f16c", "fp16", "dotprod", "i8mm", "sve"}
COMMANDS = ["inspect", "plan", "run", "verify", "build", "bench"]


def test_help_and_version(tool):
    text = tool.ok("--help")
    for command in COMMANDS:
        assert command in text
        help_text = tool.ok(command, "--help")
        assert "Example" in help_text and f"sectile {command}" in help_text
        assert max(len(line) for line in help_text.splitlines()) <= 120
    version, executorch, gdal, compiler, processor = tool.ok("--version").splitlines()
    assert re.fullmatch(r"sectile \d+\.\d+\.\d+", version)
    assert re.fullmatch(r"ExecuTorch 1\.5\.\d+", executorch)
    assert re.fullmatch(r"GDAL 3\.\d+\.\d+", gdal)
    assert re.fullmatch(r"compiler (GCC|Clang) \d+\.\d+\.\d+", compiler)
    kind, _, features = processor.removeprefix("processor ").partition(":")
    assert kind in ("x86-64", "aarch64")
    assert set(features.split()) <= FEATURES
    flags = Path("/proc/cpuinfo").read_text().split()
    for feature in ("avx512f", "avx2", "fma", "f16c") if kind == "x86-64" else ():
        assert (feature in features.split()) == (feature in flags)


@pytest.mark.parametrize(
    "words, part",
    [
        ([], "inspect, plan, run"),
        (["frobnicate"], "'frobnicate'"),
        (["--frobnicate"], "--frobnicate"),
        (["inspect"], "MODEL"),
        (["plan", "MODEL"], "IMAGE|WxH"),
        (["run", "MODEL", "a.png"], "OUTPUT"),
        (["run", "MODEL", "a.png", "b.png", "c.png"], "c.png"),
        (["plan", "MODEL", "10x10", "--frobnicate"], "--frobnicate"),
        (["plan", "MODEL", "0x10"], "'0x10'"),
        (["plan", "MODEL", "10x99999999999"], "'10x99999999999'"),
        (["plan", "MODEL", "10x10", "--tile", "big"], "'big'"),
        (["plan", "MODEL", "10x10", "--tile", "0"], "'0'"),
        (["plan", "MODEL", "10x10", "--tile", "-5"], "'-5'"),
        (["plan", "MODEL", "10x10", "--tile", "5x"], "'5x'"),
        (["plan", "MODEL", "10x10", "--tile", "5x5x5"], "'5x5x5'"),
        (["plan", "MODEL", "10x10", "--tile"], "--tile needs a value"),
        (["plan", "MODEL", "10x10", "--tile", "64", "--mode", "whole"], "--mode whole"),
        (["plan", "MODEL", "10x10", "--mode", "fast"], "auto, whole, tile or stream"),
        (["plan", "MODEL", "10x10", "--tile", "64", "--mode", "stream"], "--step"),
        (["plan", "MODEL", "10x10", "--step", "8", "--tile", "64"], "--tile"),
        (["plan", "MODEL", "10x10", "--step", "8", "--mode", "whole"], "--mode"),
        (["plan", "MODEL", "10x10", "--step", "0"], "'0'"),
        (["plan", "MODEL", "10x10", "--threads", "0"], "'0'"),
        (["plan", "MODEL", "10x10", "--threads", "two"], "'two'"),
        (["plan", "MODEL", "10x10", "--threads", "99999999999"], "'99999999999'"),
        (["plan", "MODEL", "10x10", "--memory", "lots"], "'lots'"),
        (["plan", "MODEL", "10x10", "--memory", "0"], "'0'"),
        (["plan", "MODEL", "10x10", "--memory", "-1G"], "'-1G'"),
        (["plan", "MODEL", "10x10", "--memory", "12Q"], "'12Q'"),
        (["plan", "MODEL", "10x10", "--memory", "nan"], "'nan'"),
        (["plan", "MODEL", "10x10", "--memory", "99999999T"], "'99999999T'"),
        (["plan", "MODEL", "10x10", "--memory", ""], "--memory"),
        (["run", "MODEL", "a.png", "b.png", "--co", "COMPRESS"], "KEY=VALUE"),
        (["run", "MODEL", "a.png", "b.png", "--output-type", "u9"], "u8, u16 or f32"),
        (["run", "MODEL", "a.png", "b.png", "--input-scale", "0"], "'0'"),
        (["run", "MODEL", "a.png", "b.png", "--input-mean", "1,,2"], "'1,,2'"),
        (["run", "MODEL", "a.png", "b.png", "--input-std", "1,0,1"], "'1,0,1'"),
        (["run", "MODEL", "a.png", "b.png", "--input-std", "inf"], "'inf'"),
        (["bench", "MODEL", "a.png"], "'a.png'"),
        (["bench", "MODEL", "--rounds", "0"], "'0'"),
        (["build", "MODEL", "--method", "a=8x8"], "--output"),
        (["build", "MODEL", "-o", "b.pte"], "--method"),
        (["build", "MODEL", "-o", "b.pte", "--method", "a"], "NAME=WIDTHxHEIGHT"),
        (["build", "MODEL", "-o", "b.pte", "--method", "=8x8"], "'=8x8'"),
    ],
)
def test_usage_errors(tool, models, tmp_path, words, part):
    words = [models["denoise"] if word == "MODEL" else word for word in words]
    message = tool.fails(*words, code=2, cwd=tmp_path)
    assert part in message
    assert re.search(r"\(see: sectile( \w+)? --help\)$", message), message
    assert list(tmp_path.iterdir()) == []
