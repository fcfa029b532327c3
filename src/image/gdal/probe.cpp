#include "src/image/gdal/probe.h"

#include <cpl_vsi.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "src/base/count_text.h"
#include "src/image/gdal/file_writer.h"

namespace sectile::internal {

namespace {

namespace fs = std::filesystem;

// Of no side that a block has. Formats that Sectile does not know are tried with several blocks.
constexpr Size known_size{40, 80};
constexpr Size unknown_size{300, 600};
constexpr Size size_of_many_bands{4, 8};
constexpr int many_bands = 16;

constexpr const char* kTrial = "a small trial image";
constexpr std::uintmax_t needed_room_bytes = std::uintmax_t{16} << 20U;

// A folder in GDAL's memory or on the disk, for one probe.
class ProbeFolder {
 public:
  ProbeFolder(bool in_memory, const std::string& beside)
      : path_(in_memory ? fmt::format("/vsimem/sectile-{}", static_cast<const void*>(this))
                        : beside + "/probe") {
    VSIMkdir(path_.c_str(), 0700);
  }
  ProbeFolder(const ProbeFolder&) = delete;
  ProbeFolder& operator=(const ProbeFolder&) = delete;
  ~ProbeFolder() {
    VSIRmdirRecursive(path_.c_str());
    VSIUnlink(scratch_file().c_str());
  }

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // Beside the folder, so that no name is too long, and no driver takes it for its own.
  std::string scratch_file() const { return path_ + ".rows.tif"; }
  std::vector<std::string> names() const {
    const CPLStringList list(VSIReadDir(path_.c_str()));
    std::vector<std::string> names(list.List(), list.List() + list.size());
    std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
    return names;
  }

 private:
  std::string path_;
};

ImageInfo small(ImageInfo info, bool known) {
  const Size one_format = known ? known_size : unknown_size;
  const Size most = info.bands < many_bands ? one_format : size_of_many_bands;
  info.size = {std::min(info.size.height, most.height), std::min(info.size.width, most.width)};
  info.mask.reset();
  return info;
}

// Slopes, another in each band, with noise: values that a format of less precision changes, and
// that one which loses detail keeps roughly.
std::vector<float> pattern(const ImageInfo& info) {
  const double most = maximum_of(info.pixel_type, info.bits);
  constexpr double kSlope = 0.3;
  constexpr double kBandStep = 0.2;
  constexpr int kBandSteps = 4;
  constexpr double kNoise = 0.06;
  std::vector<float> pixels;
  std::uint32_t random = 1;
  const Size size = info.size;
  for (int band = 0; band < info.bands; ++band) {
    for (std::int64_t y = 0; y < size.height; ++y) {
      for (std::int64_t x = 0; x < size.width; ++x) {
        const double along =
            static_cast<double>(x + 2 * y) / static_cast<double>(size.width + 2 * size.height);
        const double value = kSlope * along + kBandStep * (band % kBandSteps) +
                             kNoise * static_cast<double>(random >> 16U) / 65536;
        random = random * 1664525U + 1013904223U;
        pixels.push_back(static_cast<float>(value * most));
      }
    }
  }
  return pixels;
}

Status write_pattern(const OutputFormat& format, const ImageInfo& info, const std::string& file,
                     const std::string& scratch) {
  auto writer = FileWriter::create(format, info, {kTrial, file, scratch}, true, {});
  if (!writer) return fail(writer.error());
  auto status = (*writer)->add({0, info.size.height}, pattern(info));
  return status ? (*writer)->complete() : status;
}

// Blocks first, then copies; in memory first, then on the disk.
Result<Probe> try_all_ways(const OutputFormat& format, const ImageInfo& info,
                           const std::string& name, const std::string& folder) {
  Error last;
  for (const bool direct : {true, false}) {
    if (direct ? !format.direct : !format.copies) continue;
    OutputFormat way = format;
    way.direct = direct;
    for (const bool in_memory : {true, false}) {
      if (in_memory && !format.in_memory) continue;
      const ProbeFolder place(in_memory, folder);
      const Status status = write_pattern(way, info, place.file(name), place.scratch_file());
      if (status) return Probe{way, place.names()};
      last = status.error();
    }
  }
  return fail(last);
}

// "[finish] reason: a small trial image" -> "reason"
std::string without_operation(const std::string& message) {
  const std::size_t begin = message.find("] ");
  if (begin == std::string::npos) return message;
  const std::size_t end = message.rfind(std::string(": ") + kTrial);
  return message.substr(begin + 2, end == std::string::npos ? end : end - begin - 2);
}

}  // namespace

Result<Probe> probe_format(const OutputFormat& format, const ImageInfo& info,
                           const std::string& path, const std::string& folder) {
  const std::string name = fs::path(path).filename().string();
  auto probe = try_all_ways(format, small(info, format.known), name, folder);
  if (probe) return probe;
  std::error_code ignored;
  const std::string reason = without_operation(probe.error().message);
  if (fs::space(folder, ignored).available < needed_room_bytes) {
    return fail(ErrorCode::io,
                fmt::format("[create_image] the disk is nearly full: {}: {}", reason, path));
  }
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("[create_image] {} does not keep {} of {} pixels: use another format, such as "
                  "GTiff (.tif); {} failed: {}: {}",
                  format.name, count_text(info.bands, "band"), to_string(info.pixel_type), kTrial,
                  reason, path));
}

Status write_small_image(const OutputFormat& format, const ImageInfo& info, const std::string& file,
                         const std::string& scratch) {
  ImageInfo plain = small(info, true);
  plain.geo = {};
  plain.approximation = {};
  return write_pattern(format, plain, file, scratch);
}

}  // namespace sectile::internal
