#include "src/image/check_access.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "src/base/integers.h"

namespace sectile::internal {

namespace {

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_argument, "[image] " + std::move(what));
}

Status check_values(const ImageInfo& info, Size size, std::size_t values) {
  const std::size_t wanted = value_count(info, size);
  if (values == wanted) return {};
  return refuse(fmt::format("{} pixels of {} bands are {} values, and the buffer holds {}",
                            to_string(size), info.bands, wanted, values));
}

}  // namespace

std::size_t value_count(const ImageInfo& info, Size size) {
  return static_cast<std::size_t>(size.area() * info.bands);
}

Status check_pixel_type(PixelType type) {
  if (type >= PixelType::u8 && type <= PixelType::f64) return {};
  return refuse(fmt::format("there is no pixel type {}", static_cast<int>(type)));
}

Status check_info(const ImageInfo& info) {
  constexpr std::int64_t kMostValues = std::int64_t{1} << 58;
  if (info.size.height < 1 || info.size.width < 1) {
    return refuse(fmt::format("an image of {} has no pixels", to_string(info.size)));
  }
  if (info.bands < 1) return refuse(fmt::format("an image of {} bands holds nothing", info.bands));
  if (auto status = check_pixel_type(info.pixel_type); !status) return status;
  if (info.bits < 0) return refuse(fmt::format("pixels of {} bits hold nothing", info.bits));
  const std::size_t described = info.metadata.bands.size();
  if (described != 0 && described != static_cast<std::size_t>(info.bands)) {
    return refuse(fmt::format("{} bands are described of an image of {}", described, info.bands));
  }
  if (info.held_bytes < 0) return refuse("an image cannot hold less than 0 bytes");
  const std::array dims{info.size.height, info.size.width, std::int64_t{info.bands}};
  if (product_within(dims, kMostValues)) return {};
  return refuse(fmt::format("an image of {} with {} bands is larger than any machine holds",
                            to_string(info.size), info.bands));
}

Status check_read(const ImageInfo& info, const Rect& rect, std::size_t values) {
  if (rect.empty() || !Rect::of(info.size).contains(rect)) {
    return refuse(
        fmt::format("{} are not inside an image of {}", to_string(rect), to_string(info.size)));
  }
  return check_values(info, rect.size(), values);
}

Status check_write(const ImageInfo& info, std::int64_t next_row, Range rows, std::size_t values) {
  if (rows.empty() || rows.begin != next_row || rows.end > info.size.height) {
    return refuse(fmt::format("rows {} to {} were given where those from {} to at most {} are next",
                              rows.begin, rows.end, next_row, info.size.height));
  }
  return check_values(info, {rows.size(), info.size.width}, values);
}

Status check_complete(const ImageInfo& info, std::int64_t next_row) {
  if (next_row == info.size.height) return {};
  return refuse(fmt::format("rows {} to {} were not written", next_row, info.size.height));
}

}  // namespace sectile::internal
