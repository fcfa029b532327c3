"""Copies programs of the zoo to tests/networks/zoo, where the tests run them.

    python bench/zoo/keep.py

Each is an architecture of a public package, small and with random weights, at two sizes. They are
exported by `make zoo` before. Nothing of the packages is copied: the programs are what ExecuTorch
makes of the networks.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPORTED = ROOT / "build" / "zoo"
KEPT = ROOT / "tests" / "networks" / "zoo"

# Bicubic resizing, pixel shuffles, transposed convolutions, kernels between delegates.
NAMES = ["srcnn", "swift-srgan", "drn", "teed", "pan-sr", "torchgeo-fcn"]


def main():
    for name in NAMES:
        newest = max(
            (EXPORTED / name).glob("*/a.pte"), default=None, key=lambda p: p.stat().st_mtime
        )
        if newest is None:
            return f"{name} is not in {EXPORTED}: run `make zoo` first"
        shutil.copyfile(newest, KEPT / f"{name}.pte")
        shutil.copyfile(newest.with_name("b.pte"), KEPT / f"{name}-other-size.pte")
    return 0


if __name__ == "__main__":
    sys.exit(main())
