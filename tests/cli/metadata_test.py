"""What carries over from input to output: places on Earth, descriptions, dates, profiles."""

import base64
import json

import numpy
import pytest
from PIL import Image, ImageCms

import gdal_files
from conftest import noise
from gdal_files import gdal


def planes(bands=3, height=40, width=50, dtype=numpy.uint8):
    return numpy.moveaxis(noise(height, width, bands, dtype), -1, 0)


POINTS = [
    (0, 0, 10, 45, 5),
    (50, 0, 10.1, 45, 6),
    (0, 40, 10, 44.9, 7),
    (50.5, 39.5, 10.1, 44.9, 8),
]


def with_points(dataset):
    gcps = [
        gdal.GCP(x, y, z, column, row, f"info {x}", f"id{number}")
        for number, (column, row, x, y, z) in enumerate(POINTS)
    ]
    dataset.SetGCPs(gcps, gdal_files.utm())


def points_of(path):
    dataset = gdal.Open(str(path))
    found = [(p.GCPPixel, p.GCPLine, p.GCPX, p.GCPY, p.GCPZ) for p in dataset.GetGCPs()]
    return found, dataset.GetGCPSpatialRef()


@pytest.mark.parametrize(
    "name, scale, words, corner",
    [
        ("denoise", 1, [], (0, 0)),
        ("upscale2x", 2, [], (0, 0)),
        ("denoise", 1, ["--window", "7,5,20x10"], (7, 5)),
        ("upscale2x", 2, ["--window", "7,5,20x10"], (7, 5)),
    ],
)
@pytest.mark.parametrize("ending", ["tif", "cog.tif", "png"])
def test_control_points(tool, models, tmp_path, name, scale, words, corner, ending):
    source = gdal_files.write(tmp_path / "in.tif", planes(), change=with_points)
    out = tmp_path / f"out.{ending}"
    done = tool.run("run", models[name], source, out, *words)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    found, reference = points_of(out)
    column, row = corner
    wanted = [(scale * c - column, scale * r - row, x, y, z) for c, r, x, y, z in POINTS]
    assert numpy.allclose(found, wanted, rtol=0, atol=1e-9)
    assert reference.IsSame(gdal_files.utm())


RPC = {
    "LINE_OFF": "19.5",
    "SAMP_OFF": "+00024.5",
    "LAT_OFF": "45",
    "LONG_OFF": "10",
    "HEIGHT_OFF": "100",
    "LINE_SCALE": "20",
    "SAMP_SCALE": "25",
    "LAT_SCALE": "0.1",
    "LONG_SCALE": "0.1",
    "HEIGHT_SCALE": "500",
    "LINE_NUM_COEFF": "0.01 0 -1 0.02" + " 0" * 16,
    "LINE_DEN_COEFF": "1 0.001" + " 0" * 18,
    "SAMP_NUM_COEFF": "0 1 0.01 0.01" + " 0" * 16,
    "SAMP_DEN_COEFF": "1" + " 0" * 19,
}


def pixel_of(path, longitude, latitude, height):
    """Where GDAL's own RPC transformer puts a place on Earth."""
    transformer = gdal.Transformer(gdal.Open(str(path)), None, ["METHOD=RPC"])
    done, (column, row, _) = transformer.TransformPoint(1, longitude, latitude, height)
    assert done
    return column, row


@pytest.mark.parametrize(
    "name, scale, words, corner",
    [
        ("denoise", 1, [], (0, 0)),
        ("upscale2x", 2, ["--window", "7,5,20x10"], (7, 5)),
    ],
)
def test_rational_polynomials(tool, models, tmp_path, name, scale, words, corner):
    source = gdal_files.write(
        tmp_path / "in.tif", planes(), change=lambda dataset: dataset.SetMetadata(RPC, "RPC")
    )
    tool.ok("run", models[name], source, tmp_path / "out.tif", "--quiet", *words)
    for place in [(10.01, 45.02, 100), (9.95, 44.97, 300)]:
        column, row = pixel_of(source, *place)
        found = pixel_of(tmp_path / "out.tif", *place)
        wanted = (scale * column - corner[0], scale * row - corner[1])
        assert numpy.allclose(found, wanted, rtol=0, atol=1e-6)


def test_a_place_that_the_format_cannot_hold_is_said(tool, models, tmp_path):
    source = gdal_files.write(tmp_path / "in.tif", planes(), change=with_points)
    done = tool.run("run", models["denoise"], source, tmp_path / "out.bmp", "--format", "BMP")
    assert done.returncode == 0
    found, _ = points_of(tmp_path / "out.bmp")
    assert len(found) == len(POINTS) or "4 ground control points" in done.stderr


def test_arrays_of_coordinates_are_said(tool, models, tmp_path):
    arrays = {"X_DATASET": "x.tif", "Y_DATASET": "y.tif", "X_BAND": "1", "Y_BAND": "1"}
    source = gdal_files.write(
        tmp_path / "in.tif",
        planes(),
        change=lambda dataset: dataset.SetMetadata(arrays, "GEOLOCATION"),
    )
    done = tool.run("run", models["denoise"], source, tmp_path / "out.tif")
    assert "geolocation" in done.stderr and done.returncode == 0


def described(dataset):
    dataset.SetGeoTransform([500, 10, 0, 9000, 0, -10])
    dataset.SetMetadata(
        {
            "ACQUISITION_DATE": "2024-06-01",
            "AREA_OR_POINT": "Point",
            "TIFFTAG_DATETIME": "2024:06:01 10:00:00",
            "TIFFTAG_IMAGEDESCRIPTION": "Aperio |AppMag = 40",
            "TIFFTAG_SOFTWARE": "a scanner",
            "TIFFTAG_RESOLUTIONUNIT": "3",
            "TIFFTAG_XRESOLUTION": "40000",
            "TIFFTAG_YRESOLUTION": "20000",
            "STATISTICS_MEAN": "3",
        }
    )
    dataset.SetMetadata({"SATELLITEID": "S2A"}, "IMAGERY")
    for number in range(1, dataset.RasterCount + 1):
        band = dataset.GetRasterBand(number)
        band.SetDescription(f"B0{number}")
        band.SetUnitType("reflectance")
        band.SetScale(0.0001)
        band.SetOffset(-0.1)
        band.SetMetadata({"wavelength": str(number), "STATISTICS_MEAN": "100"})


def units_of(path):
    return [
        (
            band.GetDescription(),
            band.GetUnitType(),
            band.GetScale(),
            band.GetOffset(),
            band.GetMetadata(),
        )
        for band in gdal_files.bands(path)
    ]


@pytest.fixture
def scene(tmp_path):
    return gdal_files.write(tmp_path / "in.tif", planes(), change=described)


ALL = [(f"B0{n}", "reflectance", 0.0001, -0.1, {"wavelength": str(n)}) for n in (1, 2, 3)]


@pytest.mark.parametrize("name, scale", [("denoise", 1), ("upscale2x", 2)])
@pytest.mark.parametrize("ending", ["tif", "cog.tif"])
def test_what_stays_true(tool, models, scene, tmp_path, name, scale, ending):
    out = tmp_path / f"out.{ending}"
    tool.ok("run", models[name], scene, out, "--quiet")
    dataset = gdal.Open(str(out))
    found = dataset.GetMetadata()
    assert found["ACQUISITION_DATE"] == "2024-06-01" and found["AREA_OR_POINT"] == "Point"
    assert found["TIFFTAG_DATETIME"] == "2024:06:01 10:00:00"
    assert found["TIFFTAG_IMAGEDESCRIPTION"] == "Aperio |AppMag = 40"
    assert found["TIFFTAG_RESOLUTIONUNIT"].startswith("3")
    assert float(found["TIFFTAG_XRESOLUTION"]) == 40000 * scale
    assert float(found["TIFFTAG_YRESOLUTION"]) == 20000 * scale
    assert not [key for key in found if key.startswith(("STATISTICS", "TIFFTAG_SOFTWARE"))]
    if ending == "tif":  # GDAL's COG driver drops it
        assert dataset.GetMetadata("IMAGERY") == {"SATELLITEID": "S2A"}
    assert dataset.GetGeoTransform() == (500, 10 / scale, 0, 9000, 0, -10 / scale)
    assert units_of(out) == ALL


def test_chosen_bands_keep_theirs(tool, programs, scene, tmp_path):
    gray = programs["four_conv_positive"]["path"]
    tool.ok("run", gray, scene, tmp_path / "out.tif", "--bands", "2", "--quiet")
    assert units_of(tmp_path / "out.tif") == [ALL[1]]


def test_other_quantities_have_the_image_s_own_alone(tool, programs, scene, tmp_path):
    tool.ok("run", programs["unet1"]["path"], scene, tmp_path / "out.tif", "--quiet")
    assert gdal.Open(str(tmp_path / "out.tif")).GetMetadata()["ACQUISITION_DATE"] == "2024-06-01"
    assert units_of(tmp_path / "out.tif") == [("", "", None, None, {})] * 2


@pytest.mark.parametrize(
    "words, kept",
    [
        (["--output-type", "f32"], False),
        (["--input-scale", "0.001"], False),
        (["--output-scale", "3"], False),
        (["--input-scale", "0.001", "--output-units", "input"], True),
    ],
)
def test_units_go_where_pixels_are_in_others(tool, models, scene, tmp_path, words, kept):
    tool.ok("run", models["denoise"], scene, tmp_path / "out.tif", "--quiet", *words)
    for found, wanted in zip(units_of(tmp_path / "out.tif"), ALL, strict=True):
        assert found[0] == wanted[0] and found[4] == wanted[4]
        assert found[1:4] == (wanted[1:4] if kept else ("", None, None))


@pytest.mark.parametrize("text", ["ImageJ=1.54f\nimages=5\nslices=5", '{"shape": [5, 40, 50, 3]}'])
def test_what_other_programs_say_of_their_stack_goes(tool, models, tmp_path, text):
    source = gdal_files.write(
        tmp_path / "in.tif",
        planes(),
        change=lambda dataset: dataset.SetMetadataItem("TIFFTAG_IMAGEDESCRIPTION", text),
    )
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--quiet")
    assert "TIFFTAG_IMAGEDESCRIPTION" not in gdal.Open(str(tmp_path / "out.tif")).GetMetadata()


@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
def test_color_profiles(tool, models, programs, tmp_path, ending):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(noise(40, 50)).save(tmp_path / "in.jpg", icc_profile=profile)
    out = tmp_path / f"out.{ending}"
    tool.ok("run", models["upscale2x"], tmp_path / "in.jpg", out, "--quiet")
    with Image.open(out) as opened:
        assert opened.info["icc_profile"] == profile
    tool.ok("run", programs["unet1"]["path"], tmp_path / "in.jpg", tmp_path / "two.tif", "--quiet")
    assert gdal.Open(str(tmp_path / "two.tif")).GetMetadata("COLOR_PROFILE") == {}


def test_a_profile_of_other_colours_goes(tool, models, tmp_path):
    """GDAL turns CMYK into RGB and leaves the profile."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[16:20] = b"CMYK"
    item = base64.b64encode(bytes(profile)).decode()
    source = gdal_files.write(
        tmp_path / "in.tif", planes(), options=["PHOTOMETRIC=RGB", f"SOURCE_ICC_PROFILE={item}"]
    )
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--quiet")
    assert gdal.Open(str(tmp_path / "out.tif")).GetMetadata("COLOR_PROFILE") == {}


@pytest.fixture
def turned(tmp_path):
    """A photograph that was taken with the camera on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A camera"
    Image.fromarray(noise(40, 50)).save(tmp_path / "in.jpg", exif=exif)
    return tmp_path / "in.jpg"


def test_orientation_stays_in_jpeg(tool, models, turned, tmp_path):
    done = tool.run("run", models["upscale2x"], turned, tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as opened:
        assert (opened.size, opened.getexif()[0x0112]) == ((100, 80), 6)
        assert opened.getexif()[0x010F] == "A camera"
    assert "warning" not in done.stderr


@pytest.mark.parametrize("ending", ["tif", "png"])
def test_that_orientation_is_lost_is_said(tool, models, turned, tmp_path, ending):
    out = tmp_path / f"out.{ending}"
    done = tool.run("run", models["denoise"], turned, out)
    assert "EXIF orientation 6" in done.stderr and done.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jpg", out.name]
    assert "never turned" in tool.ok("run", "--help")


@pytest.mark.parametrize("place", ["crs", "points"])
def test_what_names_a_crs_is_counted(tool, models, tmp_path, place):
    def with_crs(dataset):
        dataset.SetGeoTransform([500000, 10, 0, 5000000, 0, -10])
        dataset.SetSpatialRef(gdal_files.utm())

    change = with_crs if place == "crs" else with_points
    source = gdal_files.write(tmp_path / "in.tif", planes(), change=change)
    out = tmp_path / "out.tif"
    report = json.loads(tool.ok("run", models["denoise"], source, out, "--report", "-"))
    predicted, peak = report["predicted_peak_bytes"], report["peak_rss_bytes"]
    assert peak <= predicted * (1 + 1 / 64)
    assert predicted <= 1.15 * peak
