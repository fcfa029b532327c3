"""What the contenders in Python share: the conversation with measure.py, pictures, tiles.

The lines of the conversation are in contender.h.

A contender's file has one function, prepare(case): it loads the network and returns another, from
the picture [channels, height, width] to the output, and a few words about itself.
"""

import sys
import time
from pathlib import Path

import numpy
import tifffile

MAXIMUM = 255  # of the 8-bit pictures in files


class Case:
    """The arguments KEY=VALUE."""

    def __init__(self, arguments):
        values = dict(argument.split("=", 1) for argument in arguments)
        self.network = values["network"]
        self.program = values["program"]
        self.input = values["input"]
        self.output = values.get(
            "output", ""
        )  # a file for the result: the run goes from file to file
        self.threads = int(values["threads"])
        self.channels, self.height, self.width = (
            int(values[key]) for key in ("channels", "height", "width")
        )
        self.out_channels, self.scale = int(values["out_channels"]), int(values["scale"])
        self.tile, self.reach = int(values["tile"]), int(values["reach"])
        self.blend = values.get("blend", "")

    def blank_output(self):
        """To be made once and used in every run, as a careful program would."""
        return numpy.zeros(
            (self.out_channels, self.height * self.scale, self.width * self.scale), numpy.float32
        )


def read_raw(case):
    return numpy.fromfile(case.input, numpy.float32).reshape(case.channels, case.height, case.width)


def read_file(path):
    pixels = numpy.atleast_3d(tifffile.imread(path))
    pixels = numpy.ascontiguousarray(pixels.transpose(2, 0, 1), numpy.float32)
    pixels /= MAXIMUM
    return pixels


def write_tiff(path, pixels):
    """uint8 [height, width, channels]."""
    channels = pixels.shape[2]
    tifffile.imwrite(
        path,
        pixels if channels > 1 else pixels[:, :, 0],
        photometric="rgb" if channels == 3 else "minisblack",
    )


def write_file(path, image):
    """The image is not needed any more: no copy of it is made but that of bytes."""
    image *= MAXIMUM
    numpy.clip(image, 0, MAXIMUM, out=image)
    image += (
        0.5  # to nearest, halves away from zero, as all contenders do it; the conversion cuts off
    )
    write_tiff(path, image.astype(numpy.uint8).transpose(1, 2, 0))


def memory_bytes(key):
    """VmRSS or VmHWM of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


class Conversation:
    def __init__(self, case, prepare):
        self.case, self.prepare = case, prepare
        self.image = self.step = self.result = None

    def load(self):
        if not self.case.output:
            self.image = read_raw(self.case)
        self.step, about = self.prepare(self.case)
        return f"ok {about}"

    def run(self):
        start = time.perf_counter()
        if self.case.output:
            write_file(self.case.output, self.step(read_file(self.case.input)))
        else:
            self.result = None  # the last run's goes before this one's comes
            self.result = self.step(self.image)
        return f"seconds {time.perf_counter() - start}"

    def save(self, path):
        self.result.tofile(path)
        return "ok"

    def peak(self):
        return f"peak {memory_bytes('VmHWM')}"

    def answer(self, line):
        word, *rest = line.split(maxsplit=1)
        try:
            return getattr(self, word)(*rest)
        except Exception as failure:  # whatever it is, it belongs into the results
            return f"error {type(failure).__name__}: {failure}".splitlines()[0]


def converse(prepare):
    print("base", memory_bytes("VmRSS"), flush=True)
    conversation = Conversation(Case(sys.argv[1:]), prepare)
    for line in sys.stdin:
        print(conversation.answer(line.strip()), flush=True)


def flush_tiles(length, tile, reach):
    """Along one axis: (start, kept begin, kept end) of each tile.

    The tiles end flush with the image; inner edges lose `reach`.
    """
    kept = 0
    while kept < length:
        start = min(max(0, kept - reach), length - tile)
        end = length if start == length - tile else start + tile - reach
        yield start, kept, end
        kept = end
