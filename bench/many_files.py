"""One run over many small photographs beside a run for each of them.

    python bench/many_files.py [COUNT [SIDE [ENDING]]]

Makes COUNT (500) photographs of SIDE (512) pixels, jpg or png (jpg), and denoises them: each by a
run of its own, all by runs with --output-dir (as many files at a time as is the default, and one at
a time). The three take turns, 50 files each, so that what disturbs the machine disturbs all. The
outputs are compared byte for byte. Needs numpy and Pillow (requirements/test.txt). The tool is
$SECTILE_CLI, or build/release/cli/sectile.
"""

import filecmp
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from PIL import Image

import tool

MODEL = Path(__file__).resolve().parents[1] / "models" / "denoise.pte"
TURN = 50
TITLES = f"{'':<24}{'files/s':>10}{'rate':>10}{'CPU s/file':>12}{'CPU':>10}"


def photograph(seed, side):
    """Waves of three colours, and noise."""
    random = numpy.random.default_rng(seed)
    rows, columns = numpy.mgrid[0:side, 0:side]
    planes = [
        128
        + 60 * numpy.sin(columns / random.uniform(9, 90) + random.uniform(0, 6))
        + 50 * numpy.cos(rows / random.uniform(9, 90))
        + random.normal(0, 12, (side, side))
        for _ in range(3)
    ]
    return Image.fromarray(numpy.clip(numpy.stack(planes, 2), 0, 255).astype(numpy.uint8))


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Contender:
    def __init__(self, name, folder, options=None):
        self.name, self.folder, self.options = name, folder / name, options
        self.seconds = self.cpu_seconds = 0
        self.folder.mkdir()

    def run(self, files):
        begin, begin_cpu = time.perf_counter(), cpu_seconds()
        for words in self.commands(files):
            subprocess.run([tool.TOOL, "run", MODEL, *words, "--quiet"], check=True)
        self.seconds += time.perf_counter() - begin
        self.cpu_seconds += cpu_seconds() - begin_cpu

    def commands(self, files):
        if self.options is None:
            return [[file, self.folder / file.name] for file in files]
        return [[*files, "--output-dir", self.folder, *self.options]]

    def row(self, first, count):
        return (
            f"{self.name:<24}{count / self.seconds:>10.2f}{first.seconds / self.seconds:>8.2f} x"
            f"{self.cpu_seconds / count:>12.3f}{first.cpu_seconds / self.cpu_seconds:>8.2f} x"
        )


def main(count=500, side=512, ending="jpg"):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "photographs").mkdir()
        files = [folder / "photographs" / f"{i:04}.{ending}" for i in range(count)]
        for seed, file in enumerate(files):
            photograph(seed, side).save(file)
        contenders = [
            Contender("a run for each", folder),
            Contender("many files", folder, []),
            Contender("many files, --jobs 1", folder, ["--jobs", "1"]),
        ]
        for begin in range(0, count, TURN):
            for contender in contenders:
                contender.run(files[begin : begin + TURN])
        first, *others = contenders
        print(f"{count} photographs of {side}x{side} ({ending})\n{TITLES}")
        for contender in contenders:
            print(contender.row(first, count))
        for other in others:
            names = [file.name for file in files]
            equal, *_ = filecmp.cmpfiles(first.folder, other.folder, names, shallow=False)
            if len(equal) != count:
                return f"{count - len(equal)} outputs of {other.name} differ"
    return 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*numbers, **({"ending": sys.argv[3]} if len(sys.argv) > 3 else {})))
