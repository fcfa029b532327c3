"""Made images of cells under a fluorescence microscope, with the class of every pixel.

Red is tissue, green the marker's stain, blue the stain of nuclei. A cell that has the marker takes
about twice as much green stain as one that has not. Each image has exposures of its own, a channel
up to four times that of another image, so no single cell says how bright "twice" is. Cells of one
kind keep together in regions, so its neighbours seldom say it either. The image as a whole does.

Needs numpy and Pillow only: the demo uses it too.
"""

import dataclasses

import numpy as np
from PIL import Image

BACKGROUND, WITHOUT_MARKER, WITH_MARKER = range(3)

SPACING_PX = 21  # between the middles of neighbouring cells, about
REGION_PX = 300  # size of a region with cells of one kind
STAMP_PX = 33  # side of the square that a cell is painted in
MARKER = 1.9  # green light of a cell with the marker; without it 1
SPREAD = 0.13  # how cells of one kind differ, as the deviation of the light's logarithm
EXPOSURES = (0.12, 0.48)  # the range that each channel's exposure is drawn from
READ_NOISE, SHOT_NOISE = 0.008, 0.0015  # a deviation, and a variance for each unit of signal


@dataclasses.dataclass(frozen=True)
class Scene:
    light: np.ndarray  # float32 [height, width, 3], before exposure and noise
    classes: np.ndarray  # uint8 [height, width]


def make_scene(height: int, width: int, random: np.random.Generator) -> Scene:
    """Paints tissue, then cell after cell over it."""
    light = tissue(height, width, random)
    classes = np.full((height, width), BACKGROUND, np.uint8)
    margin = STAMP_PX // 2 + 1
    light = np.pad(light, ((margin, margin), (margin, margin), (0, 0)))
    classes = np.pad(classes, margin)
    ys, xs = cell_positions(height, width, random)
    share = random.uniform(0.3, 0.7)  # of cells that have the marker
    regions = smooth(height, width, REGION_PX, random) + np.log(share / (1 - share)) / 4
    marked = random.random(len(ys)) < 1 / (1 + np.exp(-6 * regions[ys, xs]))
    for y, x, has_marker in zip(ys, xs, marked, strict=True):
        stamp = np.s_[y + 1 : y + 1 + STAMP_PX, x + 1 : x + 1 + STAMP_PX]
        body = paint_cell(light[stamp], has_marker, random)
        classes[stamp][body] = WITH_MARKER if has_marker else WITHOUT_MARKER
    inner = np.s_[margin:-margin, margin:-margin]
    shade = 1 + 0.1 * smooth(height, width, 2 * REGION_PX, random)
    return Scene(light[inner] * np.clip(shade, 0.7, 1.3)[..., None], classes[inner].copy())


def smooth(height: int, width: int, scale_px: int, random: np.random.Generator) -> np.ndarray:
    """A random field of mean 0 and deviation 1, about, that changes over `scale_px` pixels."""
    grid = random.standard_normal((height // scale_px + 4, width // scale_px + 4), np.float32)
    size = grid.shape[1] * scale_px, grid.shape[0] * scale_px
    field = np.asarray(Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC))
    y, x = random.integers(scale_px, 2 * scale_px, 2)
    return 1.3 * field[y : y + height, x : x + width]


def tissue(height: int, width: int, random: np.random.Generator) -> np.ndarray:
    """What lies between the cells: light in all channels, more here and less there."""
    haze = [np.exp(0.4 * smooth(height, width, 110, random)) for _ in range(3)]
    fibres = np.exp(0.4 * smooth(height, width, 9, random))
    return np.stack([0.4 * haze[0] * fibres, 0.35 * haze[1], 0.2 * haze[2]], axis=2)


def cell_positions(height: int, width: int, random: np.random.Generator):
    """Rows and columns of the cells' middles: a shaken grid, with holes."""
    ys, xs = np.mgrid[0 : height + SPACING_PX : SPACING_PX, 0 : width + SPACING_PX : SPACING_PX]
    xs = xs + (ys // SPACING_PX % 2) * (SPACING_PX // 2)
    shake = random.uniform(-0.3, 0.3, (2, *ys.shape)) * SPACING_PX
    ys, xs = (ys + shake[0]).astype(int), (xs + shake[1]).astype(int)
    inside = (ys >= 0) & (xs >= 0) & (ys < height) & (xs < width)
    ys, xs = ys[inside], xs[inside]
    crowded = smooth(height, width, 150, random)[ys, xs] > random.uniform(-2.5, 0.5, len(ys))
    return ys[crowded], xs[crowded]


OFFSETS = np.mgrid[:STAMP_PX, :STAMP_PX].astype(np.float32) - STAMP_PX // 2


def paint_cell(stamp: np.ndarray, has_marker: bool, random: np.random.Generator) -> np.ndarray:
    """Paints one cell in the middle of `stamp`; returns where its body covers it."""
    angle = random.uniform(0, np.pi)
    radius, aspect = random.normal(9.5, 0.9), random.uniform(0.8, 1.0)
    along = np.cos(angle) * OFFSETS[0] + np.sin(angle) * OFFSETS[1]
    across = np.cos(angle) * OFFSETS[1] - np.sin(angle) * OFFSETS[0]
    distance = np.sqrt(along**2 + (across / aspect) ** 2)
    body = np.clip((radius - distance) / 2 + 0.5, 0, 1)[..., None]
    nucleus = np.clip((0.62 * radius - distance) / 2 + 0.5, 0, 1)
    stain, dye = np.exp(SPREAD * random.standard_normal(2))
    colour = np.zeros_like(stamp)
    colour[..., 0] = 0.2
    colour[..., 1] = stain * (MARKER if has_marker else 1) * (1 - 0.3 * nucleus)
    colour[..., 1] += 0.5 * np.minimum(stamp[..., 1], 0.7)  # haze lies over cells too
    colour[..., 2] = 0.25 + 1.2 * dye * nucleus
    stamp += body * (colour - stamp)
    return body[..., 0] > 0.5


def draw_exposures(random: np.random.Generator) -> np.ndarray:
    return np.exp(random.uniform(*np.log(EXPOSURES), 3)).astype(np.float32)


def photograph(light: np.ndarray, exposures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What the microscope's camera makes of `light`: uint8 [height, width, 3]."""
    signal = light * exposures
    deviation = np.sqrt(READ_NOISE**2 + SHOT_NOISE * signal)
    noisy = signal + deviation * random.standard_normal(signal.shape, np.float32)
    return np.clip(np.rint(noisy * 255), 0, 255).astype(np.uint8)


def made_image(seed: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """An image as the microscope's file would hold it, and its classes."""
    random = np.random.default_rng(seed)
    scene = make_scene(height, width, random)
    return photograph(scene.light, draw_exposures(random), random), scene.classes


def classes_of(probabilities: np.ndarray) -> np.ndarray:
    """The likeliest class of each pixel, of a network's output [3, height, width]."""
    return probabilities.argmax(0).astype(np.uint8)


def quality(found: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The classes' mean intersection over union, and F1 of the pixels of cells with the marker."""
    counts = np.bincount(3 * truth.ravel() + found.ravel(), minlength=9).reshape(3, 3)
    agree, either = np.diag(counts), counts.sum(0) + counts.sum(1)
    return (agree / (either - agree)).mean(), 2 * agree[WITH_MARKER] / either[WITH_MARKER]


def coloured(classes: np.ndarray) -> np.ndarray:
    """Classes as a picture [height, width, 3]."""
    return np.array([[16, 16, 24], [120, 120, 200], [120, 220, 80]], np.uint8)[classes]
