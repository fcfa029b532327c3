"""Photographs, those to train on and those held out, and the damage that networks learn to undo.

For the networks that find cells: crops of made images (cells.py).

The photographs come with Debian's package mate-backgrounds and inside the scikit-image wheel.
Nothing is downloaded. Images are uint8 arrays [height, width, 3]. The damaged image is rounded to 8
bits too, as a file would hold it.
"""

import dataclasses
import importlib.util
import math
import pathlib
from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

from cells import draw_exposures, make_scene, photograph

MATE = pathlib.Path("/usr/share/backgrounds/mate")
SCIKIT_IMAGE = pathlib.Path(importlib.util.find_spec("skimage").origin).parent / "data"

# Never trained on. The motorcycle's left and right view are one scene, so both are on the other
# side of the split.
HELD_OUT = (
    MATE / "abstract" / "Elephants.jpg",
    MATE / "nature" / "Dune.jpg",
    MATE / "nature" / "LadyBird.jpg",
    SCIKIT_IMAGE / "chelsea.png",
    SCIKIT_IMAGE / "coffee.png",
    SCIKIT_IMAGE / "rocket.jpg",
)

TRAINING = tuple(
    [
        MATE / "nature" / f"{name}.jpg"
        for name in [
            "Aqua",
            "Blinds",
            "FreshFlower",
            "Garden",
            "GreenMeadow",
            "RainDrops",
            "Storm",
            "TwoWings",
            "Wood",
            "YellowFlower",
        ]
    ]
    + [
        SCIKIT_IMAGE / name
        for name in [
            "astronaut.png",
            "brick.png",
            "camera.png",
            "coins.png",
            "grass.png",
            "gravel.png",
            "hubble_deep_field.jpg",
            "ihc.png",
            "moon.png",
            "motorcycle_left.png",
            "motorcycle_right.png",
            "page.png",
            "retina.jpg",
        ]
    ]
)

LONGEST_SIDE_PX = (
    1024  # larger photographs are reduced, which also removes most of their JPEG damage
)
SIDE_MULTIPLE_PX = 8  # the U-Net halves its input three times


def load_photo(path: pathlib.Path) -> np.ndarray:
    """Reads a photograph, box-reduced by the smallest whole factor that fits LONGEST_SIDE_PX.

    Its sides are multiples of 8.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: install Debian's mate-backgrounds and scikit-image (requirements.txt)"
        )
    with Image.open(path) as file:
        image = file.convert("RGB")
    image = image.reduce(math.ceil(max(image.size) / LONGEST_SIDE_PX))
    width, height = (side - side % SIDE_MULTIPLE_PX for side in image.size)
    return np.asarray(image)[:height, :width]


def halve(photo: np.ndarray) -> np.ndarray:
    """Half the size by Pillow's antialiased bicubic filter."""
    height, width, _ = photo.shape
    return np.asarray(
        Image.fromarray(photo).resize((width // 2, height // 2), Image.Resampling.BICUBIC)
    )


BLUR_SIGMA_PX = 2.0


def blur(photo: np.ndarray) -> np.ndarray:
    """Gaussian blur; as float32, so that the noise that follows is added before any rounding."""
    return ndimage.gaussian_filter(
        photo.astype(np.float32), (BLUR_SIGMA_PX, BLUR_SIGMA_PX, 0), mode="reflect"
    )


@dataclasses.dataclass(frozen=True)
class Damage:
    """What happens to a photograph: first `soften` to all of it, then noise to each value."""

    soften: Callable[[np.ndarray], np.ndarray]
    noise_sigma: float  # of 255
    training_noise_sigma: tuple[float, float]  # the range that training draws from
    scale: int  # pixels of the photograph for each pixel of the damaged image, along one axis


DAMAGES = {
    "denoise": Damage(
        lambda photo: photo, noise_sigma=25.0, training_noise_sigma=(20.0, 30.0), scale=1
    ),
    "upscale2x": Damage(halve, noise_sigma=0.0, training_noise_sigma=(0.0, 0.0), scale=2),
    "unet": Damage(blur, noise_sigma=2.0, training_noise_sigma=(1.0, 3.0), scale=1),
}


def add_noise(image: np.ndarray, sigma: float, random: np.random.Generator) -> np.ndarray:
    """Adds noise, then clips and rounds to 8 bits, as a camera's file would."""
    noisy = image + sigma * random.standard_normal(image.shape, dtype=np.float32)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def damaged(name: str, photo: np.ndarray, seed: int) -> np.ndarray:
    """The input that the network `name` is measured on."""
    damage = DAMAGES[name]
    return add_noise(damage.soften(photo), damage.noise_sigma, np.random.default_rng(seed))


class Patches:
    """Draws batches of (damaged, photograph) patches from the training photographs."""

    def __init__(self, name: str, patch_px: int, random: np.random.Generator):
        self.damage = DAMAGES[name]
        self.patch_px = patch_px  # side of the damaged patch
        self.random = random
        photos = [load_photo(path) for path in TRAINING]
        self.pairs = [(self.damage.soften(photo), photo) for photo in photos]

    def batch(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Two float32 arrays [count, 3, height, width] with values in [0, 1]."""
        damaged_patches, photo_patches = zip(*(self.patch() for _ in range(count)), strict=True)
        return as_network_input(damaged_patches), as_network_input(photo_patches)

    def patch(self) -> tuple[np.ndarray, np.ndarray]:
        softened, photo = self.pairs[self.random.integers(len(self.pairs))]
        y, x = (self.random.integers(side - self.patch_px + 1) for side in softened.shape[:2])
        softened, photo = (
            cut(softened, y, x, self.patch_px),
            cut(photo, y, x, self.patch_px, self.damage.scale),
        )
        noisy = add_noise(
            softened, self.random.uniform(*self.damage.training_noise_sigma), self.random
        )
        orientation, channels = self.random.integers(8), self.random.permutation(3)
        return turn(orientation, noisy[..., channels], photo[..., channels])


class CellCrops:
    """Draws batches of (image, classes) crops, several of each scene under one exposure."""

    SCENES, SCENE_PX = 40, 768

    def __init__(self, crop_px: int, crops: int, random: np.random.Generator):
        self.crop_px = crop_px
        self.crops = crops  # of a scene, one after the other in a batch
        self.random = random
        self.scenes = [make_scene(self.SCENE_PX, self.SCENE_PX, random) for _ in range(self.SCENES)]

    def batch(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Two float32 arrays [count, 3, height, width]: images in [0, 1], and 1 for the class."""
        images, classes = [], []
        for _ in range(count // self.crops):
            scene = self.scenes[self.random.integers(self.SCENES)]
            exposures = draw_exposures(self.random)
            for _ in range(self.crops):
                y, x = self.random.integers(self.SCENE_PX - self.crop_px + 1, size=2)
                light, kinds = turn(
                    self.random.integers(8),
                    cut(scene.light, y, x, self.crop_px),
                    cut(scene.classes, y, x, self.crop_px),
                )
                images.append(photograph(light, exposures, self.random))
                classes.append(kinds)
        return as_network_input(images), as_targets(classes)


def as_targets(classes) -> np.ndarray:
    """Classes [height, width] to one float32 array [count, 3, height, width], 1 for the class."""
    return np.stack([np.eye(3, dtype=np.float32)[kinds].transpose(2, 0, 1) for kinds in classes])


def cut(image: np.ndarray, y: int, x: int, side: int, scale: int = 1) -> np.ndarray:
    return image[y * scale : (y + side) * scale, x * scale : (x + side) * scale]


def turn(orientation: int, *images: np.ndarray) -> list[np.ndarray]:
    """Turns all images the same one of eight ways."""
    rotated = [np.rot90(image, orientation % 4) for image in images]
    return [image[:, ::-1] if orientation >= 4 else image for image in rotated]


def as_network_input(images) -> np.ndarray:
    """uint8 images [height, width, 3] to one float32 array [count, 3, height, width] in [0, 1]."""
    return np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2), dtype=np.float32) / 255


def as_image(output: np.ndarray) -> np.ndarray:
    """A network's output [1, 3, height, width] to a uint8 image [height, width, 3]."""
    return np.clip(np.rint(output[0].transpose(1, 2, 0) * 255), 0, 255).astype(np.uint8)
