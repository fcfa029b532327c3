"""Compares the plan that the planner takes with forced ones, by what they really take.

Fails when a chosen plan takes more than 5 % longer than another that was measured.

    python bench/plan_choice.py [--networks NAME ...] [--sides PIXELS ...] [--threads N ...]

About an hour on two cores; `make bench-plans` runs it. Each case is a network, a square
image of noise and a number of threads. Beside the chosen plan run steps of 4 to 128 rows, tiles of
several sizes and the whole image as one tile; memory is plentiful, so that only time counts. Plans
run in turns, each run in a process of its own. In each round the chosen plan's time is divided by
the other's, and the median of these ratios counts: what slows the machine for a while slows both.
Plans slower than the best are dropped, the slowest first. Needs numpy and tifffile
(requirements/test.txt). The tool is $SECTILE_CLI, or build/release/cli/sectile.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
from pathlib import Path

import tool

NETWORKS = {
    **{name: (path, 3) for name, path in tool.MODELS.items()},
    "four_conv": (tool.PROGRAMS / "four_conv.pte", 1),
}
SIDES = [1024, 2048]
THREADS = [1, 2]
STEPS = [4, 8, 16, 32, 64, 128]
TILES = [96, 128, 192, 256, 384, 512, 768, 1024]
MEMORY = ["--memory", "64G"]

MOST_RATIO = 1.05  # of the chosen plan's time to another's
# After so many rounds, plans whose fastest run takes more than that much longer than the best one's
# are dropped.
CONTENDERS = {1: 1.4, 3: 1.2, 6: 1.1}
ROUNDS = 12

ROW = "  {:<34} {:>4} {:>9} {:>9} {:>14}"


class Case:
    """One network over one image, with a number of threads; the times of each plan it ran in."""

    def __init__(self, name, side, threads, folder):
        self.title = f"{name}, {side}x{side}, {threads} thread{'s' if threads > 1 else ''}"
        self.network, channels = NETWORKS[name]
        self.image = tool.noise_tiff(folder, side, side, channels)
        self.output = folder / "out.tif"
        self.threads = ["--threads", str(threads)]
        self.chosen, _ = self.measure([])
        self.options = {self.chosen: []}  # of each plan
        self.seconds = {}  # of each plan, round by round
        for options in forced(side):
            plan, _ = self.measure(options)
            if plan is not None:
                self.options.setdefault(plan, options)

    def measure(self, options):
        """The plan and the seconds of a run; None for options that fit no plan."""
        report, message = tool.run(
            self.network, self.image, self.output, *options, *self.threads, *MEMORY
        )
        if report is None:
            assert "too small" in message or "multiple of" in message, message
            return None, None
        return plan_text(report), report["seconds"]["total"]

    def run(self, rounds):
        """The runs that found the plans warmed everything up and do not count."""
        for done in range(rounds):
            if done in CONTENDERS:
                self.keep_contenders(CONTENDERS[done])
            for plan, options in self.options.items():
                _, seconds = self.measure(options)
                self.seconds.setdefault(plan, []).append(seconds)

    def keep_contenders(self, ratio):
        fastest = {plan: min(self.seconds[plan]) for plan in self.options}
        limit = ratio * min(fastest.values())
        for plan in fastest:
            if plan != self.chosen and fastest[plan] > limit:
                del self.options[plan]

    def ratio(self, plan):
        """The chosen plan's time to this one's."""
        pairs = zip(self.seconds[self.chosen], self.seconds[plan], strict=False)
        return statistics.median(chosen / other for chosen, other in pairs)

    def best(self):
        """Of the plans that ran to the end."""
        return max(self.options, key=self.ratio)

    def print(self):
        print(self.title)
        print(ROW.format("plan", "runs", "fastest", "median", "chosen to it"))
        for plan in sorted(self.seconds, key=self.ratio, reverse=True):
            times = self.seconds[plan]
            print(
                ROW.format(
                    plan,
                    len(times),
                    f"{min(times):.3f}",
                    f"{statistics.median(times):.3f}",
                    "<- chosen" if plan == self.chosen else f"{self.ratio(plan):.3f}",
                ),
                flush=True,
            )


def plan_text(report):
    form = ", lean" if report["lean"] else ""
    return f"{report['mode']} {tool.size_text(report['tile'])}, {report['workers']} w{form}"


def forced(side):
    """Options of the plans beside the chosen one."""
    yield from (["--step", str(step)] for step in STEPS)
    yield from (["--tile", str(tile)] for tile in TILES if tile < side)
    yield ["--mode", "whole"]


def parse_arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--sides", nargs="+", type=int, default=SIDES)
    parser.add_argument("--threads", nargs="+", type=int, default=THREADS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args(words)


def main(words):
    asked = parse_arguments(words)
    summary = []
    with tempfile.TemporaryDirectory() as folder:
        for name, side, threads in itertools.product(asked.networks, asked.sides, asked.threads):
            case = Case(name, side, threads, Path(folder))
            case.run(asked.rounds)
            case.print()
            summary.append((case.title, case.chosen, case.best(), case.ratio(case.best())))
    print("\nchosen to best")
    for title, chosen, best, ratio in summary:
        mark = "" if ratio <= MOST_RATIO else "   <---"
        print(f"  {title:<32} {ratio:.3f}   {chosen} (best: {best}){mark}")
    return 1 if any(ratio > MOST_RATIO for *_, ratio in summary) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
