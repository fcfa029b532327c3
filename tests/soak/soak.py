"""Random networks by the thousand: `make soak`, `make soak COUNT=20000 SEED=7`.

Each network goes through the library's front door (opened, planned in several ways over images of
several sizes) and every plan is compared with one whole-image run, bit by bit. The networks run in
processes of their own; one that crashes is counted, and the next process goes on after it. Exits 1
when a network differs, fails or crashes; its seed repeats it: `make soak COUNT=1 SEED=<seed>`.
"""

import argparse
import collections
import json
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
NETWORKS = REPOSITORY / "build/release/tests/soak_networks"
PER_PROCESS = 200  # networks, so that a process that grows shows up as little as one that does not
MODES = ("whole", "tiled", "streamed")
GOOD = ("exact", "refused")


def parse(line):
    """One line that a process printed, as data; None for what is not JSON."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def run_process(command, first, count, results):
    """Runs up to `count` networks in one process; returns how many it came through with."""
    done = 0
    with tempfile.TemporaryFile("w+") as errors:  # a pipe that nobody reads would fill up
        process = subprocess.Popen(
            [*command, str(first), str(count)], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        for line in process.stdout:
            result = parse(line)
            if result is not None and "outcome" in result:
                results.put(result)
                done += 1
        process.wait()
        if done < count:
            errors.seek(0)
            results.put(crash(first + done, process.returncode, errors.read()))
            done += 1
    return done


def crash(seed, status, errors):
    last = errors.strip().splitlines()[-1:] or [""]
    problem = f"the process ended with {status} {last[0]}".strip()
    return {"seed": seed, "outcome": "crashes", "problem": problem}


def run_range(command, first, count, results):
    while count > 0:
        done = run_process(command, first, min(count, PER_PROCESS), results)
        first, count = first + done, count - done


def run_all(command, first, count, jobs, report):
    """Runs the networks in `jobs` processes at a time; `report(result)` is called for each."""
    ranges, results = queue.Queue(), queue.Queue()
    for begin in range(first, first + count, PER_PROCESS):
        ranges.put((begin, min(PER_PROCESS, first + count - begin)))

    def work():
        while True:
            try:
                begin, length = ranges.get_nowait()
            except queue.Empty:
                return
            run_range(command, begin, length, results)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for _ in range(count):
        report(results.get())


class Summary:
    def __init__(self, first, count):
        self.first, self.count = first, count
        self.outcomes = collections.Counter()
        self.plans = collections.Counter()
        self.refusals = collections.Counter()
        self.bad = []
        self.began = time.monotonic()

    def add(self, result):
        self.outcomes[result["outcome"]] += 1
        for mode in MODES:
            self.plans[mode] += result.get(mode, 0)
        self.refusals.update(result.get("refusals", []))
        if result["outcome"] not in GOOD:
            self.bad.append(result)
            print(f"\nseed {result['seed']} {result['outcome']}: {result['problem']}", flush=True)

    def progress(self):
        done = sum(self.outcomes.values())
        if done % 100 == 0 or done == self.count:
            seconds = time.monotonic() - self.began
            print(f"{done} of {self.count} networks, {seconds:.0f} s: {self.words()}", flush=True)

    def words(self):
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))

    def data(self):
        return {
            "first_seed": self.first,
            "networks": self.count,
            "outcomes": dict(sorted(self.outcomes.items())),
            "plans": {mode: self.plans[mode] for mode in MODES},
            "refusals": dict(sorted(self.refusals.items(), key=lambda item: (-item[1], item[0]))),
        }


def print_summary(summary):
    plans = ", ".join(f"{summary.plans[mode]} {mode}" for mode in MODES)
    print(f"\nplans compared with the whole image: {plans}")
    print("refusals:")
    for reason, count in summary.data()["refusals"].items():
        print(f"{count:6}  {reason}")
    if summary.bad:
        print("bad seeds:", *sorted(result["seed"] for result in summary.bad))


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1, help="of the first network")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--json", type=pathlib.Path, help="write the counts to this file too")
    parser.add_argument("--command", nargs="+", default=[str(NETWORKS)], help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv=None):
    options = arguments(argv)
    summary = Summary(options.seed, options.count)

    def report(result):
        summary.add(result)
        summary.progress()

    run_all(options.command, options.seed, options.count, options.jobs, report)
    print_summary(summary)
    if options.json:
        options.json.write_text(json.dumps(summary.data(), indent=1) + "\n")
    return 1 if summary.bad else 0


if __name__ == "__main__":
    sys.exit(main())
