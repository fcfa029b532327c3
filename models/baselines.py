"""What one would do without a network, for evaluate.py to compare with.

A baseline with a setting yields one result per setting, and evaluate.py keeps the one nearest to
the original photograph. A user has no original and could not do as well: the comparison leans
towards the baselines.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image
from skimage import filters, restoration

from data import BLUR_SIGMA_PX, DAMAGES


def to_bytes(image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image * 255), 0, 255).astype(np.uint8)


def untouched(image: np.ndarray) -> Iterator[np.ndarray]:
    yield image


def bicubic(image: np.ndarray) -> Iterator[np.ndarray]:
    height, width, _ = image.shape
    yield np.asarray(
        Image.fromarray(image).resize((2 * width, 2 * height), Image.Resampling.BICUBIC)
    )


def non_local_means(image: np.ndarray) -> Iterator[np.ndarray]:
    sigma = DAMAGES["denoise"].noise_sigma / 255
    for strength in (0.3, 0.4, 0.5, 0.6, 0.8):
        yield to_bytes(
            restoration.denoise_nl_means(
                image / np.float32(255),
                h=strength * sigma,
                sigma=sigma,
                patch_size=5,
                patch_distance=6,
                channel_axis=2,
            )
        )


def unsharp_mask(image: np.ndarray) -> Iterator[np.ndarray]:
    for amount in (0.5, 1.0, 1.5, 2.0, 3.0):
        yield to_bytes(
            filters.unsharp_mask(image / 255, radius=BLUR_SIGMA_PX, amount=amount, channel_axis=2)
        )


def wiener(image: np.ndarray) -> Iterator[np.ndarray]:
    """Wiener filter that knows the blur exactly.

    The image is continued by reflection, so that edges do not ring.
    """
    margin = 32
    padded = np.pad(image / 255, ((margin, margin), (margin, margin), (0, 0)), mode="symmetric")
    spectrum = np.fft.rfft2(padded, axes=(0, 1))
    transfer = blur_transfer(*padded.shape[:2])[..., None]
    for noise_to_signal in (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1):
        restored = spectrum * transfer / (transfer**2 + noise_to_signal)
        restored = np.fft.irfft2(restored, s=padded.shape[:2], axes=(0, 1))
        yield to_bytes(restored[margin:-margin, margin:-margin])


def blur_transfer(height: int, width: int) -> np.ndarray:
    squared = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width)[None, :] ** 2
    return np.exp(-2 * (np.pi * BLUR_SIGMA_PX) ** 2 * squared)


BASELINES = {
    "denoise": {"noisy input": untouched, "non-local means": non_local_means},
    "upscale2x": {"bicubic": bicubic},
    "unet": {"blurred input": untouched, "unsharp mask": unsharp_mask, "Wiener": wiener},
}
