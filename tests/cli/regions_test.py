"""--mask: regions of interest, from images and from polygons."""

import json

import numpy
import pytest

import gdal_files
from gdal_files import gdal, osr
from masked_files import (
    HEIGHT,
    WIDTH,
    as_bytes,
    filled_output,
    mask_of,
    place,
    place_by_degrees,
    scene,
    write_mask_band,
)


def test_a_region_from_an_image(tool, models, tmp_path):
    planes, data = scene()
    source = gdal_files.write(tmp_path / "in.tif", planes, change=place)
    region = gdal_files.write(tmp_path / "region.png", data.astype(numpy.uint8) * 3)
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--mask", region)
    assert numpy.array_equal(mask_of(tmp_path / "out.tif")[0] != 0, data)
    wanted = numpy.maximum(
        as_bytes(filled_output(tool, models["denoise"], tmp_path, planes, data)), 1
    )
    assert numpy.array_equal(gdal_files.read(tmp_path / "out.tif")[:, data], wanted[:, data])


def test_a_region_and_the_files_own_mask(tool, models, tmp_path):
    planes, data = scene()
    source = write_mask_band(tmp_path / "in.tif", planes, data)
    half = data.copy()
    half[:, :50] = False
    region = gdal_files.write(
        tmp_path / "region.tif", (half | ~data).astype(numpy.uint8), change=place
    )
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--mask", region)
    mask, flags = mask_of(tmp_path / "out.tif")
    assert flags == gdal.GMF_PER_DATASET and numpy.array_equal(mask != 0, half)


def shapes(path, ring, crs):
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    path.write_text(json.dumps(collection))
    return path


def corners(columns, rows, transform):
    x0, dx, _, y0, _, dy = transform
    points = [
        (columns[0], rows[0]),
        (columns[1], rows[0]),
        (columns[1], rows[1]),
        (columns[0], rows[1]),
    ]
    return [[x0 + column * dx, y0 + row * dy] for column, row in [*points, points[0]]]


PLACES = {
    "utm": (place, (500000, 10, 0, 5000000, 0, -10), 32633),
    "degrees": (place_by_degrees, (15.0, 0.0001, 0, 45.1, 0, -0.0001), 4326),
    "nowhere": (None, (0, 1, 0, 0, 0, 1), None),
}


@pytest.mark.parametrize("where", PLACES)
def test_a_region_from_polygons(tool, models, tmp_path, where):
    planes, _ = scene()
    change, transform, crs = PLACES[where]
    source = gdal_files.write(tmp_path / "in.tif", planes, change=change)
    region = shapes(tmp_path / "region.geojson", corners((20, 70), (10, 60), transform), crs)
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--mask", region)
    wanted = numpy.zeros((HEIGHT, WIDTH), bool)
    wanted[10:60, 20:70] = True
    assert numpy.array_equal(mask_of(tmp_path / "out.tif")[0] != 0, wanted)


def test_a_region_in_degrees(tool, models, tmp_path):
    """The image's own system, and polygons in another one."""
    planes, data = scene()
    source = gdal_files.write(tmp_path / "in.tif", planes, change=place_by_degrees)
    region = gdal_files.write(
        tmp_path / "region.tif", data.astype(numpy.uint8), change=place_by_degrees
    )
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", "--mask", region)
    assert numpy.array_equal(mask_of(tmp_path / "out.tif")[0] != 0, data)

    ring = corners((20, 70), (10, 60), PLACES["degrees"][1])
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    metres = gdal_files.utm()
    for reference in (degrees, metres):
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    to_metres = osr.CoordinateTransformation(degrees, metres)
    ring = [list(to_metres.TransformPoint(*point)[:2]) for point in ring]
    far = shapes(tmp_path / "far.geojson", ring, 32633)
    words = ["--mask", far, "--overwrite"]
    said = tool.fails("run", models["denoise"], source, tmp_path / "out.tif", *words)
    assert "another reference system" in said
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", *words, "--mask-reproject")
    wanted = numpy.zeros((HEIGHT, WIDTH), bool)
    wanted[10:60, 20:70] = True
    assert ((mask_of(tmp_path / "out.tif")[0] != 0) != wanted).mean() < 0.02


def test_a_region_in_another_reference_system(tool, models, tmp_path):
    planes, data = scene()
    source = gdal_files.write(tmp_path / "in.tif", planes, change=place)
    region = gdal_files.write(tmp_path / "region.tif", data.astype(numpy.uint8), change=place)
    gdal.Warp(str(tmp_path / "far.tif"), str(region), dstSRS="EPSG:4326")
    message = tool.fails(
        "run", models["denoise"], source, tmp_path / "out.tif", "--mask", tmp_path / "far.tif"
    )
    assert "another reference system" in message and "--mask-reproject" in message
    assert not (tmp_path / "out.tif").exists()
    words = ["--mask", tmp_path / "far.tif", "--mask-reproject"]
    tool.ok("run", models["denoise"], source, tmp_path / "out.tif", *words)
    mask, _ = mask_of(tmp_path / "out.tif")
    assert ((mask != 0) != data).mean() < 0.05  # twice to the nearest pixel


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda mask: mask[:-1], "the mask has 110x89 pixels and the input 110x90"),
        (None, "cannot be opened|No such file|not recognized|does not exist"),
    ],
)
def test_a_region_that_does_not_fit(tool, models, tmp_path, change, message):
    planes, data = scene()
    source = gdal_files.write(tmp_path / "in.tif", planes, change=place)
    region = tmp_path / "region.tif"
    if change:
        gdal_files.write(region, change(data.astype(numpy.uint8)))
    said = tool.fails("run", models["denoise"], source, tmp_path / "out.tif", "--mask", region)
    assert any(part in said for part in message.split("|")), said


def test_a_region_at_another_place(tool, models, tmp_path):
    planes, data = scene()
    source = gdal_files.write(tmp_path / "in.tif", planes, change=place)

    def elsewhere(dataset):
        place(dataset)
        dataset.SetGeoTransform((500100, 10, 0, 5000000, 0, -10))

    region = gdal_files.write(tmp_path / "region.tif", data.astype(numpy.uint8), change=elsewhere)
    said = tool.fails("run", models["denoise"], source, tmp_path / "out.tif", "--mask", region)
    assert "another place" in said
    tool.ok(
        "run", models["denoise"], source, tmp_path / "out.tif", "--mask", region, "--mask-reproject"
    )
    wanted = numpy.zeros_like(data)
    wanted[:, 10:] = data[:, :-10]
    assert numpy.array_equal(mask_of(tmp_path / "out.tif")[0] != 0, wanted)


def test_a_region_of_pixels_that_are_made_up(tool, models, tmp_path):
    region = gdal_files.write(tmp_path / "region.tif", scene()[1].astype(numpy.uint8))
    for command in ("plan", "verify"):
        said = tool.fails(command, models["denoise"], f"{WIDTH}x{HEIGHT}", "--mask", region)
        assert "--mask are for files" in said
