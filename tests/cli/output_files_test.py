"""What lies around an output: side files, the files of the input, access rights, long names."""

import os
import resource
import shutil
import stat
import zipfile

import numpy
import pytest
import tifffile
from PIL import Image

from conftest import noise, read

LONGEST_NAME = 255


@pytest.fixture
def gray(programs):
    """A network of one channel."""
    return programs["four_conv_positive"]["path"]


@pytest.fixture
def words(gray, tmp_path):
    """A run that works: a grey TIFF in a folder of its own, and an output beside nothing."""
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(noise(30, 40, 1)).save(folder / "in.tif")
    return ["run", gray, folder / "in.tif", tmp_path / "t.tif", "--quiet"]


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


WORLD_FILE = b"10\n0\n0\n-10\n500005\n5399995\n"
PAM = b"<PAMDataset><GeoTransform>1,2,0,3,0,-2</GeoTransform></PAMDataset>"


@pytest.mark.parametrize(
    "output, beside, content",
    [
        ("t.tif", "t.tfw", WORLD_FILE),
        ("t.tif", "T.TFW", WORLD_FILE),
        ("t.tif", "t.wld", WORLD_FILE),
        ("t.tif", "t.tifw", WORLD_FILE),
        ("t.png", "t.pgw", WORLD_FILE),
        ("t.jpg", "t.jgw", WORLD_FILE),
        ("t.tif", "t.tif.aux.xml", PAM),
        ("t.png", "t.png.aux.xml", PAM),
        ("t.tif", "t.tif.ovr", None),
        ("t.tif", "t.tif.msk", None),
    ],
)
def test_side_files_of_an_absent_output(tool, words, tmp_path, output, beside, content):
    """GDAL would read them with the new file: refused, or removed when that is asked for."""
    side_file = tmp_path / beside
    if content is None:
        Image.fromarray(noise(15, 20, 1)).save(side_file, format="TIFF")
    else:
        side_file.write_bytes(content)
    before = side_file.read_bytes()
    words[3] = tmp_path / output
    message = tool.fails(*words)
    assert str(side_file) in message and output in message
    assert names(tmp_path) == [beside] and side_file.read_bytes() == before
    tool.ok(*words, "--overwrite")
    assert names(tmp_path) == [output]


def test_files_of_other_images_stay(tool, words, tmp_path):
    others = ["t.txt", "t2.tfw", "tt.tif", "s.tfw", "t.jgw"]
    for name in others:
        (tmp_path / name).write_bytes(WORLD_FILE)
    tool.ok(*words, "--overwrite")
    assert names(tmp_path) == sorted([*others, "t.tif"])


def test_a_header_that_would_be_replaced(tool, words, tmp_path):
    """Known before the run, not after it."""
    words[3] = tmp_path / "t.img"
    (tmp_path / "t.hdr").write_bytes(b"another image's")
    message = tool.fails(*words, "--format", "ENVI")
    assert "t.hdr" in message
    assert names(tmp_path) == ["t.hdr"]
    tool.ok(*words, "--format", "ENVI", "--overwrite")
    assert names(tmp_path) == ["t.hdr", "t.img"]
    assert (tmp_path / "t.hdr").read_bytes().startswith(b"ENVI")


def test_the_inputs_side_file_stays(tool, words, tmp_path):
    """GDAL would read the input's world file with the output too."""
    source = tmp_path / "t.png"
    Image.fromarray(noise(30, 40, 1)).save(source)
    (tmp_path / "t.wld").write_bytes(WORLD_FILE)
    words[2] = source
    message = tool.fails(*words, "--overwrite")
    assert "t.wld" in message
    assert names(tmp_path) == ["t.png", "t.wld"]


def pages(path):
    with tifffile.TiffFile(path) as file:
        return len(file.pages)


@pytest.fixture
def stack(tmp_path):
    path = tmp_path / "s.tif"
    tifffile.imwrite(path, numpy.stack([noise(30, 40 + i, 1)[:, :40] for i in range(5)]))
    assert pages(path) == 5
    return path


@pytest.mark.parametrize("place", ["same", "dot", "symlink", "hardlink"])
def test_the_file_behind_a_page(tool, words, stack, tmp_path, place):
    before = stack.read_bytes()
    output = stack
    if place == "dot":
        output = f"{tmp_path}/./in/../s.tif"
    if place in ("symlink", "hardlink"):
        output = tmp_path / "link.tif"
        (os.symlink if place == "symlink" else os.link)(stack, output)
    words[2:4] = [f"GTIFF_DIR:2:{stack}", output]
    message = tool.fails(*words, "--overwrite")
    assert "input" in message and "GTIFF_DIR" in message
    assert stack.read_bytes() == before
    words[3] = tmp_path / "other.tif"
    assert "input" in tool.fails(*words, "--report", output)
    assert stack.read_bytes() == before
    tool.ok(*words)


def write_vrt(path, source):
    path.write_text(
        '<VRTDataset rasterXSize="40" rasterYSize="30"><VRTRasterBand dataType="Byte" band="1">'
        f'<SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )


def test_the_sources_of_a_vrt(tool, words, tmp_path):
    write_vrt(tmp_path / "inner.vrt", "in/in.tif")
    write_vrt(tmp_path / "outer.vrt", "inner.vrt")
    for vrt in ("inner.vrt", "outer.vrt"):
        words[2] = tmp_path / vrt
        for output in ("in/in.tif", "inner.vrt"):
            before = (tmp_path / output).read_bytes()
            words[3] = tmp_path / output
            message = tool.fails(*words, "--format", "GTiff", "--overwrite")
            assert "input" in message and vrt in message
            assert (tmp_path / output).read_bytes() == before


@pytest.mark.parametrize("name", ["/vsizip/{0}/in.tif", "/vsizip/{{{0}}}/in.tif"])
def test_the_archive_of_an_image(tool, words, tmp_path, name):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(words[2], "in.tif")
    before = archive.read_bytes()
    words[2:4] = [name.format(archive), archive]
    assert "input" in tool.fails(*words, "--format", "GTiff", "--overwrite")
    assert archive.read_bytes() == before


def test_the_pixels_of_a_header(tool, words, tmp_path):
    """An ENVI image is two files."""
    shutil.copy(words[2], tmp_path / "copy.tif")
    tool.ok("run", words[1], tmp_path / "copy.tif", tmp_path / "e.img", "--format", "ENVI")
    words[2:4] = [tmp_path / "e.img", tmp_path / "e.hdr"]
    before = (tmp_path / "e.hdr").read_bytes()
    assert "input" in tool.fails(*words, "--format", "GTiff", "--overwrite")
    assert (tmp_path / "e.hdr").read_bytes() == before


@pytest.mark.parametrize("ending", ["tif", "png"])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o666])
def test_access_rights_are_kept(tool, words, tmp_path, ending, mode):
    words[3], report = tmp_path / f"t.{ending}", tmp_path / "report.json"
    for path in (words[3], report):
        path.write_bytes(b"old")
        path.chmod(mode)
    tool.ok(*words, "--overwrite", "--report", report)
    assert read(words[3]).shape == (30, 40)
    for path in (words[3], report):
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("mode", [0o440, 0o444, 0o000])
def test_read_only_files_stay(tool, words, tmp_path, mode):
    report = tmp_path / "report.json"
    for path in (words[3], report):
        path.write_bytes(b"old")
        path.chmod(mode)
    message = tool.fails(*words, "--overwrite")
    assert "read-only" in message and str(words[3]) in message
    words[3] = tmp_path / "other.tif"
    message = tool.fails(*words, "--report", report)
    assert "read-only" in message and str(report) in message
    for path in (tmp_path / "t.tif", report):
        assert stat.S_IMODE(path.stat().st_mode) == mode
        path.chmod(0o600)
        assert path.read_bytes() == b"old"


@pytest.mark.parametrize("ending", [".tif", ".cog.tif", ".png", ".jpg"])
def test_the_longest_names(tool, words, tmp_path, ending):
    def named(length, end):
        return tmp_path / ("n" * (length - len(end)) + end)

    words[3] = named(LONGEST_NAME, ending)
    report = named(LONGEST_NAME, ".json")
    tool.ok(*words, "--report", report)
    assert read(words[3]).shape == (30, 40)
    assert names(tmp_path) == sorted([words[3].name, report.name])
    words[3] = named(LONGEST_NAME + 1, ending)
    assert str(LONGEST_NAME) in tool.fails(*words)


def test_a_name_too_long_for_its_side_file(tool, words, tmp_path):
    """A PNG keeps its place on Earth in NAME.aux.xml."""
    words[2] = tmp_path / "in" / "geo.tif"
    tifffile.imwrite(
        words[2],
        noise(30, 40, 1),
        extratags=[(33550, 12, 3, (10, 10, 0)), (33922, 12, 6, (0, 0, 0, 500, 900, 0))],
    )
    words[3] = tmp_path / ("n" * (LONGEST_NAME - 4) + ".png")
    assert "8 bytes shorter" in tool.fails(*words)
    assert names(tmp_path) == []
    words[3] = tmp_path / ("n" * (LONGEST_NAME - 12) + ".png")
    tool.ok(*words)
    assert len(names(tmp_path)) == 2


def limit_file_size(size):
    """`ulimit -f`, with which the disk seems full for a file that is longer."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(
    "name, options",
    [
        ("t.tif", []),
        ("t.cog.tif", []),
        ("t.png", []),
        ("t.jpg", []),
        ("t.bmp", ["--format", "BMP"]),
        ("t.rgb", ["--format", "SGI"]),
    ],
)
def test_a_full_disk(tool, words, tmp_path, name, options):
    """An error and the old file, or a right one, at whatever byte the room ends."""
    words[3] = tmp_path / name
    words += ["--overwrite", *options]
    tool.ok(*words)
    right = read(words[3])
    whole = words[3].stat().st_size
    failures = 0
    for size in [1, *range(100, whole, whole // 5), whole - 1, 1 << 20]:
        words[3].write_bytes(b"old")
        done = tool.run(*words, preexec_fn=limit_file_size(size))
        if done.returncode == 0:
            assert numpy.array_equal(read(words[3]), right), size
        else:
            failures += 1
            assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
            assert words[3].read_bytes() == b"old", size
        assert names(tmp_path) == [name]
        assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["in"]
    assert failures > 2
    assert done.returncode == 0
