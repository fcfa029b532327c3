#include "sectile/page_file.h"

#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>

#include <filesystem>
#include <utility>

#include "src/base/catch_exceptions.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/format.h"
#include "src/image/gdal/neighbours.h"
#include "src/image/gdal/types.h"
#include "src/image/pending_output.h"

namespace sectile {

using namespace internal;

struct PageFile::State {
  State(std::string name, int count, CreateOptions asked, PendingOutput output)
      : path(std::move(name)),
        pages(count),
        options(std::move(asked)),
        staging(std::move(output)) {}

  std::string path;  // as the caller wrote it
  int pages;
  int added = 0;
  CreateOptions options;
  PendingOutput staging;
};

namespace {

// A classic TIFF ends at 4 GiB, and what all pages take is not known when the first is written.
constexpr std::int64_t kMostClassicBytes = std::int64_t{2} << 30;

ImageInfo info_of(GDALDatasetH page) {
  ImageInfo info;
  info.size = {GDALGetRasterYSize(page), GDALGetRasterXSize(page)};
  info.bands = GDALGetRasterCount(page);
  info.pixel_type = pixel_type_of(page).value_or(PixelType::f64);
  return info;
}

std::int64_t bytes_of(GDALDatasetH page) {
  return info_of(page).size.area() * GDALGetRasterCount(page) *
         GDALGetDataTypeSizeBytes(GDALGetRasterDataType(GDALGetRasterBand(page, 1)));
}

std::unexpected<Error> failed(const std::string& reason, const std::string& path) {
  return fail(ErrorCode::io, fmt::format("[pages] {}: {}", reason, path));
}

Result<PendingOutput> begin(const std::string& path, const CreateOptions& options) {
  const ImageInfo any{.size = {1, 1}};
  const auto format = choose_format(path, any, options);
  if (!format) return fail(format.error());
  if (format->name != "GTiff") {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[pages] {} holds one image: name a .tif for several pages: {}",
                            format->name, path));
  }
  auto staging = PendingOutput::beside(path, options.overwrite);
  if (!staging) return fail(staging.error());
  const Probe made{*format, {std::filesystem::path(path).filename().string()}};
  auto stale = find_stale_files(*staging, made, any, options);
  if (!stale) return fail(stale.error());
  staging->remove_with_publish(std::move(*stale));
  return staging;
}

}  // namespace

PageFile::PageFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
PageFile::PageFile(PageFile&&) noexcept = default;
PageFile& PageFile::operator=(PageFile&&) noexcept = default;
PageFile::~PageFile() = default;

Result<PageFile> PageFile::create(const std::string& path, int pages,
                                  const CreateOptions& options) {
  return catch_exceptions("[pages]", [&]() -> Result<PageFile> {
    register_formats();
    auto staging = begin(path, options);
    if (!staging) return fail(staging.error());
    return PageFile(std::make_unique<State>(path, pages, options, std::move(*staging)));
  });
}

std::string PageFile::next_page() const { return state_->staging.folder() + "/page.tif"; }

Status PageFile::add_page() {
  const GdalCall call;
  const std::string name = next_page();
  Dataset page(GDALOpenEx(name.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  if (!page) return failed(call.reason(), state_->path);
  auto format = choose_format(name, info_of(page.get()), state_->options);
  if (!format) return fail(format.error());
  const bool is_first = state_->added == 0;
  format->options.SetNameValue("APPEND_SUBDATASET", is_first ? "NO" : "YES");
  if (bytes_of(page.get()) > kMostClassicBytes / state_->pages) {
    format->options.SetNameValue("BIGTIFF", "YES");
  }
  const GdalThreadOption inside("GDAL_TIFF_INTERNAL_MASK", "YES");
  Dataset copy(GDALCreateCopy(format->driver, state_->staging.file().c_str(), page.get(), FALSE,
                              format->options.List(), nullptr, nullptr));
  if (!copy || call.failed()) return failed(call.reason(), state_->path);
  if (auto reason = close_dataset(std::move(copy))) return failed(*reason, state_->path);
  page.reset();
  VSIUnlink(name.c_str());
  ++state_->added;
  return {};
}

Status PageFile::finish() {
  if (state_->added == state_->pages) return state_->staging.publish();
  return fail(ErrorCode::invalid_argument, fmt::format("[pages] {} of {} pages are there: {}",
                                                       state_->added, state_->pages, state_->path));
}

}  // namespace sectile
