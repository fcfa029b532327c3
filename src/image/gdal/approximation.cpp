#include "src/image/gdal/approximation.h"

#include <fmt/format.h>

#include <string_view>

#include "src/image/gdal/call.h"

namespace sectile::internal {

namespace {
constexpr const char* kItem = "SECTILE_APPROXIMATE";
}

std::string read_approximation(GDALDatasetH dataset) {
  const char* item = GDALGetMetadataItem(dataset, kItem, nullptr);
  if (item != nullptr) return item;
  const char* comment = GDALGetMetadataItem(dataset, "COMMENT", nullptr);
  const std::string begin = fmt::format("{}=", kItem);
  if (comment == nullptr || !std::string_view(comment).starts_with(begin)) return {};
  return comment + begin.size();
}

Status write_approximation(GDALDatasetH dataset, const ImageInfo& info, const std::string& path) {
  if (info.approximation.empty()) return {};
  const GdalCall call;
  GDALSetMetadataItem(dataset, kItem, info.approximation.c_str(), nullptr);
  if (!call.failed()) return {};
  return fail(ErrorCode::io,
              fmt::format("[create_image] cannot write the metadata: {}: {}", call.reason(), path));
}

bool keep_approximation(const std::string& driver, const ImageInfo& info, CPLStringList& options) {
  if (info.approximation.empty()) return false;
  if (driver == "PNG") options.SetNameValue("WRITE_METADATA_AS_TEXT", "YES");
  if (driver == "JPEG") {
    const std::string given = options.FetchNameValueDef("COMMENT", "");
    const std::string comment =
        fmt::format("{}={}{}{}", kItem, info.approximation, given.empty() ? "" : "\n", given);
    options.SetNameValue("COMMENT", comment.c_str());
  }
  return driver == "PNG" || driver == "JPEG";
}

}  // namespace sectile::internal
