"""--approximate: asked for, said in every output, refused where it has no place."""

import json

import numpy
import pytest
import tifffile
from PIL import Image

from conftest import noise, read
from inspect_command_test import PLAN_KEYS

MEBIBYTE = 1 << 20
WORDS = "not the bits of a whole-image run"


@pytest.fixture
def network(programs):
    """A group norm between convolutions; three channels, exported at 192x160."""
    return programs["refused_softmax_over_rows_large"]["path"]


@pytest.fixture
def words(network, image, tmp_path):
    return ["run", network, image("in.png", 330, 410), tmp_path / "out.tif", "--approximate"]


def test_it_is_never_done_unasked(tool, words, tmp_path):
    message = tool.fails(*words[:-1])
    assert (
        "_softmax" in message and "--approximate runs it in overlapping tiles of 192x160" in message
    )
    assert "--approximate" in tool.fails("plan", words[1], "640x480")
    assert not (tmp_path / "out.tif").exists()


def test_the_summary_says_so(tool, words, tmp_path):
    done = tool.run(*words)
    assert done.returncode == 0, done.stderr
    assert "mode approximate, 9 tiles of 192x160" in done.stderr
    assert f"approximate: tiles of 192x160, overlap 64x48, Hann blend; {WORDS}" in done.stderr
    assert "neighbouring tiles disagree by" in done.stderr and "% at most" in done.stderr
    assert read(tmp_path / "out.tif").shape == (330, 410, 3)


def test_the_report_says_so(tool, words):
    report = json.loads(tool.ok(*words, "--report", "-", "--quiet"))
    own = ["overlap_px", "seconds", "steps_left_out", "peak_rss_bytes", "disagreement"]
    assert list(report) == [*PLAN_KEYS, *own]
    assert report["mode"] == "approximate" and report["approximate"] is True
    assert report["tile"] == {"height": 160, "width": 192}
    assert report["overlap_px"] == {"height": 48, "width": 64}
    assert list(report["disagreement"]) == ["values", "rms", "max"]
    assert 0 < report["disagreement"]["rms"] < report["disagreement"]["max"] <= 1
    assert 0 < report["disagreement"]["values"] < 3 * 330 * 410


@pytest.mark.parametrize("ending", ["tif", "cog.tif", "png", "jpg"])
def test_the_file_says_so(tool, words, tmp_path, ending):
    out = tmp_path / f"a.{ending}"
    done = tool.run(*words[:3], out, "--approximate")
    assert done.returncode == 0 and "holds no note" not in done.stderr
    content = out.read_bytes()
    assert b"SECTILE_APPROXIMATE" in content and WORDS.encode() in content
    assert not list(tmp_path.glob("*.xml"))


def test_an_exact_run_says_nothing_of_it(tool, models, image, tmp_path):
    report = json.loads(
        tool.ok(
            "run", models["denoise"], image("in.png", 50, 60), tmp_path / "out.tif", "--report", "-"
        )
    )
    assert (
        report["approximate"] is False
        and "disagreement" not in report
        and "overlap_px" not in report
    )
    assert b"SECTILE" not in (tmp_path / "out.tif").read_bytes()


def test_one_tile_is_the_whole_image(tool, network, image, tmp_path):
    """An image of the exported size is one run: nothing is approximated, and nothing says so."""
    words = ["run", network, image("in.png", 160, 192), tmp_path / "out.tif", "--approximate"]
    report = json.loads(tool.ok(*words, "--report", "-"))
    assert (report["approximate"], report["steps"]) == (False, 1) and "disagreement" not in report
    assert b"SECTILE" not in (tmp_path / "out.tif").read_bytes()


def test_the_same_pixels_for_any_number_of_threads(tool, words, tmp_path):
    outputs = []
    for threads in (1, 2, 3):
        out = tmp_path / f"{threads}.tif"
        tool.ok(
            *words[:3],
            out,
            "--approximate",
            "--output-type",
            "f32",
            "--threads",
            threads,
            "--quiet",
        )
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]


def test_a_constant_image_has_no_seams(tool, programs, tmp_path):
    """All tiles are alike but at their zero-padded edges, where the window is almost 0."""
    Image.fromarray(numpy.full((330, 410, 3), 77, numpy.uint8)).save(tmp_path / "in.png")
    out = tmp_path / "out.tif"
    tool.ok(
        "run",
        programs["refused_softmax_over_rows_large"]["path"],
        tmp_path / "in.png",
        out,
        "--approximate",
        "--output-type",
        "f32",
        "--co",
        "COMPRESS=NONE",
        "--quiet",
    )
    pixels = tifffile.imread(out)
    assert numpy.isfinite(pixels).all()
    middle = pixels[40:290, 40:370]
    assert numpy.ptp(middle, axis=(0, 1)).max() < 0.02 * numpy.ptp(pixels)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_memory_is_predicted_and_kept(tool, network, tmp_path, threads):
    Image.fromarray(noise(1100, 1300)).save(tmp_path / "in.tif")
    words = [
        "run",
        network,
        tmp_path / "in.tif",
        tmp_path / "out.tif",
        "--approximate",
        "--overwrite",
        "--threads",
        threads,
    ]
    for more in ([], ["--overlap", "0"], ["--output-type", "f32"]):
        report = json.loads(tool.ok(*words, *more, "--report", "-"))
        limit = report["predicted_peak_bytes"] * 65 // 64 + 1
        report = json.loads(tool.ok(*words, *more, "--report", "-", "--memory", limit))
        assert report["workers"] == threads
        assert report["peak_rss_bytes"] <= limit
        assert abs(report["predicted_peak_bytes"] / report["peak_rss_bytes"] - 1) < 0.12, report


def test_too_little_memory(tool, words):
    message = tool.fails(*words, "--memory", "50M")
    assert "no plan fits in 50 MiB" in message
    enough = message.split()[-1].rstrip(")")
    report = json.loads(tool.ok(*words, "--memory", enough, "--report", "-", "--quiet"))
    assert (
        report["workers"] == 1
        and report["peak_rss_bytes"] <= int(enough.removesuffix("M")) * MEBIBYTE
    )


def test_networks_that_can_be_cut(tool, models, image, tmp_path):
    message = tool.fails(
        "run", models["unet"], image("in.png", 64, 64), tmp_path / "out.tif", "--approximate"
    )
    assert "can be cut exactly" in message
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize(
    "options, part",
    [
        (["--overlap", "81"], "half a tile"),
        (["--overlap", "160"], "half a tile"),
        (["--overlap", "9999999999"], "half a tile"),
    ],
)
def test_overlaps_that_leave_no_tile(tool, words, options, part, tmp_path):
    assert part in tool.fails(*words, *options)
    assert not (tmp_path / "out.tif").exists()


def test_other_bands(tool, network, tmp_path):
    Image.fromarray(noise(64, 64, 1)).save(tmp_path / "gray.png")
    assert "1 band (1 Gray)" in tool.fails(
        "run", network, tmp_path / "gray.png", tmp_path / "out.tif", "--approximate"
    )


@pytest.mark.parametrize(
    "options",
    [
        ["--overlap", "-1"],
        ["--overlap", "half"],
        ["--overlap", "1.5"],
        ["--tile", "64"],
        ["--step", "8"],
        ["--mode", "tile"],
    ],
)
def test_usage(tool, words, options):
    assert options[0] in tool.fails(*words, *options, code=2)


def test_overlap_without_approximate(tool, words):
    assert "--approximate" in tool.fails(*words[:-1], "--overlap", "8", code=2)


def test_commands_that_have_no_use_for_it(tool, network):
    assert "bit for bit" in tool.fails("verify", network, "64x64", "--approximate", code=2)
    assert "whole-image run" in tool.fails("bench", network, "64x64", "--approximate", code=2)
    assert "--approximate" not in tool.ok("verify", "--help")
    assert "--approximate" in tool.ok("run", "--help")


def test_the_plan_says_so(tool, network):
    text = tool.ok("plan", network, "1000x800", "--approximate", "--overlap", "32")
    assert "approximate: " in text and WORDS in text and "overlap 32x32" in text
    plan = tool.json("plan", network, "1000x800", "--approximate")
    assert list(plan) == [*PLAN_KEYS, "overlap_px"] and plan["approximate"] is True
    small = tool.ok("plan", network, "10x8", "--approximate")
    assert "the edge repeated to a size that tiles cover" in small


def test_inspect_names_it(tool, programs, network):
    text = tool.ok("inspect", network)
    assert "hint: take the softmax over the channels" in text
    assert "instead    --approximate runs it in overlapping tiles of 192x160" in text
    [method] = tool.json("inspect", network)["methods"]
    assert "--approximate" in method["alternatives"][0]
    assert "softmax" in method["blockers"][0]["alternatives"][0]
    [method] = tool.json("inspect", programs["refused_global_pool"]["path"])["methods"]
    assert method["alternatives"] == []
    assert "global pool" in method["blockers"][0]["alternatives"][0]
