"""Writes docs/benchmarks.md and its plots from bench/results.json: python bench/peers/report.py

The page answers a reader's questions first. All measurements, and the project's own targets, come
last.
"""

import json
import re
import statistics
import textwrap

import cases
import claims
import measure
import plots
import report_texts as texts

PAGE = cases.ROOT / "docs" / "benchmarks.md"
DISTURBED = 0.10
COLUMNS = 120
MEMORY, FILES, PHOTOGRAPH = "2048", "2048_files", "photograph"  # the pictures of the summaries
SIDES = (1024, 2048, 4096)
SHOWN = {
    "sectile": "Sectile",
    "executorch": "ExecuTorch, whole",
    "multimethod": "two exported sizes, Python",
    "onnxruntime": "ONNX Runtime, tiles",
    "monai": "MONAI",
}


def tiles_text(case):
    return " ".join(
        f"{entry['title']}: {entry['about']}."
        for entry in case["contenders"]
        if entry["name"] in ("onnxruntime", "monai") and "about" in entry
    )


def machine_text(machine, note):
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    words = (
        f"**Machine**: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB of memory, {machine['system']}, "
        f"{machine['compiler']}, Python {machine['python']}; {packages}. {note}"
    )
    return words


def prose(text):
    """Headings stay, paragraphs are filled, links are not broken; an empty line follows each."""
    for paragraph in text.strip().split("\n\n"):
        line = " ".join(paragraph.split())
        line = re.sub(r"\[[^]]+\]\(", lambda link: link[0].replace(" ", "\0"), line)
        filled = textwrap.fill(line, COLUMNS, break_long_words=False, break_on_hyphens=False)
        yield filled.replace("\0", " ")
        yield ""


def table(titles, rows, numbers="---:"):
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "|".join("---" if index == 0 else numbers for index in range(len(titles))) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def image(title, name):
    if (PAGE.parent / "images" / name).exists():  # some need sizes that may not be measured yet
        yield f"![{title}](images/{name})"
        yield ""


def milliseconds(seconds):
    return f"{seconds * 1e3:,.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def mebibytes(size):
    return f"{size / cases.MEBIBYTE:,.0f}"


def differing_text(entry):
    return f"{entry['differing'] / entry['values']:.2%}" if entry["differing"] else "0"


def failure_text(failed):
    """What says that no plan fits, in one form: results of older versions have other words."""
    message = failed.removeprefix("[plan] ")
    found = re.match(r"(?:no plan fits in )?([\d.]+ MiB)\b.* (\S+)$", message)
    return f"no plan fits in {found[1]}; needs {found[2]}" if found else message


def ratio_text(ratio):
    return f"{ratio:.2f}" if ratio else ""


# The summaries: networks down, contenders across.


def summary(results, picture, cell, names=tuple(SHOWN)):
    """`cell`: (network, contender) -> text. Only contenders and networks that were measured."""
    networks = [name for name in cases.NETWORKS if (name, picture) in results.cases]
    shown = [name for name in names if any(results.member(one, picture, name) for one in networks)]
    rows = [[cases.NETWORKS[one].title, *(cell(one, name) for name in shown)] for one in networks]
    return table(["network", *(SHOWN[name] for name in shown)], rows)


def time_lines(results):
    yield from prose(texts.TIME_TEXT.format(side=MEMORY))
    yield from summary(
        results, MEMORY, lambda one, name: ratio_text(results.time_ratio(one, MEMORY, name))
    )
    yield from prose(texts.TIME_NOTE)
    yield from image("time", "bench_time.png")


def memory_lines(results):
    def cell(network, name):
        memory = results.memory(network, MEMORY, name)
        return mebibytes(memory[0]) if memory else ""

    yield from prose(texts.MEMORY_TEXT.format(side=MEMORY))
    yield from summary(results, MEMORY, cell)
    yield from image("memory", "bench_memory.png")


def bits_lines(results):
    def cell(network, name):
        entry = results.member(network, MEMORY, name)
        if not entry or "differing" not in entry:
            return ""
        if not entry["differing"]:
            return "0"
        return f"{differing_text(entry)}, up to {entry['max_abs_diff']:.2g}"

    yield from prose(texts.BITS_TEXT.format(side=MEMORY))
    yield from summary(results, MEMORY, cell)
    yield from prose(texts.BITS_NOTE)


def files_cell(results, network, picture, name):
    memory = results.memory(network, picture, name)
    if not memory:
        return ""
    return f"{ratio_text(results.time_ratio(network, picture, name))} ({mebibytes(memory[0])})"


def files_lines(results):
    names = [name for name in SHOWN if name != "multimethod"]
    places = [(network, FILES, cases.NETWORKS[network].title) for network in cases.NETWORKS]
    places.append(("denoise", PHOTOGRAPH, "denoiser, photograph of 17.9 megapixels"))
    rows = [
        [title, *(files_cell(results, network, picture, name) for name in names)]
        for network, picture, title in places
        if (network, picture) in results.cases
    ]
    yield from prose(texts.FILES_TEXT)
    yield from table(["network", *(SHOWN[name] for name in names)], rows)


def limit_cell(results, network, contender):
    case = results.cases[network, MEMORY]
    entry = next((one for one in case["contenders"] if one["name"] == contender.name), None)
    if entry is None or "failed" in entry:
        return "no plan fits" if entry else ""
    return files_cell(results, network, MEMORY, contender.name)


def limit_lines(results):
    modes = [one for one in cases.CONTENDERS.values() if one.name.startswith("sectile ")]
    networks = [name for name in cases.NETWORKS if (name, MEMORY) in results.cases]
    rows = [
        [
            one.title.removeprefix("Sectile, "),
            *(limit_cell(results, name, one) for name in networks),
        ]
        for one in modes
    ]
    yield from prose(texts.LIMIT_TEXT.format(side=MEMORY))
    yield from table(["mode, limit", *networks], rows)


def growth_cell(results, network, side):
    seconds = results.seconds(network, str(side), "sectile")
    memory = results.memory(network, str(side), "sectile")
    if seconds is None or memory is None:
        return ""
    per_megapixel = seconds * 1e3 / (side * side * 1e-6)
    return f"{per_megapixel:.0f} ms ({mebibytes(memory[0])}; {mebibytes(memory[2])})"


def growth_lines(results):
    rows = [
        [cases.NETWORKS[name].title, *(growth_cell(results, name, side) for side in SIDES)]
        for name in cases.NETWORKS
    ]
    yield from prose(texts.GROWTH_TEXT)
    titles = [f"{side} x {side}: time (peak; above pictures, MiB)" for side in SIDES]
    yield from table(["network", *titles], rows)
    yield from image("memory and size", "bench_growth.png")


def roofline_lines(roofline):
    peak = max(roofline["peak_gflops"])
    work = 2 * roofline["multiply_adds"] / 1e9
    side = roofline["picture"]
    yield "## How near is it to the processor's limit?"
    yield ""
    yield from prose(
        f"One core does at most {peak:.0f} GFLOP/s: fused multiply-adds on "
        f"{roofline['vector_bits']} bits, measured by bench/peers/fma_peak.cpp. The denoiser's "
        f"convolutions over {side} x {side} pixels are {work:.0f} GFLOP (two for each "
        "multiply-add). On one thread:"
    )
    rows = []
    for entry in roofline["contenders"]:
        seconds = statistics.median(entry["seconds"])
        reached = work / seconds
        rows.append(
            [entry["title"], f"{seconds:.2f} s", f"{reached:.0f} GFLOP/s", f"{reached / peak:.0%}"]
        )
    yield from table(["contender", "time", "reached", "of the peak"], rows)


KERNELS = ("convolutions", "transposed convolutions", "other operators")


def profile_lines(results, profile):
    kinds = list(dict.fromkeys(kind for shares in profile["networks"].values() for kind in shares))

    def limit(network, other, shares):
        ratio = results.time_ratio(network, profile["picture"], other)
        return f"{ratio / sum(shares.get(kind, 0) for kind in KERNELS):.2f}x" if ratio else ""

    rows = [
        [
            name,
            *(f"{shares.get(kind, 0):.1%}" for kind in kinds),
            *(limit(name, other, shares) for other in ("onnxruntime", "monai")),
        ]
        for name, shares in profile["networks"].items()
    ]
    titles = [kind.replace("kept rows moved", "history rows moved") for kind in kinds]
    yield from prose(texts.PROFILE_TEXT.format(side=profile["picture"]))
    yield from table(["network", *titles, "ONNX Runtime at most", "MONAI at most"], rows)


def member_row(results, case, entry):
    if "failed" in entry:
        return [entry["title"], failure_text(entry["failed"]), *[""] * 6]
    memory = results.memory(case["network"], case["picture"], entry["name"])
    ratio = results.time_ratio(case["network"], case["picture"], entry["name"])
    apart = ["no whole image", ""]
    if "differing" in entry:
        apart = [differing_text(entry), f"{entry['max_abs_diff']:.2g}"]
    time = milliseconds(statistics.median(entry["seconds"]))
    return [entry["title"], time, ratio_text(ratio), *map(mebibytes, memory), *apart]


def case_lines(results, case):
    picture = cases.PICTURES[case["picture"]]
    yield f"### {case['network']}, {picture.title}"
    yield ""
    if picture.files:
        yield from prose(texts.FILES_NOTE)
    elsewhere = max(
        statistics.median(entry["elsewhere"])
        for entry in case["contenders"]
        if "failed" not in entry
    )
    disturbed = ""
    if elsewhere > DISTURBED:
        disturbed = f" Other programs were busy meanwhile: up to {elsewhere:.0%} of the machine."
    yield from prose(f"{case['rounds']} rounds.{disturbed} {tiles_text(case)}")
    titles = ["contender", "time", "times Sectile's", "peak, MiB", "above imports"]
    titles += ["above pictures", "differing", "largest"]
    yield from table(titles, [member_row(results, case, entry) for entry in case["contenders"]])


def measurement_lines(results):
    yield "## All measurements"
    yield ""
    for name, network in cases.NETWORKS.items():
        yield f"**{name}**: {network.title}, reach {max(network.facts['reach'].values())}."
        yield ""
        for picture in cases.PICTURES:
            if (name, picture) in results.cases:
                yield from case_lines(results, results.cases[name, picture])


def target_lines(results):
    judged = claims.judged(results)
    missed = sum(not holds for _, _, holds in judged)
    yield from prose(texts.TARGETS_TEXT.format(missed=missed, count=len(judged)))
    rows = [
        [claim, measured, "holds" if holds else "**does not hold**"]
        for claim, measured, holds in judged
    ]
    yield from table(["target", "measured", ""], rows)
    yield from prose(texts.TARGETS_NOTE)


def page(results):
    data = results.data
    yield from prose(texts.INTRODUCTION.format(threads=data["machine"]["threads_each"]))
    yield from time_lines(results)
    yield from memory_lines(results)
    yield from files_lines(results)
    yield from bits_lines(results)
    yield from limit_lines(results)
    yield from growth_lines(results)
    yield from prose(texts.SECOND_MACHINE)
    if "roofline" in data:
        yield from roofline_lines(data["roofline"])
    if "profile" in data:
        yield from profile_lines(results, data["profile"])
    yield from prose(
        texts.METHOD.format(machine=machine_text(data["machine"], data.get("note", "")))
    )
    yield from table(["contender", "what it is"], texts.DESCRIPTIONS, numbers="---")
    yield from prose(texts.TILES_TEXT)
    yield from measurement_lines(results)
    yield from target_lines(results)


def main():
    results = claims.Results(json.loads(measure.RESULTS.read_text()))
    plots.draw(results)
    PAGE.write_text("\n".join(page(results)).rstrip() + "\n")
    for claim, measured, holds in claims.judged(results):
        print("holds  " if holds else "MISSED ", claim, "--", measured)


if __name__ == "__main__":
    main()
