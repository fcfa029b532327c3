#include "src/base/escaped.h"

#include <gtest/gtest.h>

#include <string>

namespace sectile::internal {
namespace {

TEST(Escaped, LeavesPrintableTextAlone) {
  for (const char* text : {"", "forward", "aten::add.out", "a\\n b", "caf\xC3\xA9",
                           "\xE6\xBC\xA2\xE5\xAD\x97", "\xF0\x9F\x98\x80", "\xC2\xA0"}) {
    EXPECT_EQ(escaped(text), text);
  }
}

TEST(Escaped, WritesControlCharactersOut) {
  EXPECT_EQ(escaped("a\x1B[31mb"), "a\\x1B[31mb");
  EXPECT_EQ(escaped("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(escaped(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escaped("\x7F"), "\\x7F");
  EXPECT_EQ(escaped("\xC2\x9B"
                    "31m"),
            "\\xC2\\x9B31m");  // a terminal's CSI
}

TEST(Escaped, WritesBytesOutThatAreNoUtf8) {
  EXPECT_EQ(escaped("\xFF"), "\\xFF");
  EXPECT_EQ(escaped("\x80"), "\\x80");
  EXPECT_EQ(escaped("caf\xC3"), "caf\\xC3");              // cut short
  EXPECT_EQ(escaped("\xC0\xAF"), "\\xC0\\xAF");           // longer than needed
  EXPECT_EQ(escaped("\xED\xA0\x80"), "\\xED\\xA0\\x80");  // half of a pair
  EXPECT_EQ(escaped("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");
}

}  // namespace
}  // namespace sectile::internal
