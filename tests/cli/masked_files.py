"""Images of which parts are no data, and what networks give for them."""

import numpy

import gdal_files
from conftest import noise
from gdal_files import gdal, osr

HEIGHT, WIDTH = 90, 110


def scene(bands=3, dtype=numpy.uint8):
    """Planes without a 0, and where they are data: a ring, with a hole."""
    planes = numpy.moveaxis(
        noise(HEIGHT, WIDTH, bands, numpy.uint8).reshape(HEIGHT, WIDTH, bands), -1, 0
    )
    planes = numpy.maximum(planes, 1)
    y, x = numpy.mgrid[:HEIGHT, :WIDTH]
    distance = numpy.hypot(y - 50, x - 50)
    data = (distance < 38) & (distance > 9)
    if dtype == numpy.uint8:
        return planes, data
    return (planes / 255).astype(dtype), data


def place_by_degrees(dataset):
    """In a system whose authority names latitude first."""
    dataset.SetGeoTransform((15.0, 0.0001, 0, 45.1, 0, -0.0001))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    dataset.SetSpatialRef(reference)


def place(dataset):
    dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
    dataset.SetSpatialRef(gdal_files.utm())


def with_nodata(value):
    def change(dataset):
        place(dataset)
        for number in range(1, dataset.RasterCount + 1):
            dataset.GetRasterBand(number).SetNoDataValue(value)

    return change


def write_nodata(path, planes, data, value):
    return gdal_files.write(
        path,
        numpy.where(data, planes, numpy.asarray(value).astype(planes.dtype)),
        change=with_nodata(float(value)),
    )


def write_mask_band(path, planes, data):
    gdal_files.write(path, planes, change=place)
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    dataset = gdal.Open(str(path), gdal.GA_Update)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    mask = numpy.where(data, 255, 0).astype(numpy.uint8)
    dataset.GetRasterBand(1).GetMaskBand().WriteRaster(
        0, 0, data.shape[1], data.shape[0], mask.tobytes()
    )
    return path


def write_alpha(path, planes, alpha):
    options = ["ALPHA=YES", "PHOTOMETRIC=RGB"]
    return gdal_files.write(
        path, numpy.concatenate([planes, alpha[None]]), options=options, change=place
    )


def mask_of(path, band=1):
    """0 where the file says that there is no data, and how it says so."""
    dataset = gdal.Open(str(path))
    found = dataset.GetRasterBand(band)
    mask = found.GetMaskBand()
    values = numpy.frombuffer(mask.ReadRaster(), numpy.uint8).reshape(mask.YSize, mask.XSize)
    return values, found.GetMaskFlags()


def as_bytes(values):
    """How files of bytes hold the network's output."""
    scaled = (values.astype(numpy.float64) * 255).astype(numpy.float32)
    return numpy.floor(numpy.clip(scaled, 0, 255).astype(numpy.float64) + 0.5).astype(numpy.uint8)


def filled_output(tool, model, folder, planes, data, *words, fill=0.0):
    """What the network gives for the scene with `fill` in place of what is no data."""
    pixels = planes / numpy.float64(255) if planes.dtype == numpy.uint8 else planes
    pixels = numpy.where(data, pixels, fill).astype(numpy.float32)
    source = gdal_files.write(folder / "filled.tif", pixels)
    whole = folder / "whole.tif"
    tool.ok("run", model, source, whole, "--mode", "whole", "--overwrite", *words)
    return gdal_files.read(whole)
