#include "src/image/gdal/pages.h"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>

#include <algorithm>

namespace sectile::internal {

namespace {

std::unexpected<Error> cannot_open(const std::string& path, const std::string& reason) {
  VSIStatBufL entry;
  if (VSIStatExL(path.c_str(), &entry, VSI_STAT_EXISTS_FLAG) != 0) {
    return fail(ErrorCode::not_found, fmt::format("[open_image] no such file: {}", path));
  }
  return fail(ErrorCode::io,
              fmt::format("[open_image] not an image that GDAL reads: {} ({})", path, reason));
}

std::vector<std::string> texts_of_pages(GDALDatasetH dataset, const char* kind) {
  char** items = GDALGetMetadata(dataset, "SUBDATASETS");
  std::vector<std::string> texts;
  for (int number = 1;; ++number) {
    const std::string key = fmt::format("SUBDATASET_{}_{}", number, kind);
    const char* text = CSLFetchNameValue(items, key.c_str());
    if (text == nullptr) return texts;
    texts.emplace_back(text);
  }
}

// "1 temperature (721x1440), 2 ..."
std::string described(GDALDatasetH dataset) {
  constexpr std::size_t kMost = 6;
  const std::vector<std::string> texts = texts_of_pages(dataset, "DESC");
  std::string all;
  for (std::size_t i = 0; i < std::min(texts.size(), kMost); ++i) {
    all += fmt::format("{}{} {:.60}", all.empty() ? "" : ", ", i + 1, texts[i]);
  }
  return texts.size() > kMost ? all + ", ..." : all;
}

std::unexpected<Error> no_such_page(int page, std::size_t pages, const std::string& path) {
  const std::string what =
      pages < 2 ? "the file holds one image" : fmt::format("the file holds images 1 to {}", pages);
  return fail(ErrorCode::invalid_argument,
              fmt::format("[open_image] there is no page {}: {}: {}", page, what, path));
}

}  // namespace

Dataset open_dataset(const std::string& path) {
  return Dataset(GDALOpenEx(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                            nullptr, nullptr, nullptr));
}

std::vector<std::string> page_names(void* dataset) { return texts_of_pages(dataset, "NAME"); }

Result<std::pair<std::string, Dataset>> open_page(const std::string& path, int page) {
  const GdalCall call;
  Dataset file = open_dataset(path);
  if (!file) return cannot_open(path, call.reason());
  const std::vector<std::string> names = page_names(file.get());
  const bool is_image = GDALGetRasterCount(file.get()) > 0;
  if (page == 0 && is_image) return std::pair(path, std::move(file));
  if (page == 0) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("[open_image] the file holds {} images: choose one with --page, or give "
                    "GDAL's name of one ({}): {}",
                    names.size(), described(file.get()), path));
  }
  if (page == 1 && names.empty() && is_image) return std::pair(path, std::move(file));
  if (page < 0 || static_cast<std::size_t>(page) > names.size()) {
    return no_such_page(page, names.size(), path);
  }
  const std::string& name = names[static_cast<std::size_t>(page) - 1];
  file = open_dataset(name);
  if (!file) return cannot_open(name, call.reason());
  if (GDALGetRasterCount(file.get()) > 0) return std::pair(name, std::move(file));
  return fail(ErrorCode::unsupported, fmt::format("[open_image] no image: {}", name));
}

}  // namespace sectile::internal
