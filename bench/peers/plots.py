"""The three plots of docs/benchmarks.md."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # after the choice of the backend

import cases

IMAGES = cases.ROOT / "docs" / "images"
SHOWN = ("executorch", "multimethod", "onnxruntime", "monai", "sectile")
COLOURS = {
    "executorch": "#4477aa",
    "multimethod": "#66ccee",
    "onnxruntime": "#ccbb44",
    "monai": "#ee6677",
    "sectile": "#228833",
}
PICTURE = "2048"
SIDES = (1024, 2048, 4096)
GROWING = "unet"
DOTS_PER_INCH = 110


def finish(axes, path):
    axes.legend(fontsize=8, frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.figure.savefig(IMAGES / path, dpi=DOTS_PER_INCH, bbox_inches="tight")
    plt.close(axes.figure)


def bars(values, title, unit, number, path):
    """`values`: (network, contender) -> height, or None. One group of bars for each network."""
    _, axes = plt.subplots(figsize=(9, 4))
    width = 0.8 / len(SHOWN)
    for index, name in enumerate(SHOWN):
        places, heights = [], []
        for place, network in enumerate(cases.NETWORKS):
            if (height := values(network, name)) is not None:
                places.append(place + (index - (len(SHOWN) - 1) / 2) * width)
                heights.append(height)
        drawn = axes.bar(
            places,
            heights,
            width,
            color=COLOURS[name],
            label=cases.CONTENDERS[name].title.replace("`", ""),
        )
        axes.bar_label(drawn, fmt=number, fontsize=7, padding=1)
    axes.set_xticks(range(len(cases.NETWORKS)), list(cases.NETWORKS))
    axes.set_ylabel(unit)
    axes.set_title(title)
    return axes, path


def time_plot(results):
    axes, path = bars(
        lambda network, name: results.time_ratio(network, PICTURE, name),
        f"Time beside Sectile's, {PICTURE} x {PICTURE} pixels, {cases.THREADS} threads",
        "times Sectile's",
        "%.2f",
        "bench_time.png",
    )
    axes.axhline(1, color="black", linewidth=0.6)
    finish(axes, path)


def memory_plot(results):
    def mebibytes(network, name):
        memory = results.memory(network, PICTURE, name)
        return memory and memory[0] / cases.MEBIBYTE

    finish(
        *bars(
            mebibytes,
            f"Peak memory of the process, {PICTURE} x {PICTURE} pixels",
            "MiB",
            "%.0f",
            "bench_memory.png",
        )
    )


def growth_plot(results, network=GROWING):
    """Memory against the side of the picture."""
    _, axes = plt.subplots(figsize=(7, 4))
    for name in SHOWN:
        points = [
            (side, memory[0] / cases.MEBIBYTE)
            for side in SIDES
            if (memory := results.memory(network, str(side), name))
        ]
        if points:
            axes.plot(
                *zip(*points, strict=True),
                marker="o",
                color=COLOURS[name],
                label=cases.CONTENDERS[name].title.replace("`", ""),
            )
    pictures = [
        (side, results.cases[network, str(side)]["picture_bytes"] / cases.MEBIBYTE)
        for side in SIDES
    ]
    axes.plot(
        *zip(*pictures, strict=True),
        linestyle=":",
        color="grey",
        label="the picture and its result, in memory for everybody",
    )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(SIDES, [f"{side} x {side}" for side in SIDES])
    axes.minorticks_off()
    axes.set_ylabel("MiB (logarithmic)")
    axes.set_title(f"Peak memory of the process, {network}")
    finish(axes, "bench_growth.png")


def draw(results):
    """Those that there are results for."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    if any(picture == PICTURE for _, picture in results.cases):
        time_plot(results)
        memory_plot(results)
    if all((GROWING, str(side)) in results.cases for side in SIDES):
        growth_plot(results)
