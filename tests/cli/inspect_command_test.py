"""sectile inspect, plan, build and bench: what they print, and the names in their JSON."""

import pytest

INSPECT_KEYS = [
    "name",
    "input",
    "output",
    "input_channels",
    "input_scales",
    "output_channels",
    "reach",
    "align",
    "scale",
    "stream",
    "verdict",
    "passes",
    "assumptions",
    "blockers",
    "alternatives",
]
PLAN_KEYS = [
    "method",
    "mode",
    "lanes",
    "steps",
    "tile",
    "workers",
    "threads",
    "compute_ratio",
    "lean",
    "predicted_peak_bytes",
    "memory_limit_bytes",
    "memory",
    "passes",
    "keep",
    "temp_bytes",
    "alternatives",
    "image",
    "output",
    "output_kind",
    "threshold",
    "output_bands",
    "output_type",
    "window",
    "input_window",
    "approximate",
]

# Known from the networks themselves: two 3x3 convolutions at each of four levels, and so on.
FOOTPRINTS = {
    "denoise": {"reach": 8, "align": 1, "scale": [1, 1]},
    "unet": {"reach": 46, "align": 8, "scale": [1, 1]},
    "upscale2x": {"reach": 5, "align": 1, "scale": [2, 1]},
}


@pytest.mark.parametrize("name", FOOTPRINTS)
def test_inspect_json(tool, models, name):
    answer = tool.json("inspect", models[name])
    assert list(answer) == ["methods", "facts"] and answer["facts"] is None
    [method] = answer["methods"]
    expected = FOOTPRINTS[name]
    assert list(method) == INSPECT_KEYS
    assert (
        list(method["input"]) == list(method["output"]) == ["dtype", "channels", "height", "width"]
    )
    assert method["input"] == {"dtype": "f32", "channels": 3, "height": 96, "width": 96}
    assert method["reach"] == dict.fromkeys(["top", "left", "bottom", "right"], expected["reach"])
    assert method["align"] == {"y": expected["align"], "x": expected["align"]}
    assert method["scale"] == {"y": expected["scale"], "x": expected["scale"]}
    assert (method["name"], method["verdict"], method["blockers"]) == ("forward", "exact", [])
    assert method["stream"]["lag_rows"] >= expected["reach"]
    assert 0 < method["stream"]["kept_bytes_per_column"] < 10000


def test_inspect_text(tool, models):
    text = tool.ok("inspect", models["unet"])
    for part in [
        "forward",
        "exact",
        "f32, 3 channels, exported at 96x96",
        "top 46, left 46",
        "multiples of 8 rows, 8 columns",
    ]:
        assert part in text


def test_a_hint_goes_by_the_operator_whatever_the_reason_counts(tool, programs):
    [method] = tool.json("inspect", programs["refused_crop_16"]["path"])["methods"]
    [blocker] = method["blockers"]
    assert "16" in blocker["why"]
    assert "cropping" in blocker["alternatives"][0]


def test_a_pool_over_all_of_the_exported_image_is_an_assumption(tool, programs):
    program = programs["pool_of_all"]["path"]
    [method] = tool.json("inspect", program)["methods"]
    assert len(method["assumptions"]) == 2
    for sentence in method["assumptions"]:
        assert "20x24" in sentence and "--fixed-sizes" in sentence
    assert tool.ok("inspect", program).count("assumed") == 2
    [fixed] = tool.json("inspect", program, "--fixed-sizes")["methods"]
    assert (fixed["verdict"], fixed["assumptions"]) == ("unsupported", [])


def test_a_refused_program_is_information(tool, programs):
    program = programs["refused_global_pool"]
    text = tool.ok("inspect", program["path"])
    assert "not_exact" in text and program["blocker"] in text and "hint:" in text
    [method] = tool.json("inspect", program["path"])["methods"]
    assert list(method) == INSPECT_KEYS
    assert (method["verdict"], method["reach"], method["align"], method["scale"]) == (
        "not_exact",
        None,
        None,
        None,
    )
    assert [list(blocker) for blocker in method["blockers"]] == [
        ["node", "op", "why", "reason", "alternatives"]
    ] * len(method["blockers"])
    assert any(program["blocker"] in blocker["why"] for blocker in method["blockers"])


def test_plan_json(tool, models):
    plan = tool.json("plan", models["upscale2x"], "640x480", "--tile", "160x96", "--threads", "2")
    assert list(plan) == PLAN_KEYS
    assert (plan["mode"], plan["method"], plan["workers"]) == ("tile", "forward", 2)
    assert list(plan["tile"]) == ["height", "width"]
    assert plan["tile"]["height"] <= 96 and plan["tile"]["width"] <= 160
    assert plan["image"] == {"height": 480, "width": 640}
    assert plan["output"] == {"height": 960, "width": 1280}
    assert plan["lanes"] == plan["steps"] > 1
    assert plan["compute_ratio"] > 1


def test_plan_of_a_file(tool, models, image):
    plan = tool.json("plan", models["denoise"], image("a.png", 37, 53), "--mode", "whole")
    assert plan["image"] == plan["tile"] == {"height": 37, "width": 53}
    assert (plan["mode"], plan["lanes"], plan["compute_ratio"]) == ("whole", 1, 1.0)


def test_plan_text(tool, models):
    text = tool.ok("plan", models["unet"], "2000x1500", "--memory", "512M")
    assert "2000x1500" in text and "MiB" in text and text.endswith("\n")
    for part in (
        "process",
        "files",
        "strips",
        "weights",
        "tables",
        "workspace",
        "fastest",
        "leanest",
    ):
        assert part in text, text
    assert "history" in text and "rows behind the input" in text and "buffers" not in text
    assert "buffers" in tool.ok("plan", models["unet"], "2000x1500", "--tile", "512")


def test_plan_adds_up(tool, models):
    """The parts of the memory are the whole, and the alternatives say why this plan was chosen."""
    plan = tool.json("plan", models["unet"], "3000x2000", "--memory", "400M", "--threads", "2")
    memory, each = plan["memory"], plan["memory"]["each_worker"]
    once = sum(memory[f"{part}_bytes"] for part in ("process", "file", "kept_image", "band"))
    assert once + plan["workers"] * sum(each.values()) == plan["predicted_peak_bytes"]
    assert plan["predicted_peak_bytes"] <= plan["memory_limit_bytes"] == 400 << 20
    others = {other["name"]: other for other in plan["alternatives"]}
    assert list(others) == ["chosen", "fastest", "leanest", "whole image"]
    assert (
        others["chosen"]["peak_bytes"] == plan["predicted_peak_bytes"]
        and others["chosen"]["time"] == 1
    )
    assert others["fastest"]["time"] <= 1 <= others["leanest"]["time"]
    assert others["leanest"]["peak_bytes"] <= plan["predicted_peak_bytes"]
    assert others["whole image"]["peak_bytes"] > plan["memory_limit_bytes"]


def test_memory_is_a_limit_with_an_answer(tool, models):
    """The message of a limit too small names one that does."""
    message = tool.fails("plan", models["unet"], "4000x3000", "--memory", "20M")
    enough = message.split()[-1]
    plan = tool.json("plan", models["unet"], "4000x3000", "--memory", enough)
    assert plan["predicted_peak_bytes"] <= int(enough.removesuffix("M")) << 20


@pytest.mark.parametrize(
    "text, mebibytes",
    [
        ("512M", 512),
        ("512m", 512),
        ("512MiB", 512),
        ("0.5G", 512),
        ("536870912", 512),
        ("524288K", 512),
    ],
)
def test_memory_units(tool, models, text, mebibytes):
    """All of these ask for the same, so they get the same plan."""
    plan = tool.json("plan", models["unet"], "3000x2000", "--memory", text)
    assert plan == tool.json("plan", models["unet"], "3000x2000", "--memory", mebibytes << 20)


def test_build(tool, models, tmp_path):
    out = tmp_path / "sizes.pte"
    tool.ok(
        "build", models["unet"], "-o", out, "--method", "small=64x32", "--method", "large=160x96"
    )
    methods = tool.json("inspect", out)["methods"]
    assert [(m["name"], m["input"]["width"], m["input"]["height"]) for m in methods] == [
        ("small", 64, 32),
        ("large", 160, 96),
    ]
    assert out.stat().st_size < 1.5 * models["unet"].stat().st_size, "weights are stored once"
    assert " 0 of " in " " + tool.ok("verify", out, "100x70", "--method", "small", "--tile", "112")
    # A method of a program that was built is a model like any other.
    again = tmp_path / "again.pte"
    tool.ok("build", out, "-o", again, "--from", "large", "--method", "forward=96x96")
    assert tool.json("inspect", again)["methods"][0]["input"]["width"] == 96


def test_build_keeps_an_existing_file(tool, models, tmp_path):
    out = tmp_path / "out.pte"
    out.write_text("precious")
    words = ["build", models["denoise"], "-o", out, "--method", "a=64x64"]
    assert "out.pte" in tool.fails(*words)
    assert out.read_text() == "precious"
    tool.ok(*words, "--overwrite")
    assert tool.json("inspect", out)["methods"][0]["name"] == "a"


def test_build_refuses(tool, models, programs, tmp_path):
    out = tmp_path / "out.pte"
    assert "'a'" in tool.fails(
        "build", models["denoise"], "-o", out, "--method", "a=64x64", "--method", "a=32x32"
    )
    assert "no image" in tool.fails(
        "build", programs["refused_global_pool"]["path"], "-o", out, "--method", "a=64x64"
    )
    assert tool.fails(
        "build", models["denoise"], "-o", models["denoise"], "--method", "a=64x64", "--overwrite"
    )
    assert not out.exists()


def test_bench_json(tool, models):
    answer = tool.json(
        "bench", models["denoise"], "200x150", "--tile", "96", "--rounds", "2", "--threads", "1"
    )
    assert list(answer) == [
        *PLAN_KEYS,
        "rounds",
        "whole",
        "planned",
        "time_ratio",
        "memory_ratio",
        "differing",
    ]
    assert list(answer["whole"]) == ["median_seconds", "min_seconds", "peak_rss_bytes", "threads"]
    assert list(answer["planned"]) == [
        "median_seconds",
        "min_seconds",
        "peak_rss_bytes",
        "copy_share",
    ]
    assert (answer["rounds"], answer["differing"], answer["mode"]) == (2, 0, "tile")
    assert 0 < answer["planned"]["min_seconds"] <= answer["planned"]["median_seconds"]
    assert 0 <= answer["planned"]["copy_share"] < 1


def test_bench_text(tool, models):
    text = tool.ok("bench", models["denoise"], "128x96", "--rounds", "1")
    for part in [
        "whole",
        "planned",
        "median",
        "min",
        "peak memory",
        "copying",
        "ratio",
        "0 values differ",
    ]:
        assert part in text
