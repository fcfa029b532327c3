// open_image and create_image of a library that was built without GDAL: they say so. Built instead
// of the gdal_*.cpp files.
#include <fmt/format.h>

#include "sectile/image_files.h"
#include "sectile/mask.h"
#include "sectile/page_file.h"
#include "src/image/gdal_version.h"

namespace sectile {

namespace {

std::unexpected<Error> built_without_gdal(const char* operation, const std::string& path) {
  return fail(ErrorCode::unsupported,
              fmt::format("[{}] this Sectile was built without GDAL and handles images in memory "
                          "only; configure it with -DSECTILE_WITH_GDAL=ON to use files: {}",
                          operation, path));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_image(const std::string& path,
                                                const HostOptions& /*host*/,
                                                const ReadOptions& /*read*/) {
  return built_without_gdal("open_image", path);
}

Result<std::unique_ptr<ImageSink>> create_image(const std::string& path, const ImageInfo& /*info*/,
                                                const CreateOptions& /*options*/) {
  return built_without_gdal("create_image", path);
}

Result<std::shared_ptr<const Mask>> read_mask_file(const std::string& path,
                                                   const ImageInfo& /*image*/, bool /*reproject*/) {
  return built_without_gdal("mask", path);
}

struct PageFile::State {};

PageFile::PageFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
PageFile::PageFile(PageFile&&) noexcept = default;
PageFile& PageFile::operator=(PageFile&&) noexcept = default;
PageFile::~PageFile() = default;

Result<PageFile> PageFile::create(const std::string& path, int /*pages*/,
                                  const CreateOptions& /*options*/) {
  return built_without_gdal("pages", path);
}
std::string PageFile::next_page() const { return {}; }
Status PageFile::add_page() { return built_without_gdal("pages", {}); }
Status PageFile::finish() { return built_without_gdal("pages", {}); }

std::string internal::gdal_version() { return "none"; }

bool is_image(const std::string& /*path*/) { return false; }

Result<std::string> usual_ending(const std::string& format) {
  return built_without_gdal("usual_ending", format);
}

Result<std::vector<std::string>> image_files(const std::string& path) {
  return built_without_gdal("image_files", path);
}

}  // namespace sectile
