#include "cli/parse.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

namespace sectile::cli {

namespace {

constexpr int kMostCount = 1024;

std::unexpected<Error> refuse(std::string_view text, std::string_view what,
                              std::string_view would_do) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("'{}' is not {}; write {}", text, what, would_do));
}

// The whole text as a number; nothing when it is anything else, or too large.
template <typename T>
std::optional<T> to_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> to_finite(std::string_view text) {
  const auto value = to_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// One side of an image. GDAL, and most formats, count pixels with 32 bits.
std::optional<std::int64_t> to_side(std::string_view text) {
  const auto side = is_digits(text) ? to_number<std::int32_t>(text) : std::nullopt;
  return side && *side > 0 ? std::optional<std::int64_t>(*side) : std::nullopt;
}

std::optional<Size> to_size(std::string_view text) {
  const std::size_t cross = text.find_first_of("xX");
  if (cross == std::string_view::npos) return std::nullopt;
  const auto width = to_side(text.substr(0, cross));
  const auto height = to_side(text.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  return Size{.height = *height, .width = *width};
}

// "512M" -> "512" and 2^20. An unknown unit gives 0.
struct Unit {
  std::string_view number;
  double bytes = 0;
};

Unit split_unit(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view unit = text.substr(begin);
  constexpr std::string_view letters = "KMGT";
  constexpr std::string_view small_letters = "kmgt";
  if (unit.empty()) return {text, 1};
  const std::size_t place = std::min(letters.find(unit[0]), small_letters.find(unit[0]));
  const std::string_view rest = unit.substr(1);
  if (place == std::string_view::npos || !(rest.empty() || rest == "B" || rest == "iB")) return {};
  return {text.substr(0, begin), std::ldexp(1.0, 10 * (static_cast<int>(place) + 1))};
}

std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

Result<std::vector<double>> parse_list(const std::string& text, bool (*admits)(double),
                                       std::string_view what) {
  std::vector<double> values;
  for (const std::string_view word : split_at_commas(text)) {
    const auto value = to_finite(word);
    if (!value || !admits(*value)) {
      return refuse(text, what, "one number, or one a band with commas between them: 0.5,0.4,0.3");
    }
    values.push_back(*value);
  }
  return values;
}

// A row or column, from 0 on.
std::optional<std::int64_t> to_position(std::string_view text) {
  return is_digits(text) ? to_number<std::int32_t>(text) : std::nullopt;
}

}  // namespace

Result<std::int64_t> parse_bytes(const std::string& text) {
  const Unit unit = split_unit(text);
  const auto number = to_finite(unit.number);
  const double bytes = number.value_or(0) * unit.bytes;
  constexpr double most = 0x1p62;
  if (bytes >= 1 && bytes <= most) return static_cast<std::int64_t>(bytes);
  return refuse(text, "an amount of memory", "bytes, or a number with K, M, G or T: 512M, 2G");
}

Result<Size> parse_size(const std::string& text) {
  if (const auto size = to_size(text)) return *size;
  return refuse(text, "the size of an image", "width x height in pixels: 1920x1080");
}

Result<Size> parse_tile(const std::string& text) {
  if (const auto side = to_side(text)) return Size{*side, *side};
  if (const auto size = to_size(text)) return *size;
  return refuse(text, "the size of a tile", "one side or width x height in pixels: 288 or 512x256");
}

Result<ImageArgument> parse_image(const std::string& text) {
  const std::size_t cross = std::min(text.find_first_of("xX"), text.size());
  const std::string_view before = std::string_view(text).substr(0, cross);
  const std::string_view after = std::string_view(text).substr(std::min(cross + 1, text.size()));
  if (!is_digits(before) || !is_digits(after)) return ImageArgument(text);
  const auto size = parse_size(text);
  if (!size) return fail(size.error());
  return ImageArgument(*size);
}

Result<Mode> parse_mode(const std::string& text) {
  for (const Mode mode : {Mode::automatic, Mode::whole, Mode::tile, Mode::stream}) {
    if (text == to_string(mode)) return mode;
  }
  return refuse(text, "a mode", "auto, whole, tile or stream");
}

Result<StatisticsMode> parse_statistics(const std::string& text) {
  for (const StatisticsMode mode : {StatisticsMode::exact, StatisticsMode::accurate}) {
    if (text == to_string(mode)) return mode;
  }
  return refuse(text, "a way to add up statistics", "exact or accurate");
}

Result<KeepMode> parse_keep_mode(const std::string& text) {
  for (const KeepMode mode :
       {KeepMode::automatic, KeepMode::none, KeepMode::memory, KeepMode::file}) {
    if (text == to_string(mode)) return mode;
  }
  return refuse(text, "a way to keep images", "auto, none, memory or file");
}

Result<std::int64_t> parse_rows(const std::string& text) {
  const auto rows = to_number<std::int64_t>(text);
  if (rows && *rows >= 1) return *rows;
  return refuse(text, "a number of rows", "a whole number from 1 on");
}

Result<std::int64_t> parse_overlap(const std::string& text) {
  const auto pixels = to_number<std::int64_t>(text);
  if (pixels && *pixels >= 0) return *pixels;
  return refuse(text, "an overlap", "a whole number of pixels: 32");
}

Result<int> parse_count(const std::string& text) {
  const auto count = to_number<int>(text);
  if (count && *count >= 1 && *count <= kMostCount) return *count;
  return refuse(text, "a count", fmt::format("a whole number from 1 to {}", kMostCount));
}

Result<std::vector<int>> parse_bands(const std::string& text) {
  std::vector<int> bands;
  for (const std::string_view word : split_at_commas(text)) {
    const auto band = to_number<int>(word);
    if (!band || *band < 1) {
      return refuse(text, "a list of bands", "their numbers, from 1 on, with commas: 3,2,1");
    }
    bands.push_back(*band);
  }
  return bands;
}

Result<int> parse_page(const std::string& text) {
  if (text == "all") return kAllPages;
  const auto page = to_number<int>(text);
  if (page && *page >= 1) return *page;
  return refuse(text, "a page", "a whole number from 1 on, or all");
}

Result<std::vector<double>> parse_scales(const std::string& text) {
  return parse_list(text, [](double value) { return value != 0; }, "a scale other than 0");
}

Result<double> parse_scale(const std::string& text) {
  const auto value = to_finite(text);
  if (value && *value != 0) return *value;
  return refuse(text, "a scale", "a number other than 0: 0.00392");
}

Result<std::vector<double>> parse_means(const std::string& text) {
  return parse_list(text, [](double) { return true; }, "a mean");
}

Result<std::vector<double>> parse_deviations(const std::string& text) {
  return parse_list(text, [](double value) { return value > 0; }, "a standard deviation above 0");
}

Result<Rect> parse_window(const std::string& text) {
  const auto words = split_at_commas(text);
  if (words.size() == 3) {
    const auto x = to_position(words[0]);
    const auto y = to_position(words[1]);
    const auto size = to_size(words[2]);
    if (x && y && size) return Rect{{*y, *y + size->height}, {*x, *x + size->width}};
  }
  return refuse(text, "a window of the output",
                "column, row, width x height in pixels: 2000,1100,1000x777");
}

Result<Bounds> parse_bounds(const std::string& text) {
  const auto words = split_at_commas(text);
  std::vector<double> numbers;
  for (const std::string_view word : words) {
    if (const auto number = to_finite(word)) numbers.push_back(*number);
  }
  if (words.size() == 4 && numbers.size() == 4 && numbers[0] < numbers[2] &&
      numbers[1] < numbers[3]) {
    return Bounds{numbers[0], numbers[1], numbers[2], numbers[3]};
  }
  return refuse(text, "a rectangle of the image's coordinates",
                "MINX,MINY,MAXX,MAXY: 499980,5290220,505980,5296220");
}

Result<PixelType> parse_pixel_type(const std::string& text) {
  for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
    if (text == to_string(type)) return type;
  }
  return refuse(text, "an output type", "u8, u16 or f32");
}

Result<OutputKind> parse_output_kind(const std::string& text) {
  for (const OutputKind kind :
       {OutputKind::values, OutputKind::argmax, OutputKind::softmax, OutputKind::sigmoid}) {
    if (text == to_string(kind)) return kind;
  }
  return refuse(text, "a kind of output", "values, argmax, softmax or sigmoid");
}

Result<double> parse_threshold(const std::string& text) {
  if (const auto number = to_finite(text)) return *number;
  return refuse(text, "a threshold", "a number: 0.5");
}

Result<std::string> parse_driver_option(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals != 0 && equals != std::string::npos) return text;
  return refuse(text, "an option of a format", "KEY=VALUE: COMPRESS=LZW");
}

Result<BuildMethod> parse_build_method(const std::string& text) {
  const std::size_t equals = text.find('=');
  const auto size = equals == std::string::npos
                        ? std::nullopt
                        : to_size(std::string_view(text).substr(equals + 1));
  if (size && equals > 0) return BuildMethod{text.substr(0, equals), *size, ""};
  return refuse(text, "a method to build", "NAME=WIDTHxHEIGHT in pixels: tile=256x256");
}

}  // namespace sectile::cli
