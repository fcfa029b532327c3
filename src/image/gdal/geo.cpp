#include "src/image/gdal/geo.h"

#include <cpl_conv.h>
#include <fmt/format.h>
#include <ogr_srs_api.h>

#include <memory>
#include <utility>
#include <vector>

#include "src/image/gdal/call.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

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

// Null without a text. Errors: invalid_argument: it means nothing to GDAL.
Result<Crs> crs_for(const std::string& wkt, const std::string& path) {
  Crs crs = crs_of(wkt);
  if (crs != nullptr || wkt.empty()) return crs;
  return fail(ErrorCode::invalid_argument,
              fmt::format("[create_image] the coordinate system is no WKT that GDAL reads: "
                          "{:.80}, for {}",
                          wkt, path));
}

Status write_crs(GDALDatasetH dataset, const std::string& wkt, const std::string& path) {
  if (wkt.empty()) return {};
  const auto crs = crs_for(wkt, path);
  if (!crs) return fail(crs.error());
  GDALSetSpatialRef(dataset, crs->get());
  return {};
}

std::vector<ControlPoint> read_points(GDALDatasetH dataset) {
  std::vector<ControlPoint> points;
  const GDAL_GCP* all = GDALGetGCPs(dataset);
  for (int i = 0; i < GDALGetGCPCount(dataset); ++i) {
    const GDAL_GCP& gcp = all[i];
    points.push_back({gcp.pszId, gcp.pszInfo, gcp.dfGCPPixel, gcp.dfGCPLine, gcp.dfGCPX, gcp.dfGCPY,
                      gcp.dfGCPZ});
  }
  return points;
}

// Formats hold a transform or points; the transform says more.
Status write_points(GDALDatasetH dataset, const GeoReference& geo, const std::string& path) {
  if (geo.points.empty() || geo.transform) return {};
  std::vector<ControlPoint> points = geo.points;
  std::vector<GDAL_GCP> gcps;
  for (ControlPoint& point : points) {
    gcps.push_back(
        {point.id.data(), point.info.data(), point.column, point.row, point.x, point.y, point.z});
  }
  const auto crs = crs_for(geo.points_crs_wkt, path);
  if (!crs) return fail(crs.error());
  GDALSetGCPs2(dataset, static_cast<int>(gcps.size()), gcps.data(), crs->get());
  return {};
}

void write_nodata(GDALDatasetH dataset, const ImageInfo& info) {
  if (!info.geo.nodata || !can_hold(info.pixel_type, *info.geo.nodata)) return;
  for (int band = 1; band <= info.bands; ++band) {
    GDALSetRasterNoDataValue(GDALGetRasterBand(dataset, band), *info.geo.nodata);
  }
}

}  // namespace

void ReleaseCrs::operator()(void* crs) const { OSRRelease(crs); }

Crs crs_of(const std::string& wkt) {
  if (wkt.empty()) return nullptr;
  Crs crs(OSRNewSpatialReference(nullptr));
  std::string text = wkt;
  char* cursor = text.data();
  if (OSRImportFromWkt(crs.get(), &cursor) != OGRERR_NONE) return nullptr;
  OSRSetAxisMappingStrategy(crs.get(), OAMS_TRADITIONAL_GIS_ORDER);
  return crs;
}

GeoReference read_geo(GDALDatasetH dataset) {
  GeoReference geo;
  std::array<double, 6> transform{};
  if (GDALGetGeoTransform(dataset, transform.data()) == CE_None) geo.transform = transform;
  geo.crs_wkt = wkt_of(GDALGetSpatialRef(dataset));
  int has_nodata = FALSE;
  const double nodata = GDALGetRasterNoDataValue(GDALGetRasterBand(dataset, 1), &has_nodata);
  if (has_nodata != FALSE) geo.nodata = nodata;
  geo.points = read_points(dataset);
  if (!geo.points.empty()) geo.points_crs_wkt = wkt_of(GDALGetGCPSpatialRef(dataset));
  geo.rpc = metadata_items(dataset, "RPC");
  geo.has_arrays = !metadata_items(dataset, "GEOLOCATION").empty();
  return geo;
}

Status write_geo(GDALDatasetH dataset, const ImageInfo& info, const std::string& path) {
  const GdalCall call;
  if (info.geo.transform) {
    std::array<double, 6> transform = *info.geo.transform;
    GDALSetGeoTransform(dataset, transform.data());
  }
  if (auto status = write_crs(dataset, info.geo.crs_wkt, path); !status) return status;
  if (auto status = write_points(dataset, info.geo, path); !status) return status;
  write_items(dataset, info.geo.rpc, "RPC");
  write_nodata(dataset, info);
  if (!call.failed()) return {};
  return fail(ErrorCode::io, fmt::format("[create_image] cannot write the georeference: {}: {}",
                                         call.reason(), path));
}

bool is_empty(const GeoReference& geo) {
  return !geo.transform && geo.crs_wkt.empty() && !geo.nodata && geo.points.empty() &&
         geo.rpc.empty();
}

}  // namespace sectile::internal
