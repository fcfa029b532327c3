"""Measures what a user would pick instead of Sectile beside it, and writes bench/results.json.

    python bench/peers/measure.py [--quick] [--network NAME ...] [--picture NAME ...]
                                  [--no-roofline] [--note TEXT]

Every contender is a process of its own. They run in turns, A B C A B C ..., each warmed up by one
run that is not counted. A contender that holds more than 1 GiB is started and ended for each turn,
so that they fit into memory together. Cases that were measured before stay in the file. --quick
prints a few cases and writes nothing.
"""

import argparse
import functools
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import cases
import pictures
from process import Failed, Process

RESULTS = cases.ROOT / "bench" / "results.json"
LOG = cases.WORK / "contenders.log"
LARGE_BYTES = 1 << 30
QUICK_ROUNDS = 5
CHOICE = "2048"  # the picture over which tiles are chosen
PACKAGES = ("executorch", "torch", "onnxruntime", "monai", "numpy")


class Member:
    """A contender in one case."""

    def __init__(self, contender, command):
        self.contender, self.command = contender, command
        self.process = None
        self.result = {
            "name": contender.name,
            "title": contender.title,
            "seconds": [],
            "elsewhere": [],
        }

    def start(self):
        self.process = Process(self.command, LOG)
        self.result["base_bytes"] = self.process.base_bytes
        self.result["about"] = self.process.load()
        self.process.warm_up()

    def pause_if_large(self):
        self.result["peak_bytes"] = max(self.result.get("peak_bytes", 0), self.process.peak_bytes())
        if self.result["peak_bytes"] > LARGE_BYTES:
            self.stop()

    def stop(self):
        if self.process:
            self.process.stop()
        self.process = None

    def guarded(self, turn):
        """A contender that fails is out, and its result says why."""
        if "failed" in self.result:
            return
        try:
            turn()
            self.pause_if_large()
        except Failed as why:
            self.result["failed"] = str(why)
            self.stop()

    def timed_turn(self):
        if not self.process:
            self.start()
        seconds, elsewhere = self.process.run()
        self.result["seconds"].append(seconds)
        self.result["elsewhere"].append(round(elsewhere, 3))


def check_turn(member, picture):
    """The first turn: its output against the whole image's."""
    member.start()
    output, reference = (
        cases.output_file(picture, name) for name in (member.contender.name, cases.REFERENCE)
    )
    if not picture.files:
        member.process.save(output)
    if reference.exists():
        member.result |= pictures.difference(output, reference)
    if output != reference:
        output.unlink()


def run_rounds(members, rounds):
    os.sync()
    for i in range(rounds):
        first = i * len(members) // rounds  # so that nobody always follows the same one
        for member in members[first:] + members[:first]:
            member.guarded(member.timed_turn)


def measure(network, picture, names, rounds, chosen):
    """The results of one case."""
    source = pictures.source_of(network, picture)
    members = [
        Member(
            cases.CONTENDERS[name],
            cases.command_of(network, cases.CONTENDERS[name], picture, source, chosen),
        )
        for name in names
    ]
    reference = cases.output_file(picture, cases.REFERENCE)
    reference.unlink(missing_ok=True)
    try:
        for member in members:
            member.guarded(functools.partial(check_turn, member, picture))
        run_rounds(members, rounds)
    finally:
        for member in members:
            member.stop()
        reference.unlink(missing_ok=True)
    return {
        "network": network.name,
        "picture": picture.name,
        "height": picture.height,
        "width": picture.width,
        "rounds": rounds,
        "picture_bytes": 0 if picture.files else picture_bytes(network, picture),
        "contenders": [m.result for m in members],
    }


def picture_bytes(network, picture):
    """Of input and output in memory, which every contender holds."""
    area = picture.height * picture.width
    return 4 * area * (network.channels + network.out_channels * network.scale**2)


def choose_tiles(network, rounds=3):
    """For each family that may choose: the fastest core of tiles, and what each took at best."""
    picture = cases.PICTURES[CHOICE]
    source = pictures.source_of(network, picture)
    found = {}
    for contender in (cases.CONTENDERS["onnxruntime"], cases.CONTENDERS["monai"]):
        members = [
            Member(
                contender,
                cases.command_of(network, contender, picture, source, {contender.family: core}),
            )
            for core in cases.CORES
        ]
        try:
            run_rounds(members, rounds)
        finally:
            for member in members:
                member.stop()
        seconds = {
            core: min(member.result["seconds"])
            for core, member in zip(cases.CORES, members, strict=True)
        }
        found[contender.family] = {"core": min(seconds, key=seconds.get), "seconds": seconds}
    return found


def roofline(rounds=5):
    """One core's peak, and what the denoiser's convolutions reach of it on one thread."""
    import programs

    network, picture = cases.NETWORKS["denoise"], cases.PICTURES["2048"]
    work = sum(
        weights.numel()
        for weights in programs.torch_network("denoise").parameters()
        if weights.dim() == 4
    )
    source = pictures.source_of(network, picture)
    peaks, members = [], []
    for name in (cases.REFERENCE, "sectile"):
        members.append(
            Member(
                cases.CONTENDERS[name],
                cases.command_of(network, cases.CONTENDERS[name], picture, source, {}, threads=1),
            )
        )
    try:
        for _ in range(rounds):
            said = subprocess.run(
                [cases.RELEASE / "bench" / "peers" / "fma_peak"],
                capture_output=True,
                text=True,
                check=True,
            )
            peaks.append([float(word) for word in said.stdout.split()])
            run_rounds(members, 1)
    finally:
        for member in members:
            member.stop()
    return {
        "network": network.name,
        "picture": picture.name,
        "peak_gflops": [peak for peak, _ in peaks],
        "vector_bits": int(peaks[0][1]),
        "multiply_adds": work * picture.height * picture.width,
        "contenders": [member.result for member in members],
    }


def machine():
    def from_file(path, key):
        return next(
            line.split(":", 1)[1].strip()
            for line in Path(path).read_text().splitlines()
            if line.startswith(key)
        )

    compiler = subprocess.run(
        ["c++", "--version"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[0]
    return {
        "cpu": from_file("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "threads_each": cases.THREADS,
        "memory_bytes": int(from_file("/proc/meminfo", "MemTotal").split()[0]) * 1024,
        "system": f"{platform.system()} {platform.release()}",
        "compiler": compiler,
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def print_case(case):
    print(f"\n{case['network']}, {case['picture']}, {case['rounds']} rounds")
    for member in case["contenders"]:
        start = f"  {member['title']:<48}"
        if "failed" in member:
            print(start, member["failed"])
            continue
        elsewhere = statistics.median(member["elsewhere"])
        print(
            start,
            f"{statistics.median(member['seconds']) * 1e3:9.1f} ms "
            f"{member['peak_bytes'] / cases.MEBIBYTE:8.0f} MiB",
            f"{member.get('differing', -1):>12} differ, "
            f"at most {member.get('max_abs_diff', -1):.2e}   "
            f"{elsewhere:.0%} elsewhere   {member['about']}",
            flush=True,
        )


def cores_chosen(results, network, anew):
    """The best tiles' core of each family: measured now when `anew`, or when no results say it."""
    if anew or network.name not in results["tiles"]:
        results["tiles"][network.name] = choose_tiles(network)
    return {family: entry["core"] for family, entry in results["tiles"][network.name].items()}


def measure_quickly(results):
    for network in (cases.NETWORKS["four_conv"], cases.NETWORKS["unet"]):
        chosen = cores_chosen(results, network, anew=False)
        print_case(measure(network, cases.PICTURES["1024"], cases.QUICK, QUICK_ROUNDS, chosen))


def measure_all(results, networks, wanted_pictures):
    for network in (cases.NETWORKS[name] for name in networks):
        chosen = cores_chosen(results, network, anew=CHOICE in wanted_pictures)
        for picture in (cases.PICTURES[name] for name in wanted_pictures):
            if network.name not in picture.networks:
                continue
            case = measure(
                network,
                picture,
                picture.contenders or tuple(cases.CONTENDERS),
                picture.rounds,
                chosen,
            )
            print_case(case)
            results["cases"][f"{network.name} {picture.name}"] = case
            write(results)


def read():
    """What was measured before."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {"tiles": {}, "cases": {}}


def write(results):
    results["machine"] = machine()
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--network", nargs="*", choices=list(cases.NETWORKS), default=list(cases.NETWORKS)
    )
    parser.add_argument(
        "--picture", nargs="*", choices=list(cases.PICTURES), default=list(cases.PICTURES)
    )
    parser.add_argument("--no-roofline", action="store_true")
    parser.add_argument("--note", help="a sentence about the machine meanwhile, for the page")
    options = parser.parse_args()
    cases.WORK.mkdir(parents=True, exist_ok=True)
    results = read()
    if options.quick:
        measure_quickly(results)
        return 0
    if options.note is not None:
        results["note"] = options.note
    measure_all(results, options.network, options.picture)
    if not options.no_roofline:
        results["roofline"] = roofline()
        write(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
