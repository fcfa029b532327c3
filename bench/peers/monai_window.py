"""Contender: MONAI's sliding_window_inference over PyTorch on the CPU.

With blend=constant or gaussian. Windows overlap by twice the network's true reach.
"""

import torch
from monai.inferers import sliding_window_inference

import contender
import programs

WINDOWS_AT_ONCE = 1
TINY = 1e-6  # MONAI rounds the distance of windows down


def prepare(case):
    torch.set_num_threads(case.threads)
    network = programs.torch_network(case.network)
    overlap = 2 * case.reach / case.tile - TINY

    def step(image):
        with torch.inference_mode():
            result = sliding_window_inference(
                torch.from_numpy(image)[None],
                case.tile,
                WINDOWS_AT_ONCE,
                network,
                overlap=overlap,
                mode=case.blend,
            )
        return result[0].numpy()

    return step, f"windows of {case.tile}, overlap {2 * case.reach}, {case.blend}"


if __name__ == "__main__":
    contender.converse(prepare)
