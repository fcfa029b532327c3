#include "src/base/escaped.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace sectile::internal {

namespace {

// A lead byte: its value bits, how many bytes follow it, and the least code point that needs them.
struct Lead {
  unsigned char mask;
  unsigned char pattern;
  std::size_t following;
  std::uint32_t least;
};
constexpr std::array kLeads = {Lead{0x80, 0x00, 0, 0}, Lead{0xE0, 0xC0, 1, 0x80},
                               Lead{0xF0, 0xE0, 2, 0x800}, Lead{0xF8, 0xF0, 3, 0x10000}};

bool is_printable(std::uint32_t code_point) {
  const bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
  const bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
  return !is_control && !is_surrogate && code_point <= 0x10FFFF;
}

// Bytes of the printable character that the text begins with; 0: it begins with none.
std::size_t printable_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const auto* lead = std::ranges::find_if(
      kLeads, [&](const Lead& each) { return (first & each.mask) == each.pattern; });
  if (lead == kLeads.end() || text.size() <= lead->following) return 0;
  std::uint32_t code_point = first & static_cast<unsigned char>(~lead->mask);
  for (std::size_t i = 1; i <= lead->following; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return 0;
    code_point = code_point << 6U | (byte & 0x3FU);
  }
  return code_point >= lead->least && is_printable(code_point) ? lead->following + 1 : 0;
}

std::string escaped_byte(char byte) {
  if (byte == '\n') return "\\n";
  if (byte == '\r') return "\\r";
  if (byte == '\t') return "\\t";
  return fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t bytes = printable_bytes(text);
    if (bytes > 0) {
      out += text.substr(0, bytes);
    } else {
      out += escaped_byte(text[0]);
    }
    text.remove_prefix(std::max<std::size_t>(1, bytes));
  }
  return out;
}

}  // namespace sectile::internal
