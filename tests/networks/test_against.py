"""`sectile verify --against`: one network, exported at two sizes.

A number that stands for the exported size is the same in a program at every size that Sectile runs
it at, so only a second export shows it. Random networks of layers that follow the size, and of
others, must be refused or must give the bits of the second export as ExecuTorch runs it.
"""

import random

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import export
from definition import seed_weights
from layers import Do, chain, conv, conv_relu
from refused import bilinear_to
from windows import from_windows, to_windows

FIRST = (32, 48)
SECOND = (64, 80)


@pytest.fixture(scope="session")
def verify(tool):
    """Runs `sectile verify`; the exit code, and all that it wrote."""

    def run(*arguments):
        code, written, said = tool("verify", *arguments)
        return code, written + said

    return run


def export_at(module, size, path):
    export.export_module(module.eval(), {"forward": size}, path)
    return path


def export_twice(module, folder):
    return (
        export_at(module, FIRST, folder / "first.pte"),
        export_at(module, SECOND, folder / "second.pte"),
    )


def seeded(module, seed):
    seed_weights(module, f"against {seed}", positive=False)
    return module


# ---- layers that do the same at every size, and layers that do not


def pool_all(x):
    return x * bilinear_to(F.avg_pool2d(x, x.shape[2:]), x)


def pool_all_broadcast(x):
    return x * torch.sigmoid(F.avg_pool2d(x, x.shape[2:]))


def largest_of_all(x):
    return x - bilinear_to(F.max_pool2d(x, x.shape[2:]), x)


def pool_parts(parts):
    def pool(x):
        return x + bilinear_to(F.avg_pool2d(x, (x.shape[2] // parts, x.shape[3] // parts)), x)

    return pool


def pool_columns(x):
    return x + bilinear_to(F.avg_pool2d(x, (x.shape[2], 1)), x)


def lower_half(x):
    return x[:, :, x.shape[2] // 2 :]


def last_forty(x):
    return x[:, :, :, -40:]


def last_quarter(x):
    return x[:, :, :, 3 * x.shape[3] // 4 :]


def pad_half(x):
    return F.pad(x, (0, 0, x.shape[2] // 2, x.shape[2] // 2))


def share_of_pixels(x):
    return x * (1 / (x.shape[2] * x.shape[3]))


def windows(side, mix):
    def forward(x):
        cut = to_windows(x.permute(0, 2, 3, 1), side)
        mixed = mix(cut.view(cut.shape[0], side * side, -1)).view(cut.shape)
        return from_windows(mixed, x.shape[2:]).permute(0, 3, 1, 2)

    return forward


def tokens(mix):
    return lambda x: mix(x.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(x.shape)


def attend(x):
    return (0.3 * x @ x.transpose(-2, -1)).softmax(-1) @ x


def grid_attention(x):
    """Among the pixels that lie half of the image apart."""
    _, channels, height, width = x.shape
    x = x.view(1, channels, 2, height // 2, 2, width // 2).permute(0, 3, 5, 2, 4, 1)
    y = attend(x.reshape(-1, 4, channels)).view(x.shape)
    return y.permute(0, 5, 3, 1, 4, 2).reshape(1, channels, height, width)


def stack_rows(x):
    return torch.stack([x, 2 * x], dim=2).mean(2)


def simple_attention(x):
    """SimAM: the variance by hand, over one pixel less than there are."""
    square = (x - x.mean((2, 3), keepdim=True)) ** 2
    variance = square.sum((2, 3), keepdim=True) / (x.shape[2] * x.shape[3] - 1)
    return x * torch.sigmoid(square / (4 * (variance + 1e-4)) + 0.5)


def mean_by_hand(x):
    return x - x.sum((2, 3), keepdim=True) / (x.shape[2] * x.shape[3])


def root_mean_square(x):
    pixels = x.shape[2] * x.shape[3]
    return x / (x.norm(p=2, dim=(2, 3), keepdim=True) * pixels**-0.5 + 1e-3)


def mean_of_half(x):
    half = F.avg_pool2d(x, 2)
    return x - half.sum((2, 3), keepdim=True) / (half.shape[2] * half.shape[3])


def pool_to_sixteen(x):
    return x + bilinear_to(F.adaptive_avg_pool2d(x, 16), x)


def halves(x):
    _, channels, height, width = x.shape
    parts = x.reshape(1, channels, 2, height // 2, width)
    return (parts[:, :, 0] + parts[:, :, 1]).reshape(1, channels, height // 2, width)


def swap_halves(x):
    _, channels, height, width = x.shape
    parts = x.view(1, channels, 2, height // 2, width).transpose(1, 2)
    return parts.reshape(1, 2 * channels, height // 2, width)[:, :channels]


FOLLOW_THE_SIZE = {
    "largest_of_all": largest_of_all,
    "pool_halves": pool_parts(2),
    "pool_quarters": pool_parts(4),
    "pool_columns": pool_columns,
    "lower_half": lower_half,
    "last_forty": last_forty,
    "last_quarter": last_quarter,
    "pad_half": pad_half,
    "share_of_pixels": share_of_pixels,
    "simple_attention": simple_attention,
    "mean_by_hand": mean_by_hand,
    "root_mean_square": root_mean_square,
    "mean_of_half": mean_of_half,
    "halves": halves,
    "swap_halves": swap_halves,
    "grid_attention": grid_attention,
    "pool_to_sixteen": pool_to_sixteen,
    "attention": tokens(attend),
    "tokens_shifted": tokens(lambda x: x.roll(1, 1)),
    "tokens_added_up": tokens(lambda x: x.cumsum(1)),
    "token_halves": tokens(lambda x: x.view(1, 2, -1, 6).flip(1).reshape(x.shape)),
}

LOCAL = {
    "conv": lambda: conv_relu(6, 6),
    "dilated": lambda: conv(6, 6, dilation=2),
    "pool": lambda: chain(nn.MaxPool2d(2), nn.Upsample(scale_factor=2)),
    "average": lambda: nn.AvgPool2d(2),
    "elu": nn.ELU,
    "softmax": lambda: chain(lambda x: x.softmax(1)),
    "norm": lambda: chain(lambda x: F.normalize(x, dim=1)),
    "mean": lambda: chain(lambda x: x - x.mean(1, keepdim=True)),
    "where": lambda: chain(lambda x: torch.where(x > 0, x, 0.2 * x)),
    "reflect": lambda: nn.Conv2d(6, 6, 3, padding=1, padding_mode="reflect"),
    "flip": lambda: chain(lambda x: x.flip(1)),
    "double": lambda: chain(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    "triple": lambda: chain(lambda x: F.interpolate(x, scale_factor=3, mode="bilinear")),
    "aligned": lambda: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
    "half": lambda: chain(lambda x: F.interpolate(x, scale_factor=0.5, mode="bilinear")),
    "windows": lambda: chain(windows(4, attend)),
    "windows_turned": lambda: chain(windows(2, lambda x: x.roll(1, 1) - x.amax(1, keepdim=True))),
    "tokens": lambda: chain(tokens(lambda x: F.layer_norm(x, (6,)).relu())),
    "stack": lambda: chain(stack_rows),
    "skip": lambda: Do(lambda a, x: x + a(x), conv(6, 6, 5)),
}


def random_network(seed):
    """Some local layers; in every second network one that follows the size."""
    chooser = random.Random(seed)
    names = [chooser.choice(list(LOCAL)) for _ in range(chooser.randint(1, 4))]
    layers = [LOCAL[name]() for name in names]
    if seed % 2 == 0:
        name = chooser.choice(list(FOLLOW_THE_SIZE))
        names.append(name)
        layers.insert(chooser.randint(0, len(layers)), Do(FOLLOW_THE_SIZE[name]))
    return seeded(chain(conv(3, 6), *layers, conv(6, 2)), seed), names


@pytest.mark.parametrize("seed", range(16))
def test_random_networks_are_refused_or_equal_at_another_size(seed, verify, tmp_path):
    module, names = random_network(seed)
    first, second = export_twice(module, tmp_path)
    code, text = verify(first, "--against", second, "--tile", "40", "--threads", "2")
    follows = any(name in FOLLOW_THE_SIZE for name in names)
    assert code == (1 if follows else 0), f"{names}: {text}"


@pytest.mark.parametrize("name", FOLLOW_THE_SIZE)
def test_layers_that_follow_the_size_are_refused_and_would_differ(name, verify, tmp_path):
    module = seeded(chain(conv(3, 6), Do(FOLLOW_THE_SIZE[name]), conv(6, 2)), name)
    first, second = export_twice(module, tmp_path)
    code, text = verify(first, "--against", second)
    assert code == 1, text
    assert "node" in text
    # Taken for fixed they are other networks: of another size, or with other values.
    code, text = verify(first, "--against", second, "--fixed-sizes")
    assert code in (1, 3), text


@pytest.mark.parametrize("pool", [pool_all, pool_all_broadcast])
def test_an_average_pool_over_all_of_the_image_follows_it(pool, verify, tmp_path):
    first, second = export_twice(seeded(chain(conv(3, 6), pool, conv(6, 2)), 0), tmp_path)
    code, text = verify(first, "--against", second)
    assert code == 0, text
    assert text.startswith("0 of ")
    assert verify(first, "--against", second, "--fixed-sizes")[0] in (1, 3)


def test_a_fixed_size_can_be_said_to_be_one(verify, tmp_path):
    module = seeded(chain(conv(3, 6), nn.AvgPool2d(16, 16), conv(6, 2)), 0)
    first, second = export_twice(module, tmp_path)
    assert verify(first, "--against", second)[0] == 1
    code, text = verify(first, "--against", second, "--fixed-sizes")
    assert code == 0, text
    assert text.startswith("0 of ")


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("window, without_rest", [((2, 2), 48), ((3, 2, 1), 49), ((3, 3), 48)])
def test_rows_that_a_pool_may_leave_out(window, without_rest, ceil_mode, verify, tmp_path):
    """Of so many rows the windows leave none, and of one more they leave one."""

    def export_pool(side, name):
        module = chain(conv_relu(3, 4), nn.MaxPool2d(*window, ceil_mode=ceil_mode), conv(4, 2))
        return export_at(seeded(module, 0), (side, side), tmp_path / name)

    with_rest = without_rest + 1
    silent = export_pool(without_rest, "silent.pte")
    telling = export_pool(with_rest, "telling.pte")
    code, text = verify(telling, "--against", silent)
    assert code == 0, text
    code, text = verify(silent, "--against", telling)
    assert code == 1
    assert "its windows leave 1 of" in text
    assert f"export the program at {with_rest}x{with_rest}" in text
    code, text = verify(silent, "--against", telling, "--fixed-sizes")
    assert code == (1 if ceil_mode else 0), text


def crop_to_fit(down, up, x):
    return up(down(x))[:, :, : x.shape[2], : x.shape[3]] + x


def pad_and_crop(down, up, x):
    rows, columns = -x.shape[2] % 8, -x.shape[3] % 8
    padded = F.pad(x, (0, columns, 0, rows))
    return up(down(padded))[:, :, : x.shape[2], : x.shape[3]]


@pytest.mark.parametrize(
    "forward, why", [(crop_to_fit, "does not accept"), (pad_and_crop, "as it was exported, and")]
)
def test_rows_dropped_to_fit_another_image(forward, why, verify, tmp_path):
    module = seeded(
        Do(forward, conv(3, 4, stride=2), nn.ConvTranspose2d(4, 3, 2, stride=2)), forward.__name__
    )
    sizes = {"first": (45, 61), "whole_steps_more": (61, 77), "fits": (48, 64), "other": (46, 61)}
    programs = {key: export_at(module, size, tmp_path / key) for key, size in sizes.items()}
    code, text = verify(programs["first"], "--against", programs["whole_steps_more"])
    assert code == 0, text
    for other in ("fits", "other"):
        code, text = verify(programs["first"], "--against", programs[other])
        assert code == 1
        assert why in text


def pad_for_stride(conv_of_stride_2, x):
    """As "same" padding: so that a 3x3 window every 2 rows makes half of them, rounded up."""
    rows, columns = (2 if side % 2 else 1 for side in x.shape[2:])
    return conv_of_stride_2(F.pad(x, (columns // 2, 1, rows // 2, 1)))


def mirror_to_a_multiple(down, up, x):
    rows, columns = -x.shape[2] % 2, -x.shape[3] % 2
    return up(down(F.pad(x, (0, columns, 0, rows), mode="reflect")))


@pytest.mark.parametrize("forward", [pad_for_stride, mirror_to_a_multiple])
def test_rows_padded_to_fit(forward, verify, tmp_path):
    layers = [conv(3, 4, stride=2, padding=0 if forward is pad_for_stride else 1)]
    if forward is mirror_to_a_multiple:
        layers.append(nn.ConvTranspose2d(4, 3, 2, stride=2))
    module = seeded(Do(forward, *layers), forward.__name__)
    first = (44, 60) if forward is pad_for_stride else (45, 61)
    sizes = {"first": first, "more": (first[0] + 16, first[1] + 2), "other": (50, 63)}
    programs = {key: export_at(module, size, tmp_path / key) for key, size in sizes.items()}
    code, text = verify(programs["first"], "--against", programs["more"])
    assert code == 0, text
    code, text = verify(programs["first"], "--against", programs["other"])
    assert code == 1
    assert "it pads" in text


def strided_twice(x_to_y):
    """Two convolutions with stride 2, then a resize of what they make of x."""
    return Do(
        lambda body, head, x: x_to_y(head(body(x)), x),
        chain(conv(3, 4, stride=2), nn.ReLU(), conv(4, 4, stride=2), nn.ReLU()),
        conv(4, 2, 1),
    )


def to_image(mode):
    return lambda y, x: F.interpolate(y, size=x.shape[2:], mode=mode)


def by_four(mode):
    return lambda y, x: F.interpolate(y, scale_factor=4, mode=mode)


@pytest.mark.parametrize("forward", [to_image, by_four])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_a_resize_to_the_size_of_the_image_or_by_a_factor(forward, mode, verify, tmp_path):
    module = seeded(strided_twice(forward(mode)), mode)
    exports = {
        side: export_at(module, (side, 48), tmp_path / f"{side}.pte") for side in (48, 64, 66)
    }
    code, text = verify(exports[48], "--against", exports[64])
    assert code == 0 and "0 of" in text, text
    # Of 66 rows the convolutions make 17, and four times as many are 68.
    code, text = verify(exports[48], "--against", exports[66])
    if forward is by_four and mode == "nearest":  # the one call that says which it is
        assert code == 0 and "0 of" in text, text
    else:
        assert code == 1, text
        assert "as many as the image had" in text and "pad the image to 48x68" in text
        code, text = verify(exports[48], "--against", exports[66], "--fixed-sizes")
        assert (code == 0) == (forward is by_four), text


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_a_resize_that_leaves_a_part_of_a_row(mode, verify, tmp_path):
    def halve(x):
        return F.interpolate(x, scale_factor=0.5, mode=mode)

    module = seeded(chain(conv(3, 4), halve, conv(4, 2)), mode)
    exports = {
        side: export_at(module, (side, 48), tmp_path / f"{side}.pte") for side in (48, 45, 90)
    }
    code, text = verify(exports[48], "--against", exports[45])
    assert code == 1 and "no whole number of rows of 45" in text, text
    code, text = verify(exports[48], "--against", exports[90])
    assert code == 0 and "0 of" in text, text
    # Exported with a rest: 22 of 45 rows, so by 1/2 or by 22/45.
    for side in (45, 90):
        code, text = verify(exports[45], "--against", exports[side])
        if mode == "nearest":
            assert code == 1 and "45 rows or columns to 22 by the factor 0.5" in text, text
        elif side == 45:
            assert code == 0 and "0 of" in text, text
        else:
            assert code == 1 and "by 22/45 exactly, or by 1/2 and rounded" in text, text


@pytest.mark.parametrize("size", [(33, 48), (32, 49)])
def test_averages_in_ceil_mode_are_not_mirrored_to_another_size(size, verify, tmp_path):
    module = seeded(chain(conv(3, 4), nn.AvgPool2d(2, ceil_mode=True), conv(4, 2)), 0)
    first = export_at(module, FIRST, tmp_path / "first.pte")
    code, text = verify(first, f"{size[1]}x{size[0]}")
    assert code == 1
    assert "ceil_mode" in text


def test_another_network_differs(verify, tmp_path):
    first = export_at(seeded(conv(3, 2), 1), FIRST, tmp_path / "first.pte")
    other = export_at(seeded(conv(3, 2), 2), SECOND, tmp_path / "other.pte")
    code, text = verify(first, "--against", other)
    assert code == 3, text


def test_what_cannot_be_compared_is_said(verify, tmp_path):
    first, second = export_twice(seeded(conv(3, 2), 1), tmp_path)
    code, text = verify(first, "50x40", "--against", second)
    assert code == 1
    assert "was exported for 80x64" in text
    code, text = verify(first, "--against", second, "--window", "0,0,8x8")
    assert code == 1
    assert "window" in text
    code, text = verify(first, "--against", tmp_path / "none.pte")
    assert code == 1
    assert "none.pte" in text
    blocks = seeded(chain(nn.PixelUnshuffle(4), conv(48, 16), nn.PixelShuffle(4)), 1)
    coarse = export_at(blocks, FIRST, tmp_path / "coarse.pte")
    odd = export_at(seeded(conv(3, 1), 1), (33, 50), tmp_path / "odd.pte")
    code, text = verify(coarse, "--against", odd)
    assert code == 1
    assert "export the other program at a size like that" in text
