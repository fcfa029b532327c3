"""sectile verify: the planned run has the bits of one whole-image run.

The full matrix is bench/verify_matrix.py.
"""

import itertools

import pytest

from inspect_command_test import PLAN_KEYS

NETWORKS = ["denoise", "unet", "upscale2x"]
SIZES = ["37x53", "96x96", "1000x777"]
THREADS = {"37x53": (1, 2), "96x96": (1, 2), "1000x777": (2,)}
TILES = ["128", "160x200", "400"]
# Images that need several of the smallest useful tiles, and not hundreds.
SMALL = {"denoise": "50x40", "unet": "200x170", "upscale2x": "40x30"}


@pytest.mark.parametrize("name, size, tile", list(itertools.product(NETWORKS, SIZES, TILES)))
def test_no_value_differs(tool, models, name, size, tile):
    for threads in THREADS[size]:
        answer = tool.json("verify", models[name], size, "--tile", tile, "--threads", threads)
        assert (answer["differing"], answer["max_abs_diff"]) == (0, 0), answer
        width, height = (int(side) for side in size.split("x"))
        assert answer["values"] == width * height * 3 * (4 if name == "upscale2x" else 1)
        assert answer["mode"] == ("whole" if answer["lanes"] == 1 else "tile")
        assert answer["lanes"] > 4 or size != "1000x777"


@pytest.mark.parametrize(
    "name, size, step", list(itertools.product(NETWORKS, SIZES, ["8", "24", "64"]))
)
def test_no_value_differs_in_a_stream(tool, models, name, size, step):
    for threads in THREADS[size]:
        answer = tool.json("verify", models[name], size, "--step", step, "--threads", threads)
        assert (answer["differing"], answer["max_abs_diff"]) == (0, 0), answer
        assert answer["mode"] == "stream" and answer["tile"]["height"] <= int(step)
        assert answer["tile"]["height"] == int(step) or size != "1000x777"
        assert 1 <= answer["lanes"] == answer["workers"] <= threads
        assert answer["compute_ratio"] <= (1.001 if answer["lanes"] == 1 else 1.8)


@pytest.mark.parametrize("name", NETWORKS)
def test_many_small_tiles(tool, models, name):
    """The smallest useful tile, which is mostly reach."""
    message = tool.fails("verify", models[name], SMALL[name], "--tile", "1")
    smallest = message.split()[-1]
    answer = tool.json("verify", models[name], SMALL[name], "--tile", smallest)
    assert (answer["differing"], answer["mode"]) == (0, "tile")
    assert answer["lanes"] > 4


def test_json_keys(tool, models):
    answer = tool.json("verify", models["denoise"], "64x48")
    assert list(answer) == [*PLAN_KEYS, "values", "differing", "max_abs_diff"]


def test_text_names_the_plan(tool, models):
    text = tool.ok("verify", models["denoise"], "100x80", "--tile", "64", "--threads", "2")
    assert text.startswith("0 of 24000 values differ (mode tile, tile ") and text.endswith(
        "2 workers)\n"
    )


def test_default_is_a_megapixel_of_noise(tool, models):
    answer = tool.json("verify", models["denoise"])
    assert answer["image"] == {"height": 1024, "width": 1024}
    assert (answer["values"], answer["differing"]) == (3 * 1024 * 1024, 0)


def test_a_file(tool, models, image):
    answer = tool.json("verify", models["unet"], image("a.png", 210, 190), "--tile", "128")
    assert (answer["values"], answer["differing"], answer["mode"]) == (210 * 190 * 3, 0, "tile")


@pytest.mark.parametrize("size", ["1x1", "1x64", "64x1", "3x200", "7x5"])
@pytest.mark.parametrize("name", NETWORKS)
def test_images_smaller_than_the_reach(tool, models, name, size):
    assert tool.json("verify", models[name], size)["differing"] == 0
