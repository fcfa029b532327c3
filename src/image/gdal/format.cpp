#include "src/image/gdal/format.h"

#include <cpl_vsi.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <vector>

#include "src/image/gdal/approximation.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/types.h"

namespace sectile::internal {

namespace {

// What GDAL does not tell about the formats that have an ending of ours.
struct Rule {
  const char* driver;
  std::vector<const char*> endings;
  std::vector<int> bands;        // empty: any number
  std::vector<PixelType> types;  // empty: as the driver says
  std::int64_t longest_side_px;
  bool copies_by_row;
  bool reports_every_failure;
  std::string_view end_marker;
};

constexpr std::int64_t any_side = std::numeric_limits<int>::max();
constexpr int most_bands = 65535;
constexpr std::int64_t trial_side = 64;
constexpr std::string_view png_end("\0\0\0\0IEND\xAE\x42\x60\x82", 12);
constexpr std::string_view jpeg_end("\xFF\xD9", 2);

std::vector<Rule> make_rules() {
  return {
      // Before GeoTIFF, whose endings its own end with.
      {"COG", {".cog.tif", ".cog.tiff"}, {}, {}, any_side, false, false, {}},
      {"GTiff", {".tif", ".tiff"}, {}, {}, any_side, false, true, {}},
      {"PNG",
       {".png"},
       {1, 2, 3, 4},
       {PixelType::u8, PixelType::u16},
       any_side,
       true,
       false,
       png_end},
      // GDAL also writes four bands, as CMYK, and 12 bits: few programs show them rightly.
      {"JPEG", {".jpg", ".jpeg"}, {1, 3}, {PixelType::u8}, 65500, true, false, jpeg_end},
  };
}

std::unexpected<Error> refuse(const std::string& what, const std::string& path) {
  return fail(ErrorCode::invalid_argument, fmt::format("[create_image] {}: {}", what, path));
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

Result<std::string> driver_by_ending(const std::string& path) {
  const std::string name = lower_case(std::filesystem::path(path).filename().string());
  std::vector<std::string> known;
  for (const Rule& rule : make_rules()) {
    const auto is_ending = [&](const char* ending) { return name.ends_with(ending); };
    if (std::ranges::any_of(rule.endings, is_ending)) return rule.driver;
    known.insert(known.end(), rule.endings.begin(), rule.endings.end());
  }
  return refuse(
      fmt::format("the ending '{}' is none of {}; name the format to use another one",
                  std::filesystem::path(name).extension().string(), fmt::join(known, " ")),
      path);
}

Rule rule_of(const std::string& driver) {
  for (const Rule& rule : make_rules()) {
    if (driver == rule.driver) return rule;
  }
  return {nullptr, {}, {}, {}, any_side, false, false, {}};
}

bool driver_can(GDALDriverH driver, const char* capability) {
  const char* answer = GDALGetMetadataItem(driver, capability, nullptr);
  return answer != nullptr && CPLTestBool(answer);
}

Result<GDALDriverH> find_driver(const std::string& name, const std::string& path) {
  const GDALDriverH driver = GDALGetDriverByName(name.c_str());
  if (driver == nullptr) return refuse(fmt::format("GDAL has no format '{}'", name), path);
  const bool writes =
      driver_can(driver, GDAL_DCAP_CREATE) || driver_can(driver, GDAL_DCAP_CREATECOPY);
  const std::string short_name = GDALGetDriverShortName(driver);
  // The two have Create, but keep the pixels in memory and in other files.
  const bool keeps_pixels = short_name != "MEM" && short_name != "VRT";
  if (writes && keeps_pixels && driver_can(driver, GDAL_DCAP_RASTER)) return driver;
  return fail(ErrorCode::unsupported,
              fmt::format("[create_image] GDAL cannot write images as {}: {}", short_name, path));
}

std::vector<std::string> names_of_types(GDALDriverH driver, const Rule& rule) {
  std::vector<std::string> names;
  for (const PixelType type : {PixelType::u8, PixelType::i8, PixelType::u16, PixelType::i16,
                               PixelType::u32, PixelType::i32, PixelType::f32, PixelType::f64}) {
    const bool allowed = rule.types.empty() || std::ranges::count(rule.types, type) > 0;
    if (allowed && driver_holds(driver, type)) names.emplace_back(to_string(type));
  }
  return names;
}

Status check_size(const ImageInfo& info, const std::string& path) {
  const Size size = info.size;
  if (size.height < 1 || size.width < 1 || size.height > any_side || size.width > any_side) {
    return refuse(fmt::format("the size {} is not between 1x1 and {}x{}", to_string(size), any_side,
                              any_side),
                  path);
  }
  if (info.bands >= 1 && info.bands <= most_bands) return {};
  return refuse(fmt::format("{} bands are not between 1 and {}", info.bands, most_bands), path);
}

Status check_rule(GDALDriverH driver, const Rule& rule, const ImageInfo& info,
                  const std::string& path) {
  const char* name = GDALGetDriverShortName(driver);
  const std::vector<std::string> types = names_of_types(driver, rule);
  if (std::ranges::count(types, to_string(info.pixel_type)) == 0) {
    return refuse(fmt::format("{} cannot hold {} pixels, only {}", name, to_string(info.pixel_type),
                              fmt::join(types, ", ")),
                  path);
  }
  if (!rule.bands.empty() && std::ranges::count(rule.bands, info.bands) == 0) {
    return refuse(fmt::format("{} cannot hold {} bands, only {}", name, info.bands,
                              fmt::join(rule.bands, ", ")),
                  path);
  }
  if (std::max(info.size.height, info.size.width) <= rule.longest_side_px) return {};
  return refuse(fmt::format("{} cannot hold {} pixels, only {} on each side", name,
                            to_string(info.size), rule.longest_side_px),
                path);
}

Result<CPLStringList> read_options(GDALDriverH driver, const CreateOptions& options,
                                   const std::string& path) {
  CPLStringList list;
  for (const std::string& option : options.driver_options) {
    const std::size_t equals = option.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return refuse(fmt::format("'{}' is not KEY=VALUE", option), path);
    }
    list.SetNameValue(option.substr(0, equals).c_str(), option.substr(equals + 1).c_str());
  }
  const GdalCall call;
  if (GDALValidateCreationOptions(driver, list.List()) != FALSE) return list;
  return refuse(call.reason(), path);
}

// Adds KEY=VALUE unless the caller has said something about KEY.
void add_default(CPLStringList& options, const char* key, const char* value) {
  if (options.FetchNameValue(key) == nullptr) options.SetNameValue(key, value);
}

void add_photometric(CPLStringList& options, const ImageInfo& info) {
  const bool is_color =
      info.bands == 3 && (info.pixel_type == PixelType::u8 || info.pixel_type == PixelType::u16);
  if (is_color) add_default(options, "PHOTOMETRIC", "RGB");
}

// DEFLATE opens everywhere. With a predictor, photographs are no smaller at its slower levels.
void add_compression(CPLStringList& options, const ImageInfo& info) {
  if (options.FetchNameValue("COMPRESS") != nullptr) return;
  const bool is_float = info.pixel_type == PixelType::f32 || info.pixel_type == PixelType::f64;
  options.SetNameValue("COMPRESS", "DEFLATE");
  add_default(options, "ZLEVEL", "1");
  add_default(options, "PREDICTOR", is_float ? "3" : "2");
}

void add_tiff_defaults(CPLStringList& options, const ImageInfo& info) {
  add_compression(options, info);
  if (options.FetchNameValue("TILED") == nullptr) {
    options.SetNameValue("TILED", "YES");
    add_default(options, "BLOCKXSIZE", "256");
    add_default(options, "BLOCKYSIZE", "256");
  }
  add_default(options, "BIGTIFF", "IF_SAFER");
  add_photometric(options, info);
}

// GDAL would append a mask of the "no data" pixels after the image's end, which only GDAL looks
// for.
void add_jpeg_defaults(OutputFormat& format) {
  add_default(format.options, "QUALITY", "95");
  add_default(format.options, "INTERNAL_MASK", "NO");
  if (format.options.FetchBool("INTERNAL_MASK", false)) format.end_marker = {};
}

void add_defaults(OutputFormat& format, const ImageInfo& info) {
  if (format.name == "GTiff") add_tiff_defaults(format.options, info);
  if (format.name == "JPEG") add_jpeg_defaults(format);
  const char* type_option = pixel_type_option(info.pixel_type);
  if (type_option != nullptr) format.options.AddString(type_option);
  format.keeps_approximation = keep_approximation(format.name, info, format.options);
}

// Copies a small black image into memory. Whether a driver takes so many bands of such a type, with
// such options, is written nowhere; asking now costs a millisecond, and finding out after the run
// may cost a day.
std::optional<std::string> try_copy(const OutputFormat& format, const ImageInfo& info) {
  const GdalCall call;
  const auto width = static_cast<int>(std::min(info.size.width, trial_side));
  const auto height = static_cast<int>(std::min(info.size.height, trial_side));
  const Dataset black(GDALCreate(GDALGetDriverByName("MEM"), "", width, height, info.bands,
                                 to_gdal(info.pixel_type), nullptr));
  const std::string folder = fmt::format("/vsimem/sectile-{}", static_cast<void*>(black.get()));
  const std::string file = folder + "/trial";
  Dataset copy(GDALCreateCopy(format.driver, file.c_str(), black.get(), FALSE,
                              format.options.List(), nullptr, nullptr));
  const bool copied = copy != nullptr;
  copy.reset();
  VSIRmdirRecursive(folder.c_str());
  if (copied && !call.failed()) return std::nullopt;
  return call.reason();
}

}  // namespace

Result<OutputFormat> choose_format(const std::string& path, const ImageInfo& info,
                                   const CreateOptions& options) {
  auto name = options.format.empty() ? driver_by_ending(path) : options.format;
  if (!name) return fail(name.error());
  auto driver = find_driver(*name, path);
  if (!driver) return fail(driver.error());
  const Rule rule = rule_of(GDALGetDriverShortName(*driver));
  if (auto status = check_size(info, path); !status) return fail(status.error());
  if (auto status = check_rule(*driver, rule, info, path); !status) return fail(status.error());
  auto driver_options = read_options(*driver, options, path);
  if (!driver_options) return fail(driver_options.error());

  OutputFormat format{*driver,
                      GDALGetDriverShortName(*driver),
                      *driver_options,
                      driver_can(*driver, GDAL_DCAP_CREATE),
                      rule.copies_by_row,
                      rule.reports_every_failure,
                      false,
                      rule.end_marker};
  add_defaults(format, info);
  if (format.direct || !driver_can(*driver, GDAL_DCAP_VIRTUALIO)) return format;
  if (auto reason = try_copy(format, info)) {
    return refuse(fmt::format("{} refuses such an image: {}", format.name, *reason), path);
  }
  return format;
}

// Not compressed: it is read once. Blocks as the copy will ask for them: a row-wise copy of a tiled
// file would need a row of tiles in GDAL's cache or decode each tile again for every row.
OutputFormat intermediate_format(const OutputFormat& format, const ImageInfo& info) {
  OutputFormat plain;
  plain.driver = GDALGetDriverByName("GTiff");
  plain.name = "GTiff";
  plain.direct = true;
  plain.options.SetNameValue("BIGTIFF", "IF_SAFER");
  plain.options.SetNameValue("SPARSE_OK", "YES");
  plain.options.SetNameValue("TILED", format.copies_by_row ? "NO" : "YES");
  plain.options.SetNameValue("BLOCKYSIZE", format.copies_by_row ? "16" : "256");
  add_photometric(plain.options, info);
  return plain;
}

}  // namespace sectile::internal
