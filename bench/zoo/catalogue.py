"""The table of architectures: what each file in architectures/ puts into it, by name.

A file has one function an architecture, which makes the network and imports its package; importing
the file itself costs nothing.
"""

import dataclasses
import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
SMALL = ((128, 160), (192, 128))  # rows and columns of the two exports
LARGE = ((256, 320), (384, 256))  # for networks that halve the image five times
MAKERS = ("torch", "executorch")  # whose versions, beside the package's, a program depends on
RECIPE = "recipe.py"  # the file that does


@dataclasses.dataclass(frozen=True)
class Architecture:
    name: str
    package: str  # on PyPI
    make: Callable  # () -> torch.nn.Module; the weights are seeded before and settled after
    source: str  # of the recipe: when it changes, the network is exported again
    channels: tuple[int, ...]  # of each input
    scales: tuple[int, ...]  # of each input: how many times as high and wide as the smallest
    sizes: tuple[tuple[int, int], tuple[int, int]]  # of the smallest input
    pick: Callable  # what the network returns -> the image in it, or a tuple of images
    quick: bool  # one of those that `make zoo-quick` runs

    def key(self):
        """Names what the two programs depend on."""
        versions = [metadata.version(package) for package in (*MAKERS, self.package)]
        recipe = (HERE / RECIPE).read_text(encoding="utf-8")
        facts = repr((self.source, self.channels, self.scales, self.sizes, versions, recipe))
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


ALL: dict[str, Architecture] = {}


def first_image(output):
    """The first image in a tensor, a dict or a (nested) sequence; most heads come first."""
    if hasattr(output, "ndim"):
        return output if output.ndim == 4 else None
    values = output.values() if hasattr(output, "values") else output
    images = (first_image(value) for value in values if value is not None)
    return next((image for image in images if image is not None), None)


def last_image(output):
    """The last one: networks that refine their result return the steps in order."""
    return first_image(output[-1])


def body(function):
    """Its source without what decorates it."""
    source = inspect.getsource(function)
    return source[source.index("def ") :]


def add(package, name, make, *, sizes=SMALL, channels=(3,), scales=None, pick=first_image, **more):
    """Puts one architecture into the table; `source` is what tells its recipe from others."""
    assert name not in ALL, name
    source = more.pop("source", None) or body(make)
    scales = scales or (1,) * len(channels)
    quick = more.pop("quick", False)
    assert not more, more
    source += pick.__name__ if pick in (first_image, last_image) else body(pick)
    ALL[name] = Architecture(name, package, make, source, channels, scales, sizes, pick, quick)


def architecture(package, name=None, **facts):
    """Decorates the function that makes a network; its name is the network's, with dashes."""

    def put(make):
        add(package, name or make.__name__.replace("_", "-"), make, **facts)
        return make

    return put


def load():
    """All architectures, in the order of their files' names."""
    if not ALL:
        sys.modules.setdefault("catalogue", sys.modules[__name__])
        for path in sorted((HERE / "architectures").glob("*.py")):
            if path.stem != "__init__":
                importlib.import_module(f"architectures.{path.stem}")
    return ALL
