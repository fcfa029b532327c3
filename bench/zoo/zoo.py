"""Public architectures through the tool: which run exactly, which are refused, and why.

    python bench/zoo/zoo.py [NAME ...] [--quick] [--jobs N] [--again]

Without names it takes all architectures (bench/zoo/architectures). What it finds of each replaces
what bench/zoo/results.json says of it, and docs/networks.md is made from that. Each network has
random weights and is exported at two sizes in a process of its own, which may take 10 minutes and
6 GiB. The programs stay in build/zoo, so another run exports again only what changed. With --quick
it prints only.

Exits with 1 when a program crashes or fails, when a value differs, or when a verdict is worse than
the one on record. The tool is $SECTILE_CLI, or build/release/cli/sectile.
"""

import argparse
import concurrent.futures
import json
import shutil
import sys
import threading
from importlib import metadata
from pathlib import Path

import catalogue
import categories
import examine
from exporter import Exporter

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.json")
PROGRAMS = ROOT / "build" / "zoo"
FACTS = ("outputs", "finite", "liveliness", "parameters", "mixes_the_image", "operators")
ROW = "{:<34} {:<50} {:>10} {:>6} {:>6} {:>6}  {}"
TITLES = ("network", "verdict", "values", "differ", "time", "memory", "first reason")


class Case:
    """One architecture with its two programs, which are exported where they are asked for."""

    def __init__(self, architecture, exporter, again):
        self.architecture = architecture
        self.exporter = exporter
        self.folder = PROGRAMS / architecture.name / architecture.key()
        if again or not self.folder.exists():
            shutil.rmtree(self.folder.parent, ignore_errors=True)
            self.folder.mkdir(parents=True)

    def program(self, letter):
        """The file, and what is known of it."""
        path = self.folder / f"{letter}.pte"
        facts = path.with_suffix(".json")
        if not facts.exists():
            why = self.exporter.export(self.architecture.name, path)
            if why and not facts.exists():
                facts.write_text(json.dumps({"failure": why}), encoding="utf-8")
        return path, json.loads(facts.read_text(encoding="utf-8"))

    def examined(self):
        """All that is known of it. The second program is exported only to be compared with."""
        package = self.architecture.package
        result = {"package": package, "version": metadata.version(package)}
        result["sizes"] = [f"{width}x{height}" for height, width in self.architecture.sizes]
        try:
            self._examine(result)
        except examine.Failed as failed:
            result["failure"] = str(failed)
        result["category"] = categories.category(result)
        words = json.dumps(result, indent=1)
        (self.folder.parent / "result.json").write_text(words, encoding="utf-8")
        return result

    def _examine(self, result):
        first, facts = self.program("a")
        result |= {key: facts[key] for key in FACTS if key in facts}
        result.setdefault("mixes_the_image", None)
        if "failure" in facts:
            step = facts.get("step", "export")
            # A network that cannot even be made, or run in PyTorch, is a fault of its recipe here.
            kind = "not_exportable" if step.startswith("export") else "failure"
            result[kind] = f"{step}: {facts['failure']}"
            return
        result |= examine.inspect(first)
        if result["verdict"] == "exact":
            second, facts = self.program("b")
            if "failure" in facts:
                raise examine.Failed(f"the second export: {facts['failure']}")
            result["runs"] = examine.compare(first, second, self.architecture.sizes[0])
            result["bench"] = examine.measure(first, result["scale"])


def reason(result):
    """What decided, in a few words."""
    for key in ("not_exportable", "failure"):
        if key in result:
            return result[key]
    if result["category"] == categories.WRONG and not categories.differing(result):
        return "a change at one end of an image reaches the other, or nothing was compared"
    blockers = result["blockers"]
    return f"{blockers[0]['reason']}: {blockers[0]['op']}" if blockers else ""


def line(name, result):
    bench = result.get("bench", {})
    return ROW.format(
        name,
        result["category"],
        categories.values(result) or "",
        categories.differing(result) if "runs" in result else "",
        bench.get("time_ratio", ""),
        bench.get("memory_ratio", ""),
        reason(result)[:120],
    )


def recorded():
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def all_examined(architectures, asked):
    """Name -> result, printed as they come. Each worker has an exporter of its own."""
    results, exporters, own = {}, [], threading.local()

    def start():
        own.exporter = Exporter()
        exporters.append(own.exporter)

    def work(architecture):
        return Case(architecture, own.exporter, asked.again).examined()

    print(ROW.format(*TITLES))
    with concurrent.futures.ThreadPoolExecutor(asked.jobs, initializer=start) as pool:
        waiting = {pool.submit(work, each): each.name for each in architectures}
        for done in concurrent.futures.as_completed(waiting):
            name = waiting[done]
            results[name] = done.result()
            print(line(name, results[name]), flush=True)
    for exporter in exporters:
        exporter.stop()
    return {each.name: results[each.name] for each in architectures}


def complaints(results, before):
    for name, result in results.items():
        old = before.get(name, {}).get("category")
        if result["category"] == categories.WRONG:
            yield f"{name}: {reason(result) or 'values differ'}"
        elif old and categories.is_worse(result["category"], old):
            yield f"{name}: {result['category']}, and was: {old}"


def chosen(asked):
    table = catalogue.load()
    if unknown := [name for name in asked.names if name not in table]:
        sys.exit(f"no such architecture: {', '.join(unknown)}; there are: {', '.join(table)}")
    if asked.names:
        return [table[name] for name in asked.names]
    return [each for each in table.values() if each.quick or not asked.quick]


def parse_arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="twenty chosen ones, printed only")
    parser.add_argument("--jobs", type=int, default=1, help="architectures at a time (default: 1)")
    parser.add_argument("--again", action="store_true", help="export again what is in build/zoo")
    return parser.parse_args(words)


def main(words):
    asked = parse_arguments(words)
    results = all_examined(chosen(asked), asked)
    before = recorded()
    bad = list(complaints(results, before))
    if not asked.quick:
        known = before | results
        record = {name: known[name] for name in catalogue.load() if name in known}
        RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        import report

        report.main()
    for kind in categories.ORDER:
        print(f"{sum(result['category'] == kind for result in results.values()):>4}  {kind}")
    print(*bad, sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
