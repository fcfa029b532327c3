"""The example that reads rows from a pipe: rows come out while others still go in."""

import subprocess

import numpy
from PIL import Image

from conftest import example, noise

HEIGHT, WIDTH = 400, 120
LAG = 8  # of the denoiser
STEP_MOST = 128  # rows of the tallest step that a plan takes


def test_rows_come_out_while_others_go_in(models, tool, tmp_path):
    pixels = noise(HEIGHT, WIDTH)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    tool.ok("run", models["denoise"], tmp_path / "in.png", tmp_path / "out.png")
    expected = numpy.array(Image.open(tmp_path / "out.png"))
    words = [example("rows"), models["denoise"], str(WIDTH), str(HEIGHT)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        first = LAG + 2 * STEP_MOST
        process.stdin.write(pixels[:first].tobytes())
        process.stdin.flush()
        early = process.stdout.read(
            STEP_MOST * WIDTH * 3
        )  # stdin is still open, and rows are missing
        process.stdin.write(pixels[first:].tobytes())
        process.stdin.close()
        rest = process.stdout.read()
    assert process.returncode == 0
    found = numpy.frombuffer(early + rest, numpy.uint8).reshape(HEIGHT, WIDTH, 3)
    assert (found == expected).all()


def test_missing_rows_are_an_error(models):
    done = subprocess.run(
        [example("rows"), models["denoise"], "50", "60"], input=b"\0" * 1000, capture_output=True
    )
    assert done.returncode == 1 and b"stdin ends" in done.stderr
