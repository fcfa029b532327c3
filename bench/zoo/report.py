"""Writes docs/networks.md from bench/zoo/results.json: python bench/zoo/report.py"""

import json
from pathlib import Path

import categories

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "networks.md"
RESULTS = Path(__file__).with_name("results.json")

ABOUT = {
    categories.EXACT: "any image, with the bits of one whole-image run",
    categories.LOCAL: "no pixel needs the whole image; Sectile has no rule for a part of it yet",
    categories.SIZES: "a number or a table in the program belongs to the size it was exported at",
    categories.STATISTICS: "a mean or a norm over the image, or a squeeze-excite block",
    categories.ATTENTION: "every pixel is compared with every other",
    categories.NOT_EXPORTABLE: "PyTorch or ExecuTorch cannot export it",
    categories.WRONG: "must be none",
}

INTRODUCTION = """# Networks: what runs, what is refused, and why

Public architectures for images, from {packages} packages on PyPI, with random weights and mostly in
small variants. Each is exported by the usual recipe (`torch.export`, `to_edge_transform_and_lower`
with `XnnpackPartitioner`), those that run exactly at two sizes that differ in rows and columns.
`make zoo` measures all of them and writes this page; the recipes are in `bench/zoo/architectures`.

| | networks | |
|---|---:|---|
{counts}
| together | {total} | {values:,} values compared, {differing:,} differing |

## How to read the table

- **Exact**: the first export is run over an image of the second one's size and compared with the
  second export, as ExecuTorch runs it, bit by bit: whole, as a stream and in tiles. The same again
  over an image twice as large, against one whole-image run. *Compared* counts the values of all
  these runs, *differing* those that are not the same bits.
- **Time** and **memory** are those of a stream over {side}x{side} pixels to those of one
  whole-image run, one thread, in turns. Upscalers get an image whose output has 1,024 rows. That is
  small: a deep network's history has as many rows as the image, and weights count on both sides.
- **Local, statistics, attention**: by the first blocker that `sectile inspect` names. Whether a
  network is local is also asked of PyTorch: whether a change of {edge} columns at one end of an
  image of {strip} columns reaches the other end. *Not exportable* may change with ExecuTorch.
- A network is a row, not a verdict on its package: another variant of it may do without what is
  refused here.
"""

TITLES = "| network | package | verdict | why | compared | differing | time | memory |"
RULE = "|---|---|---|---|---:|---:|---:|---:|"


def why(result):
    """The decisive reason, and how many other kinds there are."""
    if "not_exportable" in result:
        return words(result["not_exportable"])
    if "failure" in result:
        return words(result["failure"])
    if not result["blockers"]:
        passes = result.get("passes", 1)
        return f"in {passes} passes" if passes > 1 else ""
    first, *others = result["blockers"]
    more = f"; {len(others)} more" if others else ""
    return f"{first['reason'].replace('_', ' ')}: `{first['op']}`{more}"


def words(text):
    """As one cell of a table."""
    short = text if len(text) <= 120 else text[:117] + "..."
    return short.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def row(name, result):
    bench = result.get("bench") or {}
    compared = "runs" in result and result["runs"]
    cells = (
        name,
        result["package"],
        result["category"],
        why(result),
        f"{categories.values(result):,}" if compared else "",
        f"{categories.differing(result):,}" if compared else "",
        f"{bench['time_ratio']:.2f}" if bench else "",
        f"{bench['memory_ratio']:.2f}" if bench else "",
    )
    return "| " + " | ".join(cells) + " |"


def blocker_rows(results):
    """Kind of blocker -> networks that have it, most first."""
    names = {}
    for name, result in results.items():
        for blocker in result.get("blockers", []):
            names.setdefault((blocker["reason"], blocker["op"]), []).append(name)
    for (reason, op), those in sorted(names.items(), key=lambda kind: (-len(kind[1]), kind[0])):
        shown = ", ".join(those[:4]) + (", ..." if len(those) > 4 else "")
        yield f"| {reason.replace('_', ' ')} | `{op}` | {len(those)} | {shown} |"


def page(results):
    kinds = [result["category"] for result in results.values()]
    counts = [f"| {kind} | {kinds.count(kind)} | {ABOUT[kind]} |" for kind in categories.ORDER]
    yield INTRODUCTION.format(
        packages=len({result["package"] for result in results.values()}),
        counts="\n".join(counts),
        total=len(results),
        values=sum(map(categories.values, results.values())),
        differing=sum(map(categories.differing, results.values())),
        side=512,
        edge=16,
        strip="2,048",
    )
    yield "## All networks\n"
    yield TITLES
    yield RULE
    in_order = sorted(
        results.items(), key=lambda item: (categories.ORDER.index(item[1]["category"]), item[0])
    )
    yield from (row(name, result) for name, result in in_order)
    yield "\n## What is in the way\n"
    yield "Each kind of blocker, and in how many networks it occurs; a network may have several.\n"
    yield "| reason | operator | networks | such as |"
    yield "|---|---|---:|---|"
    yield from blocker_rows(results)


def main():
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text("\n".join(page(results)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
