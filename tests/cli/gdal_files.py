"""Image files made and read with GDAL's own Python (Debian's python3-gdal), never with Sectile.

The environment of the tests is another than the system's, so the package is loaded by its place.
"""

import importlib.machinery
import importlib.util
import sys

import numpy

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"


def system_package(name):
    spec = importlib.machinery.PathFinder.find_spec(name, [SYSTEM_PACKAGES])
    assert spec, f"{name} is not in {SYSTEM_PACKAGES}: scripts/setup.sh installs it"
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    return package


system_package("osgeo")
from osgeo import gdal, osr  # noqa: E402

gdal.UseExceptions()

TYPES = {
    "uint8": gdal.GDT_Byte,
    "uint16": gdal.GDT_UInt16,
    "int16": gdal.GDT_Int16,
    "uint32": gdal.GDT_UInt32,
    "float32": gdal.GDT_Float32,
}
NAMES = {number: name for name, number in TYPES.items()}


def write(path, pixels, driver="GTiff", options=(), change=None):
    """bands x height x width, or height x width. `change` is called with the open dataset."""
    planes = pixels if pixels.ndim == 3 else pixels[None]
    bands, height, width = planes.shape
    kind = TYPES[planes.dtype.name]
    made = gdal.GetDriverByName(driver)
    direct = made.GetMetadataItem("DCAP_CREATE") == "YES"
    first = made if direct else gdal.GetDriverByName("MEM")
    name, first_options = (str(path), list(options)) if direct else ("", [])
    dataset = first.Create(name, width, height, bands, kind, first_options)
    if change:
        change(dataset)
    dataset.WriteRaster(0, 0, width, height, numpy.ascontiguousarray(planes).tobytes())
    if not direct:
        made.CreateCopy(str(path), dataset, options=list(options))
    return path


def read(path):
    """bands x height x width."""
    dataset = gdal.Open(str(path))
    name = NAMES[dataset.GetRasterBand(1).DataType]
    shape = (dataset.RasterCount, dataset.RasterYSize, dataset.RasterXSize)
    return numpy.frombuffer(dataset.ReadRaster(), name).reshape(shape)


def bands(path):
    """One after the other: they go with their file."""
    dataset = gdal.Open(str(path))
    for number in range(1, dataset.RasterCount + 1):
        yield dataset.GetRasterBand(number)


def bits(path):
    return [band.GetMetadataItem("NBITS", "IMAGE_STRUCTURE") for band in bands(path)]


def meanings(path):
    return [gdal.GetColorInterpretationName(band.GetColorInterpretation()) for band in bands(path)]


def utm(zone=33):
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32600 + zone)
    return reference
