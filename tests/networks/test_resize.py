"""`sectile build` against the real exporter: both must make programs that give the same bits.

The committed program of each network, brought to other sizes by the tool, runs beside a fresh
export at those sizes, on ExecuTorch's own runtime, with the same input; of an int8 network, which
is calibrated, one exported on the same processor instead of the committed one. Most of the time
goes into the fresh exports: -n 2 (pytest-xdist) halves it on two cores.
"""

import pathlib

import pytest
import torch
from executorch.runtime import Runtime, Verification

import export
from definition import Network
from image_statistics import STATISTICS
from networks import NETWORKS

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# name -> the step of the sizes it accepts
MODELS = {"denoise": 1, "upscale2x": 1, "unet": 8, "cells": 16}
DEMO = Network(None, channels=3)
SIZES = ((31, 47), (16, 64), (73, 36))  # height, width; rounded up to what a network accepts


def other_sizes(step, sizes=SIZES):
    """Sizes that a network accepts: three, smaller and larger than the export, of other shapes."""
    methods = ("first", "second", "third")
    return {
        m: tuple(-(-side // step) * step for side in size)
        for m, size in zip(methods, sizes, strict=False)
    }


def build_arguments(program, out, methods, source=None):
    options = [f"--method={name}={width}x{height}" for name, (height, width) in methods.items()]
    if source is not None:
        options.append(f"--from={source}")
    return ["build", program, "-o", out, *options]


def image(shape, channels_last=False, precision="float32"):
    generator = torch.Generator().manual_seed(shape[2] * 1000 + shape[3])
    x = torch.randn(shape, generator=generator)
    x = x.half() if precision == "float16" else x
    return x.to(memory_format=torch.channels_last) if channels_last else x


def run(path, method, inputs):
    """The outputs."""
    program = Runtime.get().load_program(path, verification=Verification.InternalConsistency)
    return [y.clone() for y in program.load_method(method).execute(inputs)]


def differing(a, b):
    """How many values differ in a bit; shapes and layouts must agree."""
    assert a.shape == b.shape and a.stride() == b.stride() and a.dtype == b.dtype
    bits = torch.int16 if a.dtype == torch.float16 else torch.int32
    return int((a.view(bits) != b.view(bits)).sum())


def compare(built, fresh, methods, network, output=slice(None)):
    for method, size in methods.items():
        shapes = network.input_shapes(*size)
        x = [
            image(shape, network.channels_last, network.precision) + i
            for i, shape in enumerate(shapes)
        ]
        expected = run(fresh, method, x)[output]
        found = run(built, method, x)
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            assert b.std() > 0, f"{method} at {size} gives one value everywhere: nothing is tested"
            assert differing(a, b) == 0, f"{method} at {size}"


@pytest.mark.parametrize("name", NETWORKS)
def test_built_sizes_give_the_bits_of_fresh_exports(name, all_sizes, sectile, tmp_path):
    network = NETWORKS[name]
    # Exports take long: the networks take turns at the sizes. `make soak` has each at all three.
    turn = list(NETWORKS).index(name) % len(SIZES)
    if network.precision != "float32" and turn != 0 and not all_sizes:
        pytest.skip("of float16 and int8 one network in three; `make soak` has all")
    if name in STATISTICS and not all_sizes:
        pytest.skip("test_statistics.py has fresh exports of these; `make soak` has all")
    methods = other_sizes(network.step, SIZES if all_sizes else SIZES[turn : turn + 1])
    source = next(iter(network.methods)) if network.methods else None
    program = export.PROGRAMS / f"{name}.pte"
    fresh = dict(methods)
    if network.is_calibrated():  # with scales that differ from processor to processor
        program, source = tmp_path / "fresh.pte", "forward"
        fresh["forward"] = network.size
    export.export_methods(name, fresh, tmp_path / "fresh.pte")
    for output in range(network.output_sizes):
        several = network.output_sizes > 1
        source = f"forward.{output}" if several else source
        sectile(*build_arguments(program, tmp_path / f"built{output}.pte", methods, source))
        compare(
            tmp_path / f"built{output}.pte",
            tmp_path / "fresh.pte",
            methods,
            network,
            slice(output, output + 1) if several else slice(None),
        )


OLDER = [(version, name) for version, names in export.OLDER.items() for name in names]


@pytest.mark.parametrize("version, name", OLDER)
def test_programs_of_older_exporters_give_the_bits_of_fresh_exports(
    version, name, sectile, tmp_path
):
    methods = other_sizes(NETWORKS[name].step)
    program = export.PROGRAMS / f"{export.older_program(version, name)}.pte"
    sectile(*build_arguments(program, tmp_path / "built.pte", methods))
    export.export_methods(name, methods, tmp_path / "fresh.pte")
    compare(tmp_path / "built.pte", tmp_path / "fresh.pte", methods, NETWORKS[name])


@pytest.mark.parametrize("name", MODELS)
def test_built_models_give_the_bits_of_fresh_exports(name, models, sectile, tmp_path):
    methods = other_sizes(MODELS[name])
    program = REPOSITORY / "models" / f"{name}.pte"
    sectile(*build_arguments(program, tmp_path / "built.pte", methods))
    export.export_module(models(name), methods, tmp_path / "fresh.pte")
    compare(tmp_path / "built.pte", tmp_path / "fresh.pte", methods, DEMO)


def test_the_default_method_keeps_its_name_and_bits(sectile, tmp_path):
    methods = {"forward": (40, 56)}
    sectile(*build_arguments(export.PROGRAMS / "unet2.pte", tmp_path / "built.pte", methods))
    export.export_network("unet2", 40, 56, tmp_path / "fresh.pte")
    compare(tmp_path / "built.pte", tmp_path / "fresh.pte", methods, NETWORKS["unet2"])


def test_two_methods_share_their_weights(sectile, tmp_path):
    program = REPOSITORY / "models/unet.pte"
    both = {"full": (64, 96), "tile": (48, 48)}
    one = {"tile": (48, 48)}
    sectile(*build_arguments(program, tmp_path / "both.pte", both))
    sectile(*build_arguments(program, tmp_path / "one.pte", one))
    weights = weight_bytes(REPOSITORY / "models/weights/unet.pt")
    growth = (tmp_path / "both.pte").stat().st_size - (tmp_path / "one.pte").stat().st_size
    assert growth < weights / 4, f"a second method adds {growth} bytes to {weights} of weights"
    names = Runtime.get().load_program(tmp_path / "both.pte").method_names
    assert set(names) == set(both)


def weight_bytes(path):
    return sum(x.nbytes for x in torch.load(path, weights_only=True).values())


@pytest.mark.parametrize(
    "name", ["conv3x3", "concat3_positive", "pixel_shuffle2", "export_methods"]
)
def test_exports_are_reproducible(name, tmp_path):
    for path in (tmp_path / "one.pte", tmp_path / "two.pte"):
        export.export_methods(name, export.default_methods(name), path)
    assert (tmp_path / "one.pte").read_bytes() == (tmp_path / "two.pte").read_bytes()
    committed = (export.PROGRAMS / f"{name}.pte").read_bytes()
    assert (tmp_path / "one.pte").read_bytes() == committed, "run tests/networks/export.py"
