#include "src/image/gdal/geo.h"

#include <cpl_conv.h>
#include <fmt/format.h>
#include <ogr_srs_api.h>

#include <memory>

#include "src/image/gdal/call.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

struct ReleaseCrs {
  void operator()(void* crs) const { OSRRelease(static_cast<OGRSpatialReferenceH>(crs)); }
};
using Crs = std::unique_ptr<void, ReleaseCrs>;

// The newer dialect, which loses nothing; GDAL and PROJ read both.
std::string wkt_of(OGRSpatialReferenceH crs) {
  if (crs == nullptr) return {};
  const char* const options[] = {"FORMAT=WKT2_2019", nullptr};
  char* text = nullptr;
  const OGRErr error = OSRExportToWktEx(crs, &text, options);
  std::string wkt = error == OGRERR_NONE && text != nullptr ? text : "";
  CPLFree(text);
  return wkt;
}

Status write_crs(GDALDatasetH dataset, const std::string& wkt, const std::string& path) {
  const Crs crs(OSRNewSpatialReference(nullptr));
  std::string text = wkt;
  char* cursor = text.data();
  if (OSRImportFromWkt(crs.get(), &cursor) != OGRERR_NONE) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[create_image] the coordinate system is no WKT that GDAL reads: "
                            "{:.80}, for {}",
                            wkt, path));
  }
  OSRSetAxisMappingStrategy(crs.get(), OAMS_TRADITIONAL_GIS_ORDER);
  GDALSetSpatialRef(dataset, crs.get());
  return {};
}

void write_nodata(GDALDatasetH dataset, const ImageInfo& info) {
  if (!info.geo.nodata || !can_hold(info.pixel_type, *info.geo.nodata)) return;
  for (int band = 1; band <= info.bands; ++band) {
    GDALSetRasterNoDataValue(GDALGetRasterBand(dataset, band), *info.geo.nodata);
  }
}

}  // namespace

GeoReference read_geo(GDALDatasetH dataset) {
  GeoReference geo;
  std::array<double, 6> transform{};
  if (GDALGetGeoTransform(dataset, transform.data()) == CE_None) geo.transform = transform;
  geo.crs_wkt = wkt_of(GDALGetSpatialRef(dataset));
  int has_nodata = FALSE;
  const double nodata = GDALGetRasterNoDataValue(GDALGetRasterBand(dataset, 1), &has_nodata);
  if (has_nodata != FALSE) geo.nodata = nodata;
  return geo;
}

Status write_geo(GDALDatasetH dataset, const ImageInfo& info, const std::string& path) {
  const GdalCall call;
  if (info.geo.transform) {
    std::array<double, 6> transform = *info.geo.transform;
    GDALSetGeoTransform(dataset, transform.data());
  }
  if (!info.geo.crs_wkt.empty()) {
    if (auto status = write_crs(dataset, info.geo.crs_wkt, path); !status) return status;
  }
  write_nodata(dataset, info);
  if (!call.failed()) return {};
  return fail(ErrorCode::io, fmt::format("[create_image] cannot write the georeference: {}: {}",
                                         call.reason(), path));
}

bool is_empty(const GeoReference& geo) {
  return !geo.transform && geo.crs_wkt.empty() && !geo.nodata;
}

}  // namespace sectile::internal
