"""Runs the demo networks as the .pte programs that they become."""

import numpy as np
import torch
from executorch.runtime import Runtime

from data import as_network_input
from export import export_program, load_network


class ExportedNetwork:
    """Runs a network through ExecuTorch at any size: exports it once per size."""

    def __init__(self, name: str):
        self.network = load_network(name)
        self.methods = {}
        # A method reads from its program and the program's bytes, and keeps neither alive.
        self.owners = []

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """The output [1, channels, height, width] for a uint8 image [height, width, 3]."""
        method = self.method(*image.shape[:2])
        (output,) = method.execute([torch.from_numpy(as_network_input([image]))])
        return output.numpy()

    def method(self, height: int, width: int):
        if (height, width) not in self.methods:
            content = export_program(self.network, height, width).buffer
            program = Runtime.get().load_program(content)
            self.owners += [content, program]
            self.methods[height, width] = program.load_method("forward")
        return self.methods[height, width]
