#include "src/image/gdal/format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <vector>

#include "src/image/gdal/approximation.h"
#include "src/image/gdal/bit_depth.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/metadata.h"
#include "src/image/gdal/types.h"
#include "src/image/pixel_convert.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t any_side = std::numeric_limits<int>::max();
constexpr int most_bands = 65535;
constexpr std::string_view png_end("\0\0\0\0IEND\xAE\x42\x60\x82", 12);
constexpr std::string_view jpeg_end("\xFF\xD9", 2);

// What GDAL does not tell about a format.
struct Rule {
  const char* driver = nullptr;
  std::vector<const char*> endings = {};
  std::vector<int> bands = {};        // empty: any number
  std::vector<PixelType> types = {};  // empty: as the driver says
  std::int64_t longest_side_px = any_side;
  bool copies_by_row = false;
  bool reports_every_failure = false;
  std::string_view end_marker = {};
  bool only_by_copy = false;  // its own way of taking blocks is slow, or wrong
};

// The sides are those of the formats, or of the libraries that GDAL writes them with: libpng's
// limit for users, libjpeg's, 14 bits in WebP, 16 bits in GIF, SGI and (with a sign) GSBG.
std::vector<Rule> make_rules() {
  return {
      // Before GeoTIFF, whose endings its own end with.
      {.driver = "COG", .endings = {".cog.tif", ".cog.tiff"}},
      {.driver = "GTiff", .endings = {".tif", ".tiff"}, .reports_every_failure = true},
      {.driver = "PNG",
       .endings = {".png"},
       .bands = {1, 2, 3, 4},
       .types = {PixelType::u8, PixelType::u16},
       .longest_side_px = 1000000,
       .copies_by_row = true,
       .end_marker = png_end},
      // GDAL also writes four bands, as CMYK, and 12 bits: few programs show them rightly.
      {.driver = "JPEG",
       .endings = {".jpg", ".jpeg"},
       .bands = {1, 3},
       .types = {PixelType::u8},
       .longest_side_px = 65500,
       .copies_by_row = true,
       .end_marker = jpeg_end},
      {.driver = "JP2OpenJPEG"},
      {.driver = "WEBP", .longest_side_px = 16383},
      {.driver = "GIF", .longest_side_px = 65535, .copies_by_row = true},
      {.driver = "SGI", .longest_side_px = 65535},
      {.driver = "GSBG", .longest_side_px = 32767},
      {.driver = "MRF", .only_by_copy = true},
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
  return {};
}

bool driver_can(GDALDriverH driver, const char* capability) {
  const char* answer = GDALGetMetadataItem(driver, capability, nullptr);
  return answer != nullptr && CPLTestBool(answer);
}

Result<GDALDriverH> find_driver(const std::string& name) {
  const GDALDriverH driver = GDALGetDriverByName(name.c_str());
  if (driver == nullptr) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[create_image] GDAL has no format '{}'", name));
  }
  const bool writes =
      driver_can(driver, GDAL_DCAP_CREATE) || driver_can(driver, GDAL_DCAP_CREATECOPY);
  const std::string short_name = GDALGetDriverShortName(driver);
  // The two have Create, but keep the pixels in memory and in other files.
  const bool keeps_pixels = short_name != "MEM" && short_name != "VRT";
  if (writes && keeps_pixels && driver_can(driver, GDAL_DCAP_RASTER)) return driver;
  return fail(ErrorCode::unsupported,
              fmt::format("[create_image] GDAL cannot write images as {}", short_name));
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
  if (const std::string why = invented_alpha(info, name); !why.empty()) return refuse(why, path);
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

// DEFLATE opens everywhere. With a predictor, photographs are no smaller at its slower levels.
void add_compression(CPLStringList& options, const ImageInfo& info, int bits) {
  if (options.FetchNameValue("COMPRESS") != nullptr) return;
  options.SetNameValue("COMPRESS", "DEFLATE");
  add_default(options, "ZLEVEL", "1");
  // Libtiff has no predictor for fewer bits than the type's.
  if (bits == 0) add_default(options, "PREDICTOR", is_floating(info.pixel_type) ? "3" : "2");
}

void add_tiff_defaults(CPLStringList& options, const ImageInfo& info, int bits) {
  add_compression(options, info, bits);
  if (options.FetchNameValue("TILED") == nullptr) {
    options.SetNameValue("TILED", "YES");
    add_default(options, "BLOCKXSIZE", "256");
    add_default(options, "BLOCKYSIZE", "256");
  }
  add_default(options, "BIGTIFF", "IF_SAFER");
  choose_photometric(info, options);
}

// GDAL would append a mask of the "no data" pixels after the image's end, which only GDAL looks
// for.
void add_jpeg_defaults(OutputFormat& format) {
  add_default(format.options, "QUALITY", "95");
  add_default(format.options, "INTERNAL_MASK", "NO");
  if (format.options.FetchBool("INTERNAL_MASK", false)) format.end_marker = {};
}

// By default they are averages of pixels.
void keep_labels_in_overviews(CPLStringList& options) {
  if (options.FetchNameValue("RESAMPLING") != nullptr) return;
  add_default(options, "OVERVIEW_RESAMPLING", "NEAREST");
}

void add_defaults(OutputFormat& format, const ImageInfo& info) {
  format.bits = choose_bits(info, format);
  format.callers_colors = says_colors(format.options);
  if (format.name == "GTiff") add_tiff_defaults(format.options, info, format.bits);
  if (format.name == "JPEG") add_jpeg_defaults(format);
  if (format.name == "COG" && info.labels) keep_labels_in_overviews(format.options);
  const char* type_option = pixel_type_option(info.pixel_type);
  if (type_option != nullptr) format.options.AddString(type_option);
  format.keeps_approximation = keep_approximation(format.name, info, format.options);
}

// By the names that drivers give to compressions that change pixels.
bool loses_detail(const std::string& driver, const ImageInfo& info, const CPLStringList& options) {
  const auto is_set = [&](const char* key) { return options.FetchBool(key, false); };
  const auto text = [&](const char* key) {
    return std::string(options.FetchNameValueDef(key, ""));
  };
  if (driver == "JPEG") return true;
  if (driver == "WEBP") return !is_set("LOSSLESS");
  if (driver == "JP2OpenJPEG") return !is_set("REVERSIBLE") || text("QUALITY") != "100";
  if (!text("DISCARD_LSB").empty() || (is_floating(info.pixel_type) && !text("NBITS").empty()))
    return true;
  for (const char* lossy :
       {"JPEG", "WEBP", "JXL", "LERC", "LERC_DEFLATE", "LERC_ZSTD", "C3", "M3", "C8"}) {
    if (EQUAL(text("COMPRESS").c_str(), lossy) || EQUAL(text("IC").c_str(), lossy)) return true;
  }
  return false;
}

}  // namespace

Result<OutputFormat> choose_format(const std::string& path, const ImageInfo& info,
                                   const CreateOptions& options) {
  auto name = options.format.empty() ? driver_by_ending(path) : options.format;
  if (!name) return fail(name.error());
  auto driver = find_driver(*name);
  if (!driver) return fail(driver.error().code, driver.error().message + ": " + path);
  const Rule rule = rule_of(GDALGetDriverShortName(*driver));
  if (auto status = check_size(info, path); !status) return fail(status.error());
  if (auto status = check_rule(*driver, rule, info, path); !status) return fail(status.error());
  auto driver_options = read_options(*driver, options, path);
  if (!driver_options) return fail(driver_options.error());

  OutputFormat format;
  format.driver = *driver;
  format.name = GDALGetDriverShortName(*driver);
  format.options = *driver_options;
  format.known = rule.driver != nullptr;
  format.direct = driver_can(*driver, GDAL_DCAP_CREATE) && !rule.only_by_copy;
  format.copies = driver_can(*driver, GDAL_DCAP_CREATECOPY);
  format.in_memory = driver_can(*driver, GDAL_DCAP_VIRTUALIO);
  format.loses_detail = loses_detail(format.name, info, format.options);
  if (info.labels && format.loses_detail) {
    return refuse(fmt::format("{} would change pixels, which are numbers of classes, or 0 and 1: "
                              "use GTiff (.tif) or PNG, or options that lose nothing",
                              format.name),
                  path);
  }
  format.copies_by_row = rule.copies_by_row;
  format.reports_every_failure = rule.reports_every_failure;
  format.end_marker = rule.end_marker;
  add_defaults(format, info);
  return format;
}

Result<std::string> usual_ending_of(const std::string& name) {
  const auto driver = find_driver(name);
  if (!driver) return fail(driver.error());
  const std::string_view all = metadata_text(*driver, GDAL_DMD_EXTENSIONS);
  const std::string_view one = metadata_text(*driver, GDAL_DMD_EXTENSION);
  const std::string_view ending = one.empty() ? all.substr(0, all.find(' ')) : one;
  return ending.empty() ? "" : fmt::format(".{}", ending);
}

std::int64_t longest_side_px(const std::string& driver) { return rule_of(driver).longest_side_px; }

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
  choose_photometric(info, plain.options);
  return plain;
}

}  // namespace sectile::internal
