// Text from a file, made safe to print.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace sectile::internal {

// The text with control characters and bytes that are no UTF-8 written out: "\n", "\t", "\x1B".
// Names in a program can hold any bytes, and a terminal obeys some of them.
std::string escaped(std::string_view text);

}  // namespace sectile::internal
