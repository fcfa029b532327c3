"""sectile run --output-dir: one run over each of many files."""

import json
import os
import signal
import subprocess
import time

import numpy
import pytest
from PIL import Image

import gdal_files
from conftest import noise

MEBIBYTE = 1 << 20


def make(path, height, width, bands=3, seed=0, **options):
    path.parent.mkdir(exist_ok=True)
    pixels = numpy.roll(noise(height, width, bands), seed, axis=0)
    Image.fromarray(pixels).save(path, **options)
    return path


def names(folder):
    """Hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def geo_tiff(path, seed, nodata=None, step=1000):
    """Of one size and type, and each at a place of its own."""

    def place(dataset):
        dataset.SetProjection(gdal_files.utm(30 + seed).ExportToWkt())
        dataset.SetGeoTransform((seed * step, 10, 0, seed * step, 0, -10))
        dataset.SetMetadataItem("SENSOR", f"number {seed}")
        if nodata is not None:
            dataset.GetRasterBand(1).SetNoDataValue(nodata)

    pixels = numpy.roll(noise(50, 60), seed, axis=0).transpose(2, 0, 1)
    return gdal_files.write(path, pixels, change=place)


@pytest.fixture
def photos(tmp_path):
    """Files of several sizes, types and formats, in no order."""
    folder = tmp_path / "in"
    for seed, (name, height, width) in enumerate(
        [
            ("a.png", 40, 70),
            ("b.jpg", 64, 64),
            ("c.JPEG", 40, 70),
            ("d.bmp", 64, 64),
            ("e.png", 40, 70),
            ("f.tif", 40, 70),
            ("g.jpg", 40, 70),
        ]
    ):
        make(folder / name, height, width, seed=seed)
    make(folder / "h.jpg", 64, 64, progressive=True)  # takes more memory to read than b.jpg
    for seed in (1, 2, 3):
        geo_tiff(folder / f"i{seed}.tif", seed, nodata=7 if seed == 2 else None)
    wide = noise(40, 70).transpose(2, 0, 1).astype(numpy.uint16) * 200
    gdal_files.write(folder / "j.tif", wide)
    return folder


def ending_of(source):
    return source.suffix if source.suffix in (".png", ".jpg", ".JPEG", ".tif") else ".tif"


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_outputs_are_those_of_single_runs(tool, models, photos, tmp_path, jobs):
    out = tmp_path / "out"
    done = tool.run(
        "run", models["upscale2x"], photos, "--output-dir", out, "--jobs", jobs, "--threads", 3
    )
    assert done.returncode == 0, done.stderr
    assert "12 of 12 files" in done.stderr and "peak memory" in done.stderr
    sources = sorted(photos.iterdir())
    assert names(out) == [source.stem + ending_of(source) for source in sources]
    for source in sources:
        alone = tmp_path / ("alone" + ending_of(source))
        tool.ok("run", models["upscale2x"], source, alone, "--quiet", "--overwrite")
        output = out / (source.stem + ending_of(source))
        assert output.read_bytes() == alone.read_bytes(), source


@pytest.mark.parametrize(
    "options",
    [
        ["--mode", "whole", "--threads", "4", "--jobs", "2"],
        ["--tile", "32", "--threads", "4", "--jobs", "2"],
        ["--step", "8", "--memory", "200M"],
        ["--input-mean", "0.5", "--output-units", "input", "--output-type", "f32"],
        ["--window", "3,5,30x20", "--jobs", "3"],
    ],
)
def test_outputs_are_those_of_single_runs_whatever_the_plan(tool, models, tmp_path, options):
    sources = [make(tmp_path / "in" / f"{i}.tif", 60 - i // 3, 50, seed=i) for i in range(6)]
    tool.ok("run", models["denoise"], *sources, "--output-dir", tmp_path / "out", *options)
    alone = [word for word in options if word != "--jobs"]
    if "--jobs" in options:
        del alone[-1]
    for source in sources:
        tool.ok("run", models["denoise"], source, tmp_path / "a.tif", "--overwrite", *alone)
        output = tmp_path / "out" / source.name
        assert output.read_bytes() == (tmp_path / "a.tif").read_bytes()


def test_a_network_of_several_passes(tool, programs, tmp_path):
    """Its runner keeps no programs; the temporary folder is shared."""
    model = programs["instance_norm_unet"]["path"]
    sources = [tmp_path / f"{i}.tif" for i in range(4)]
    for i, source in enumerate(sources):
        gdal_files.write(source, numpy.roll(noise(64, 48, 2), i, axis=0).transpose(2, 0, 1))
    words = ["--output-type", "f32", "--keep", "file", "--temp-dir", tmp_path]
    tool.ok("run", model, *sources, "--output-dir", tmp_path / "out", "--jobs", 2, *words)
    for source in sources:
        tool.ok("run", model, source, tmp_path / "a.tif", "--overwrite", *words)
        output = tmp_path / "out" / source.name
        assert output.read_bytes() == (tmp_path / "a.tif").read_bytes()


def test_a_network_that_is_run_approximately(tool, programs, tmp_path):
    model = programs["refused_softmax_over_rows"]["path"]
    bands = programs["refused_softmax_over_rows"]["channels"]
    sources = [tmp_path / f"{i}.tif" for i in range(4)]
    for i, source in enumerate(sources):
        pixels = numpy.roll(noise(64, 48, bands), i, axis=0)
        gdal_files.write(source, pixels.transpose(2, 0, 1))
    words = ["--output-type", "f32", "--approximate"]
    done = tool.run("run", model, *sources, "--output-dir", tmp_path / "out", "--jobs", 2, *words)
    assert done.returncode == 0 and done.stderr.count("approximate: ") == 2, done.stderr
    for source in sources:
        tool.ok("run", model, source, tmp_path / "a.tif", "--overwrite", *words)
        output = tmp_path / "out" / source.name
        assert output.read_bytes() == (tmp_path / "a.tif").read_bytes()


@pytest.mark.parametrize(
    "source, options, output",
    [
        ("photo.PNG", ["--suffix", "_clean"], "photo_clean.PNG"),
        ("a.b.jpeg", ["--suffix", ".x"], "a.b.x.jpeg"),
        ("scene.cog.tif", ["--suffix", "_c"], "scene_c.cog.tif"),
        ("scene.bmp", [], "scene.tif"),
        ("scene", [], "scene.tif"),
        (".png", [], ".png.tif"),
        ("scene.png", ["--format", "JPEG"], "scene.jpg"),
        ("scene.cog.tif", ["--format", "png"], "scene.png"),
        ("scene.bmp", ["--format", "GTiff", "--suffix", "-2"], "scene-2.tif"),
    ],
)
def test_names_of_outputs(tool, models, tmp_path, source, options, output):
    make(tmp_path / "in.png", 20, 20)
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / source
    if source.endswith("bmp"):
        Image.open(tmp_path / "in.png").save(path)
    else:
        gdal_files.write(path, noise(20, 20).transpose(2, 0, 1))
    tool.ok("run", models["denoise"], path, "--output-dir", tmp_path / "out", *options)
    assert names(tmp_path / "out") == [output]


def test_a_folder(tool, models, tmp_path):
    """Its images by name; other files, side files and folders in it are left alone."""
    folder = tmp_path / "in"
    for i, name in enumerate(["b.png", "a.png", "c.tif", "sub.png"]):
        make(folder / name, 20, 20, seed=i)
    make(folder / "deeper" / "d.png", 20, 20)
    (folder / "notes.txt").write_text("no image")
    (folder / "empty.png").write_bytes(b"")
    (folder / "c.tfw").write_text("10\n0\n0\n-10\n500005\n5399995\n")
    gdal_files.write(folder / "c.tif.ovr", noise(10, 10).transpose(2, 0, 1))
    (folder / "link.png").symlink_to(folder / "a.png")
    report = tmp_path / "report.json"
    done = tool.run(
        "run", models["denoise"], folder, "--output-dir", tmp_path / "out", "--report", report
    )
    assert done.returncode == 0, done.stderr
    assert "note: 4 files in the folders left alone" in done.stderr
    expected = ["a.png", "b.png", "c.tif", "link.png", "sub.png"]
    assert names(tmp_path / "out") == expected
    entries = json.loads(report.read_text())
    assert [entry["input_file"] for entry in entries] == [str(folder / name) for name in expected]
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").write_text("no image")
    message = tool.fails("run", models["denoise"], tmp_path / "none", "--output-dir", tmp_path)
    assert "no image" in message and "1 other file" in message


def test_outputs_in_a_folder_of_inputs(tool, models, tmp_path):
    """With a suffix. A second run does not take the outputs for inputs."""
    folder = tmp_path / "in"
    for i in range(3):
        make(folder / f"{i}.png", 20, 20, seed=i)
    words = ["run", models["denoise"], folder, "--output-dir", folder, "--suffix", "_c"]
    tool.ok(*words)
    expected = ["0.png", "0_c.png", "1.png", "1_c.png", "2.png", "2_c.png"]
    assert names(folder) == expected
    (folder / "1_c.png").unlink()
    done = tool.run(*words, "--skip-existing")
    assert done.returncode == 0 and "2 files skipped" in done.stderr, done.stderr
    assert "1 of 1 file" in done.stderr and names(folder) == expected
    tool.ok(*words, "--overwrite")
    assert names(folder) == expected


def test_two_inputs_with_one_output(tool, models, tmp_path):
    one = make(tmp_path / "one" / "a.png", 20, 20)
    two = make(tmp_path / "two" / "a.png", 20, 20)
    bmp = make(tmp_path / "one" / "b.bmp", 20, 20)
    tif = make(tmp_path / "two" / "b.tif", 20, 20)
    out = tmp_path / "out"
    for first, second in ((one, two), (bmp, tif), (one, one)):
        message = tool.fails("run", models["denoise"], first, second, "--output-dir", out)
        assert f"{first} and {second} would both become {out}" in message
        assert not out.exists()


def test_no_input_is_written_to(tool, models, tmp_path):
    """By whatever name: nothing runs then."""
    folder = tmp_path / "in"
    for i in range(3):
        make(folder / f"{i}.png", 20, 20, seed=i)
    outside = make(tmp_path / "other.png", 20, 20)
    model, out = models["denoise"], tmp_path / "out"
    out.mkdir()
    os.link(folder / "1.png", out / "2.png")  # the output of 2.png is the input 1.png
    (out / "0.png").symlink_to(outside)
    vrt = tmp_path / "2.vrt"  # becomes 2.png, which it reads
    gdal_files.gdal.Translate(str(vrt), str(folder / "2.png"), format="VRT")
    before = {path: path.read_bytes() for path in [*folder.iterdir(), outside]}
    for inputs, words in [
        ([folder], ["--output-dir", folder]),
        ([folder], ["--output-dir", f"{folder}/../in/."]),
        ([folder / "0.png"], ["--output-dir", folder]),
        ([folder / "1.png", folder / "2.png"], ["--output-dir", out]),
        ([folder / "0.png", outside], ["--output-dir", out]),
        ([vrt], ["--output-dir", folder, "--format", "PNG"]),
        ([folder], ["--output-dir", tmp_path / "new", "--report", folder / "1.png"]),
        ([folder], ["--output-dir", tmp_path / "new", "--report", tmp_path / "new" / "1.png"]),
    ]:
        for more in ([], ["--overwrite"], ["--skip-existing"]):
            message = tool.fails("run", model, *inputs, *words, *more)
            assert " is " in message and "give" in message, message
        assert {path: path.read_bytes() for path in before} == before
        assert not (tmp_path / "new").exists()


def test_the_side_files_of_inputs_stay(tool, models, tmp_path):
    """GDAL would read an input's world file with an output beside it: that file's error."""
    folder = tmp_path / "in"
    make(folder / "a.gif", 20, 20)
    make(folder / "b.gif", 20, 20)
    (folder / "a.wld").write_text("10\n0\n0\n-10\n500005\n5399995\n")
    words = ["run", models["denoise"], folder, "--output-dir", folder, "--overwrite"]
    done = tool.run(*words)
    assert done.returncode == 1
    assert "1 of 2 files failed" in done.stderr and "a.wld" in done.stderr
    assert names(folder) == ["a.gif", "a.wld", "b.gif", "b.tif"]


def test_one_bad_file_does_not_stop_the_others(tool, models, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for i in range(4):
        make(folder / f"{i}.jpg", 200, 200, seed=i)
    whole = (folder / "1.jpg").read_bytes()
    (folder / "1.jpg").write_bytes(whole[: len(whole) // 2])
    make(folder / "2.jpg", 200, 200, bands=1)
    report = tmp_path / "report.json"
    words = ["--output-dir", out, "--report", report]
    done = tool.run("run", models["denoise"], folder, tmp_path / "none.png", *words)
    assert done.returncode == 1 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert "2 of 5 files in" in lines[0]
    assert lines[1] == "sectile: 3 of 5 files failed"
    assert len(lines) == 5
    assert lines[2].startswith(f"  {folder}/1.jpg: [read]")
    assert lines[3].startswith(f"  {folder}/2.jpg: ") and "1 band" in lines[3]
    assert lines[4].startswith(f"  {tmp_path}/none.png: ")
    assert names(out) == ["0.jpg", "3.jpg"]
    entries = json.loads(report.read_text())
    assert [entry["output_file"] for entry in entries] == [
        str(out / name) for name in ("0.jpg", "1.jpg", "2.jpg", "3.jpg", "none.png")
    ]
    assert ["error" in entry for entry in entries] == [False, True, True, False, True]
    assert entries[0]["seconds"]["total"] > 0 and entries[0]["image"]["width"] == 200
    assert entries[1]["error"] in lines[2]


def test_existing_outputs(tool, models, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for i in range(3):
        make(folder / f"{i}.png", 20, 20, seed=i)
    words = ["run", models["denoise"], folder, "--output-dir", out]
    tool.ok(*words)
    right = {path: path.read_bytes() for path in out.iterdir()}
    (out / "1.png").write_bytes(b"precious")
    (out / "2.png").unlink()
    done = tool.run(*words)
    assert done.returncode == 1 and "2 of 3 files failed" in done.stderr
    assert done.stderr.count("exists") == 2
    assert (out / "1.png").read_bytes() == b"precious"
    assert (out / "2.png").read_bytes() == right[out / "2.png"]
    (out / "2.png").unlink()
    report = tmp_path / "report.json"
    done = tool.run(*words, "--skip-existing", "--report", report)
    assert done.returncode == 0 and "note: 2 files skipped" in done.stderr
    assert (out / "1.png").read_bytes() == b"precious"
    assert [entry.get("skipped") for entry in json.loads(report.read_text())] == [True, True, None]
    tool.ok(*words, "--overwrite")
    assert {path: path.read_bytes() for path in out.iterdir()} == right
    assert tool.run(*words, "--skip-existing", "--quiet").stderr == ""


def test_the_folder_of_outputs(tool, models, image, tmp_path):
    source = image("in.png", 20, 20)
    words = ["run", models["denoise"], source, "--output-dir"]
    message = tool.fails(*words, tmp_path / "none" / "out")
    assert "no such folder" in message and str(tmp_path / "none") in message
    assert "not a folder" in tool.fails(*words, source)
    tool.ok(*words, tmp_path / "a/")
    tool.ok(*words, "b", "--report", "b/report.json", cwd=tmp_path)
    assert names(tmp_path) == ["a", "b", "in.png"]
    assert names(tmp_path / "a") == ["in.png"]
    assert names(tmp_path / "b") == ["in.png", "report.json"]


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt(tool, models, tmp_path, number, jobs):
    """Finished outputs stay, the others leave nothing, and --skip-existing goes on."""
    folder, out = tmp_path / "in", tmp_path / "out"
    for i in range(30):
        make(folder / f"{i:02}.png", 300, 300, seed=i)
    command = [tool.path, "run", models["denoise"], folder, "--output-dir", out, "--jobs", jobs]
    report = ["--report", tmp_path / "report.json"]
    process = subprocess.Popen(
        [str(word) for word in [*command, *report]], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(out.glob("*.png"))) < 2:
        time.sleep(0.01)
    process.send_signal(number)
    message = process.communicate(timeout=30)[1]
    assert process.returncode == 130, message
    done = names(out)
    assert 2 <= len(done) < 30 and all(name.endswith(".png") for name in done)
    assert message.count("\n") == 1, message
    assert f"{len(done)} of 30 files are done" in message and "--skip-existing" in message
    assert names(tmp_path) == ["in", "out"]
    assert tool.run(*command[1:], "--skip-existing", "--quiet").returncode == 0
    assert names(out) == names(folder)
    for name in (done[0], done[-1], "29.png"):
        tool.ok("run", models["denoise"], folder / name, tmp_path / "a.png", "--overwrite")
        assert (out / name).read_bytes() == (tmp_path / "a.png").read_bytes()


@pytest.mark.parametrize("jobs, limit", [(1, 64), (2, 68), (4, 84)])
def test_the_memory_limit_holds_for_all_together(tool, models, tmp_path, jobs, limit):
    folder = tmp_path / "in"
    for i in range(12):
        make(folder / f"{i}.png", 250 + 60 * (i % 3), 400, seed=i)
    words = ["run", models["denoise"], folder, "--output-dir", tmp_path / "out"]
    report = json.loads(
        tool.ok(*words, "--jobs", jobs, "--threads", 2, "--memory", f"{limit}M", "--report", "-")
    )
    assert len(report) == 12
    assert max(entry["peak_rss_bytes"] for entry in report) <= limit * MEBIBYTE
    done = tool.run(*words, "--overwrite", "--jobs", 8, "--memory", "52M")
    assert done.returncode == 1
    assert "share of each of 8 runs" in done.stderr and "smallest limit" in done.stderr


def test_bounds_are_other_pixels_of_each_file(tool, models, tmp_path):
    """Of one size, and yet each needs a plan of its own."""
    sources = [geo_tiff(tmp_path / f"{i}.tif", i, step=100) for i in range(3)]
    words = ["--bounds", "250,-200,400,-50"]
    tool.ok("run", models["denoise"], *sources, "--output-dir", tmp_path / "out", *words)
    for source in sources:
        tool.ok("run", models["denoise"], source, tmp_path / "a.tif", "--overwrite", *words)
        output = tmp_path / "out" / source.name
        assert output.read_bytes() == (tmp_path / "a.tif").read_bytes()
        assert gdal_files.read(output).shape == (3, 15, 15)


def test_windows_that_do_not_fit(tool, models, tmp_path):
    make(tmp_path / "in" / "large.png", 60, 60)
    make(tmp_path / "in" / "small.png", 20, 20)
    words = ["--output-dir", tmp_path / "out", "--window", "30,30,10x10"]
    done = tool.run("run", models["denoise"], tmp_path / "in", *words)
    assert done.returncode == 1 and "1 of 2 files failed" in done.stderr
    assert "small.png" in done.stderr and names(tmp_path / "out") == ["large.png"]


def test_what_all_files_would_say_is_said_once(tool, models, programs, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for i in range(3):
        make(folder / f"{i}.png", 20, 20)
    refused = programs["refused_softmax_over_rows"]["path"]
    message = tool.fails("run", refused, folder, "--output-dir", out)
    assert "cannot be run with equal bits" in message and "--approximate" in message
    assert "NOSUCH" in tool.fails(
        "run", models["denoise"], folder, "--output-dir", out, "--format", "NOSUCH"
    )
    assert "NAME" in tool.fails(
        "run", models["denoise"], folder, "--output-dir", out, "--method", "NAME"
    )
    assert not out.exists()


def test_what_a_format_does_not_hold_is_said_of_each_file(tool, models, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for i in range(2):
        make(tmp_path / "in" / f"{i}.jpg", 20, 20, exif=exif)
    make(tmp_path / "in" / "upright.jpg", 20, 20)
    words = ["--output-dir", tmp_path / "out", "--format", "PNG"]
    done = tool.run("run", models["denoise"], tmp_path / "in", *words)
    assert done.returncode == 0
    assert done.stderr.count("warning: ") == 2 and "upright" not in done.stderr


@pytest.mark.parametrize(
    "words, part",
    [
        (["--output-dir", "out", "--more-input", "b.png"], "--more-input"),
        (["--output-dir", "out", "--more-output", "b.png"], "--more-output"),
        (["--output-dir", "out", "--trace", "t.json"], "--trace"),
        (["--output-dir", "out", "--suffix", "a/b"], "'a/b'"),
        (["--output-dir", "out", "--skip-existing", "--overwrite"], "--overwrite"),
        (["--output-dir", "out", "--jobs", "0"], "'0'"),
        (["out.png", "--suffix", "_c"], "--output-dir"),
        (["out.png", "--skip-existing"], "--output-dir"),
        (["out.png", "--jobs", "2"], "--output-dir"),
        ([], "--output-dir"),
        (["b.png", "c.png"], "3 files were given"),
    ],
)
def test_options_that_do_not_go_together(tool, models, image, tmp_path, words, part):
    image("a.png", 9, 9)
    message = tool.fails("run", models["denoise"], "a.png", *words, code=2, cwd=tmp_path)
    assert part in message
    assert names(tmp_path) == ["a.png"]
