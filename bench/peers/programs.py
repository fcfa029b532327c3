"""The networks as each contender needs them, made once in build/bench/programs.

    python bench/peers/programs.py NETWORK KIND OUT HEIGHT WIDTH

KIND is `whole` or `methods` (.pte), or `onnx`. `whole` is the plain default export at that size;
`methods` has `full` of 1024x1024 and `tile` of HEIGHT x WIDTH.
"""

import pathlib
import sys
import warnings

import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
FULL = (1024, 1024)


def torch_network(name):
    """The network as a PyTorch module, with the weights that the committed programs have."""
    if name == "four_conv":
        sys.path.insert(0, str(ROOT / "tests" / "networks"))
        from definition import seed_weights
        from networks import NETWORKS

        module = NETWORKS[name].make()
        seed_weights(module, name, positive=False)
    else:
        sys.path.insert(0, str(ROOT / "models"))
        from networks import NETWORKS

        module = NETWORKS[name]()
        module.load_state_dict(
            torch.load(ROOT / "models" / "weights" / f"{name}.pt", weights_only=True)
        )
    return module.eval().requires_grad_(False)


def example(name, size):
    return (torch.zeros(1, 1 if name == "four_conv" else 3, *size),)


def write_pte(name, methods, path):
    """`methods`: name -> (height, width)."""
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    network = torch_network(name)
    captured = {
        method: torch.export.export(network, example(name, size))
        for method, size in methods.items()
    }
    program = to_edge_transform_and_lower(
        captured, partitioner=[XnnpackPartitioner()]
    ).to_executorch()
    with path.open("wb") as file:
        program.write_to_file(file)


def write_onnx(name, size, path):
    torch.onnx.export(
        torch_network(name),
        example(name, size),
        path,
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def write(name, kind, path, size):
    unfinished = path.with_name("unfinished_" + path.name)
    if kind == "onnx":
        write_onnx(name, size, unfinished)
    else:
        write_pte(
            name, {"forward": size} if kind == "whole" else {"full": FULL, "tile": size}, unfinished
        )
    unfinished.rename(path)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    write(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), (int(sys.argv[4]), int(sys.argv[5])))
