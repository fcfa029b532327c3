"""What is measured: networks, pictures, contenders. measure.py measures it."""

import dataclasses
import functools
import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
RELEASE = ROOT / "build" / "release"
WORK = ROOT / "build" / "bench"
THREADS = 2
MEBIBYTE = 1 << 20


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    program: Path  # as it is committed, exported at a small size
    title: str

    @functools.cached_property
    def facts(self):
        """What `sectile inspect` reads in the program: everybody's overlap and grid."""
        said = subprocess.run(
            [RELEASE / "cli" / "sectile", "inspect", self.program, "--json"],
            capture_output=True,
            check=True,
        )
        return json.loads(said.stdout)["methods"][0]

    @property
    def reach(self):
        """On all sides the same: the widest, rounded up to the grid on which tiles start."""
        grid = math.lcm(*self.facts["align"].values())
        return -(-max(self.facts["reach"].values()) // grid) * grid

    @property
    def scale(self):
        numerator, denominator = self.facts["scale"]["y"]
        return numerator // denominator

    @property
    def channels(self):
        return self.facts["input"]["channels"]

    @property
    def out_channels(self):
        return self.facts["output"]["channels"]


NETWORKS = {
    network.name: network
    for network in (
        Network(
            "four_conv",
            ROOT / "tests" / "networks" / "programs" / "four_conv.pte",
            "4 convolutions of 8 channels",
        ),
        Network(
            "denoise", ROOT / "models" / "denoise.pte", "denoiser, 8 convolutions of 32 channels"
        ),
        Network(
            "upscale2x",
            ROOT / "models" / "upscale2x.pte",
            "2x upscaler, 5 convolutions of 32 channels, pixel shuffle",
        ),
        Network("unet", ROOT / "models" / "unet.pte", "U-Net of depth 3, 16 to 128 channels"),
    )
}


@dataclasses.dataclass(frozen=True)
class Picture:
    name: str
    title: str
    height: int
    width: int
    rounds: int
    files: bool = False  # the run goes from an 8-bit TIFF to another
    networks: tuple = tuple(NETWORKS)
    contenders: tuple = ()  # all, when empty


PICTURES = {
    picture.name: picture
    for picture in (
        Picture("1024", "1024 x 1024", 1024, 1024, 9),
        Picture("2048", "2048 x 2048", 2048, 2048, 5),
        Picture(
            "2048_files",
            "2048 x 2048, from file to file",
            2048,
            2048,
            5,
            files=True,
            contenders=("executorch", "onnxruntime", "monai", "sectile"),
        ),
        Picture("4096", "4096 x 4096", 4096, 4096, 2),
        # It has noise on it, and three channels.
        Picture(
            "photograph",
            "the photograph of 5640 x 3172, from file to file",
            3172,
            5640,
            3,
            files=True,
            networks=("denoise",),
        ),
    )
}


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    title: str
    command: tuple
    program: str  # a kind of programs.py; "own": the committed program; "none"
    tiles: str = (
        "none"  # "guess": 288 with 16 overlap; "best": the better of two, with the true reach
    )
    options: tuple = ()

    @property
    def family(self):
        """Contenders of one family have one tile size."""
        return self.name.split()[0]


def python(file):
    return (sys.executable, HERE / file)


def sectile(mode, limit_mib=0):
    words = (
        ["sectile"] + [mode] * (mode != "auto") + [f"{limit_mib}M"] * (0 < limit_mib < UNLIMITED)
    )
    limit = f"{limit_mib} MiB" if limit_mib < UNLIMITED else "no limit"
    title = "Sectile, as it comes" if mode == "auto" else f"Sectile, {mode}, {limit}"
    return Contender(
        " ".join(words),
        title,
        (RELEASE / "bench" / "peers" / "sectile_peer",),
        "own",
        options=(f"mode={mode}", f"memory={limit_mib * MEBIBYTE}"),
    )


UNLIMITED = 20 << 10  # MiB: what any contender may take
LIMITS = (UNLIMITED, 512, 128)
REFERENCE = "executorch"
CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender(
            REFERENCE,
            "ExecuTorch, whole image",
            (RELEASE / "bench" / "peers" / "executorch_whole",),
            "whole",
        ),
        Contender(
            "multimethod",
            "ExecuTorch in Python, `full` and `tile` methods",
            python("executorch_tiles.py"),
            "methods",
            "guess",
        ),
        Contender(
            "onnxruntime", "ONNX Runtime, tile loop", python("onnxruntime_tiles.py"), "onnx", "best"
        ),
        Contender(
            "monai",
            "MONAI, constant",
            python("monai_window.py"),
            "none",
            "best",
            ("blend=constant",),
        ),
        Contender(
            "monai gaussian",
            "MONAI, gaussian",
            python("monai_window.py"),
            "none",
            "best",
            ("blend=gaussian",),
        ),
        sectile("auto"),
        *(sectile(mode, limit) for limit in LIMITS for mode in ("whole", "tile", "stream")),
    )
}
QUICK = (REFERENCE, "multimethod", "onnxruntime", "monai", "sectile")

GUESS = (288, 16)
CORES = (256, 512)  # of the tiles among which "best" is found


def tile_of(network, contender, chosen):
    """Tile and overlap on each side. `chosen`: the core that was found to be best, by family."""
    if contender.tiles == "guess":
        return GUESS
    if contender.tiles == "none":
        return 0, 0
    return chosen[contender.family] + 2 * network.reach, network.reach


def program_of(network, contender, picture, tile):
    """The file to load; made when it is not there yet."""
    if contender.program in ("own", "none"):
        return network.program
    height, width = (
        (picture.height, picture.width) if contender.program == "whole" else (tile, tile)
    )
    ending = "onnx" if contender.program == "onnx" else "pte"
    path = WORK / "programs" / f"{network.name}_{contender.program}_{width}x{height}.{ending}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with (WORK / "programs.log").open("a", encoding="utf-8") as log:
            subprocess.run(
                [
                    *python("programs.py"),
                    network.name,
                    contender.program,
                    path,
                    str(height),
                    str(width),
                ],
                check=True,
                stdout=log,
                stderr=log,
            )
    return path


def output_file(picture, name):
    return WORK / f"{name.replace(' ', '_')}.{'tif' if picture.files else 'f32'}"


def command_of(network, contender, picture, source, chosen, threads=THREADS):
    """The command line. `source` is the file that the picture lies in."""
    tile, reach = tile_of(network, contender, chosen)
    words = {
        "network": network.name,
        "program": program_of(network, contender, picture, tile),
        "input": source,
        "threads": threads,
        "channels": network.channels,
        "height": picture.height,
        "width": picture.width,
        "out_channels": network.out_channels,
        "scale": network.scale,
        "tile": tile,
        "reach": reach,
    }
    if picture.files:
        words["output"] = output_file(picture, contender.name)
    return [
        *contender.command,
        *(f"{key}={value}" for key, value in words.items()),
        *contender.options,
    ]
