"""Trains one demo network on CPU and writes its weights: 4 to 20 minutes of one core.

    python models/train.py NAME        NAME: any of networks.py's NETWORKS

Writes models/weights/NAME.pt. Seeds are fixed. Another processor or another PyTorch may still round
differently, so retrained weights are alike in quality, not bit for bit.
"""

import argparse
import dataclasses
import math
import pathlib
import time

import numpy as np
import torch
from torch.nn import functional

from data import CellCrops, Patches
from networks import NETWORKS, SqueezeExcite, count_parameters

WEIGHTS = pathlib.Path(__file__).parent / "weights"
SEED = 20240229


@dataclasses.dataclass(frozen=True)
class Recipe:
    patch_px: int
    batch: int
    steps: int
    peak_rate: float
    crops: int = 0  # of each image, where networks find cells

    def data(self, name: str, random: np.random.Generator):
        if self.crops:
            return CellCrops(self.patch_px, self.crops, random)
        return Patches(name, self.patch_px, random)

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if self.crops:
            return functional.binary_cross_entropy(outputs, targets)
        return functional.l1_loss(outputs, targets)


RECIPES = {
    "denoise": Recipe(patch_px=48, batch=16, steps=3000, peak_rate=1e-3),
    "upscale2x": Recipe(patch_px=32, batch=16, steps=6000, peak_rate=1e-3),
    "unet": Recipe(patch_px=96, batch=8, steps=2400, peak_rate=2e-3),
    "cells": Recipe(patch_px=128, batch=15, steps=1400, peak_rate=4e-3, crops=5),
    "cells_plain": Recipe(patch_px=128, batch=15, steps=1400, peak_rate=4e-3, crops=5),
}

WARM_UP = 0.03  # share of the steps in which the learning rate rises
STATISTICS_FROZEN_AFTER = (
    0.7  # from here on batch norm uses the averages that the exported network will use
)


def learning_rate(progress: float) -> float:
    """Share of the peak rate: a short rise, then half a cosine down to zero."""
    return min(progress / WARM_UP, 1.0) * 0.5 * (1 + math.cos(math.pi * progress))


def train(name: str, recipe: Recipe) -> torch.nn.Module:
    torch.manual_seed(SEED)
    patches = recipe.data(name, np.random.default_rng(SEED))
    network = NETWORKS[name]().to(memory_format=torch.channels_last)
    share_means(network, max(1, recipe.crops))
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.peak_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate((step + 1) / recipe.steps)
    )
    print(f"{name}: {count_parameters(network)} parameters, {recipe}", flush=True)
    started, losses = time.monotonic(), []
    for step in range(1, recipe.steps + 1):
        network.train(step <= STATISTICS_FROZEN_AFTER * recipe.steps)
        losses.append(train_step(network, optimizer, recipe.loss, *patches.batch(recipe.batch)))
        schedule.step()
        if step % max(1, recipe.steps // 20) == 0:
            print(
                f"step {step}: mean loss {np.mean(losses):.5f}, {time.monotonic() - started:.0f} s",
                flush=True,
            )
            losses.clear()
    share_means(network, 1)
    return network.eval()


def share_means(network: torch.nn.Module, crops: int) -> None:
    for module in network.modules():
        if isinstance(module, SqueezeExcite):
            module.crops = crops


def train_step(
    network: torch.nn.Module, optimizer: torch.optim.Optimizer, loss_of, inputs, targets
) -> float:
    inputs = torch.from_numpy(inputs).contiguous(memory_format=torch.channels_last)
    loss = loss_of(network(inputs), torch.from_numpy(targets))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def main() -> None:
    parser = argparse.ArgumentParser(description="Train one demo network.")
    parser.add_argument("name", choices=sorted(NETWORKS))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network = train(options.name, RECIPES[options.name]).to(memory_format=torch.contiguous_format)
    WEIGHTS.mkdir(exist_ok=True)
    torch.save(network.state_dict(), WEIGHTS / f"{options.name}.pt")


if __name__ == "__main__":
    main()
