#include "cli/classes.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace sectile::cli {

namespace {

using Color = std::array<std::uint8_t, 3>;

std::optional<Color> to_color(std::string_view text) {
  constexpr int kHex = 16;
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  Color color{};
  for (std::size_t i = 0; i < color.size(); ++i) {
    const char* begin = text.data() + 1 + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, color[i], kHex);
    if (error != std::errc{} || end != begin + 2) return std::nullopt;
  }
  return color;
}

Result<ClassInfo> class_of(const FileValue& value) {
  if (auto status = value.check_keys({"name", "color"}); !status) return fail(status.error());
  const auto name = value.find("name");
  if (!name) return value.refuse("an object with a name");
  auto text = name->text();
  if (!text) return fail(text.error());
  ClassInfo one{.name = std::move(*text)};
  const auto color = value.find("color");
  if (!color) return one;
  const auto written = color->text();
  one.color = written ? to_color(*written) : std::nullopt;
  if (!one.color) return color->refuse("a colour as \"#rrggbb\"");
  return one;
}

}  // namespace

Result<std::vector<ClassInfo>> classes_of(const FileValue& list) {
  const auto values = list.list();
  if (!values) return list.refuse(R"(a list of classes: [{"name": "water"}, ...])");
  std::vector<ClassInfo> classes;
  for (const FileValue& value : *values) {
    auto one = class_of(value);
    if (!one) return fail(one.error());
    if (!classes.empty() && one->color.has_value() != classes[0].color.has_value()) {
      return value.refuse("as the first class: all have a color, or none has");
    }
    classes.push_back(std::move(*one));
  }
  return classes;
}

Result<std::vector<ClassInfo>> read_classes(const std::string& file) {
  const auto value = FileValue::read(file);
  if (!value) return fail(value.error());
  return classes_of(*value);
}

std::string color_text(const ClassInfo& one) {
  const auto [red, green, blue] = one.color.value_or(Color{});
  return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

}  // namespace sectile::cli
