"""--memory is a limit: what a run really held, against the limit and the prediction.

Each run is a process of its own. bench/memory_prediction.py and bench/memory_limit.py do the same
over far more networks, larger images and more limits.
"""

import json

import numpy
import pytest
from PIL import Image

import masked_files
from conftest import noise

MEBIBYTE = 1 << 20
PREDICTION = 0.10  # of the measured peak, above 64 MiB


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Names of noise images by height and width, each written once."""
    folder = tmp_path_factory.mktemp("pictures")

    def make(height, width, bands=3):
        path = folder / f"{width}x{height}x{bands}.tif"
        if not path.exists():
            Image.fromarray(noise(height, width, bands)).save(path)
        return path

    return make


def check(report):
    """The limit held, and the prediction was right.

    It is never below the peak by more than a limit leaves room for.
    """
    peak, predicted = report["peak_rss_bytes"], report["predicted_peak_bytes"]
    assert peak <= report["memory_limit_bytes"], report
    assert peak <= predicted * (1 + 1 / 64), report
    assert peak < 64 * MEBIBYTE or abs(predicted / peak - 1) < PREDICTION, report


def run(tool, network, source, out, *options):
    return json.loads(
        tool.ok("run", network, source, out, "--overwrite", "--report", "-", *options)
    )


@pytest.mark.parametrize(
    "options, threads",
    [("--mode whole", 3), ("--tile 200", 1), ("--tile 500", 3), ("--step 8", 3), ("--step 64", 1)],
)
@pytest.mark.parametrize("name", ["denoise", "unet", "upscale2x"])
def test_prediction(tool, models, pictures, tmp_path, name, options, threads):
    report = run(
        tool,
        models[name],
        pictures(700, 800),
        tmp_path / "out.tif",
        *options.split(),
        "--threads",
        threads,
    )
    check(report)


@pytest.mark.parametrize(
    "name",
    [
        "conv_7x7_s2",
        "conv_depthwise",
        "conv_depthwise_7x7",
        "int8_channels_conv_depthwise_7x7",
        "conv_depthwise_multiplier",
        "conv_dilated",
        "four_conv",
        "transposed_k3s2",
        "transposed_k4s2",
        "max_pool3s2",
        "avg_pool3s1",
        "bilinear_up2",
        "pixel_shuffle2",
        "gelu",
        "concat3",
        "inception",
        "feature_pyramid",
        "mobile",
        "residual",
        "reflect_depthwise",
        "mish",
        "layer_norm",
        "channel_norm",
        "convnext_unet",
    ],
)
def test_prediction_by_operator(tool, programs, pictures, tmp_path, name):
    program = programs[name]
    source = pictures(900, 1000, program["channels"]) if program["channels"] in (1, 3) else None
    if source is None:
        source = tmp_path / "in.tif"
        write_bands(source, 900, 1000, program["channels"])
    for mode in ("whole", "stream"):
        check(
            run(tool, program["path"], source, tmp_path / "out.tif", "--mode", mode, "--threads", 1)
        )


@pytest.mark.parametrize("keep", ["none", "memory", "file"])
@pytest.mark.parametrize("name", ["instance_norm_unet", "squeeze_excite_scales"])
def test_prediction_of_passes(tool, programs, tmp_path, name, keep):
    write_bands(tmp_path / "in.tif", 900, 1000, programs[name]["channels"])
    words = (programs[name]["path"], tmp_path / "in.tif", tmp_path / "out.tif")
    report = run(tool, *words, "--mode", "stream", "--threads", 2, "--keep", keep)
    assert len(report["passes"]) > 2
    assert report["keep"] == keep
    check(report)


def write_bands(path, height, width, bands, **options):
    import tifffile

    tifffile.imwrite(
        path,
        noise(height, width, bands),
        photometric="minisblack",
        planarconfig="contig",
        **options,
    )


@pytest.mark.parametrize(
    "options",
    [
        {"tile": (512, 512)},
        {"tile": (512, 512), "compression": "deflate"},
        {"rowsperstrip": 300, "compression": "deflate"},
    ],
    ids=str,
)
def test_large_blocks_of_the_input_are_counted(tool, programs, tmp_path, options):
    write_bands(tmp_path / "in.tif", 1024, 1024, 64, **options)
    words = (
        programs["channels_64"]["path"],
        tmp_path / "in.tif",
        tmp_path / "out.tif",
        "--step",
        "8",
        "--threads",
        1,
    )
    check(run(tool, *words, "--memory", "400M"))


def test_one_compressed_strip_is_counted(tool, models, tmp_path):
    """GDAL gives it row by row, and holds all of it."""
    write_bands(tmp_path / "in.tif", 3000, 3000, 3, rowsperstrip=3000, compression="deflate")
    check(
        run(
            tool,
            models["upscale2x"],
            tmp_path / "in.tif",
            tmp_path / "out.tif",
            "--step",
            "8",
            "--memory",
            "400M",
        )
    )


@pytest.mark.parametrize("size", [(300, 400), (1500, 2000)])
@pytest.mark.parametrize("driver", ["COG", "GIF", "JPEG", "JP2OpenJPEG", "WEBP"])
def test_what_encoders_hold_is_counted(tool, models, programs, pictures, tmp_path, driver, size):
    words = [models["denoise"], pictures(*size), tmp_path / "out", "--format", driver]
    if driver == "GIF":
        words[0] = programs["four_conv_positive"]["path"]
        words += ["--bands", "1"]
    report = run(tool, *words, "--memory", "400M", "--step", "16")
    # They begin when the workers are done, whose memory is free by then in part.
    predicted, peak = report["predicted_peak_bytes"], report["peak_rss_bytes"]
    assert peak <= report["memory_limit_bytes"]
    assert peak <= predicted * (1 + 1 / 64) and predicted <= 1.2 * peak, (predicted, peak)


@pytest.mark.parametrize("name", ["denoise", "unet", "upscale2x"])
def test_a_limit_holds_or_is_refused(tool, models, pictures, tmp_path, name):
    """Any limit is kept, with the pixels of an unlimited run; or the message names one that is."""
    # Within the least limits the U-Net computes each pixel many times over.
    source = pictures(*((500, 600) if name == "unet" else (1100, 1300)))
    tool.ok("run", models[name], source, tmp_path / "free.tif", "--memory", "8G")
    expected = numpy.array(Image.open(tmp_path / "free.tif"))
    for limit, threads in (("64M", 2), ("80M", 1), ("96M", 2), ("128M", 2), ("256M", 3)):
        words = (
            "run",
            models[name],
            source,
            tmp_path / "out.tif",
            "--overwrite",
            "--report",
            "-",
            "--threads",
            threads,
        )
        done = tool.run(*words, "--memory", limit)
        if done.returncode != 0:
            enough = done.stderr.split()[-1]
            assert int(enough.removesuffix("M")) > int(limit.removesuffix("M")), done.stderr
            done = tool.run(*words, "--memory", enough)
        assert done.returncode == 0, done.stderr
        check(json.loads(done.stdout))
        assert (numpy.array(Image.open(tmp_path / "out.tif")) == expected).all()


def test_the_lean_form_is_taken_where_it_helps(tool, models, pictures, tmp_path):
    """The same tile in less memory than its tables alone would take."""
    words = (
        models["denoise"],
        pictures(700, 800),
        tmp_path / "out.tif",
        "--tile",
        "500",
        "--threads",
        1,
    )
    plain = run(tool, *words, "--memory", "8G")
    lean = run(tool, *words, "--memory", str(plain["predicted_peak_bytes"] - 1))
    assert (plain["lean"], lean["lean"], lean["tile"]) == (False, True, plain["tile"])
    check(lean)
    assert lean["peak_rss_bytes"] < plain["peak_rss_bytes"] * 0.8


def test_large_blocks_of_the_output_are_counted(tool, models, pictures, tmp_path):
    words = (
        models["denoise"],
        pictures(1100, 1300),
        tmp_path / "out.tif",
        "--output-type",
        "f32",
        "--memory",
        "110M",
    )
    check(run(tool, *words, "--co", "BLOCKYSIZE=1024"))


def test_memory_does_not_grow_with_the_image(tool, models, pictures, tmp_path):
    """Four times the pixels at the same limit: the same peak, give or take a tenth."""
    for options in (["--step", "16"], ["--tile", "200"]):
        peaks = [
            run(
                tool,
                models["upscale2x"],
                pictures(height, 1000),
                tmp_path / "out.tif",
                "--memory",
                "160M",
                "--threads",
                2,
                *options,
            )["peak_rss_bytes"]
            for height in (1000, 4000)
        ]
        assert abs(peaks[1] / peaks[0] - 1) < 0.1, peaks


@pytest.mark.parametrize("way", ["floats", "band", "alpha"])
def test_masks_count(tool, models, tmp_path, way):
    """Of noise, the mask that takes the most; and what it takes to read it before the plan."""
    planes = numpy.moveaxis(noise(700, 800), -1, 0)
    data = noise(800, 700, 1).T > 80
    words = []
    if way == "floats":
        pixels = numpy.where(data, planes, -9999).astype(numpy.float32)
        source = masked_files.write_nodata(tmp_path / "in.tif", pixels, data, -9999.0)
    elif way == "band":
        source = masked_files.write_mask_band(tmp_path / "in.tif", planes, data)
    else:
        alpha = numpy.where(data, noise(800, 700, 1).T, 0).astype(numpy.uint8)
        source = masked_files.write_alpha(tmp_path / "in.tif", planes, alpha)
        words = ["--bands", "1,2,3"]
    out = tmp_path / "out.tif"
    message = tool.fails("run", models["denoise"], source, out, *words, "--memory", "20M")
    least = message.rsplit(" ", 1)[1]
    for limit in (least, "96M"):
        check(run(tool, models["denoise"], source, out, *words, "--memory", limit))
