// Programs of other versions than those that can be read say which can.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime_schema_generated.h"
#include "sectile/model.h"
#include "src/base/program_bytes.h"
#include "src/program/exported.h"
#include "tests/program/temp_folder.h"
#include "tests/support/network_programs.h"

namespace sectile::internal {
namespace {

using Bytes = std::vector<std::byte>;

constexpr const char* kReadable = "ExecuTorch up to 1.5";

Bytes program_bytes() {
  std::ifstream file(test::network_program("conv3x3").path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Bytes bytes(text.size());
  std::ranges::transform(text, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

std::size_t find_text(const Bytes& bytes, const std::string& text) {
  const auto found = std::ranges::search(
      bytes, text, [](std::byte a, char b) { return a == static_cast<std::byte>(b); });
  EXPECT_FALSE(found.empty()) << text;
  return static_cast<std::size_t>(found.begin() - bytes.begin());
}

// With the last digit of a format's name changed.
Bytes of_another_format(const std::string& format) {
  Bytes bytes = program_bytes();
  bytes[find_text(bytes, format) + 3] = std::byte{'7'};
  return bytes;
}

// The reason why the only method cannot be run.
std::string reason(const Bytes& bytes) {
  const TempFolder folder;
  const auto model = Model::open(folder.write("newer.pte", bytes));
  EXPECT_TRUE(model) << model.error().message;
  if (!model || model->methods().empty()) return {};
  const MethodInfo& method = model->methods()[0];
  EXPECT_EQ(method.verdict, Verdict::unsupported);
  EXPECT_EQ(method.blockers.at(0).reason, BlockerReason::newer);
  return method.blockers.empty() ? "" : method.blockers[0].why;
}

TEST(Versions, OfAnotherProgramFormatAreRefused) {
  const TempFolder folder;
  const auto model = Model::open(folder.write("newer.pte", of_another_format("ET12")));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::unsupported);
  EXPECT_NE(model.error().message.find("ET17"), std::string::npos) << model.error().message;
  EXPECT_NE(model.error().message.find(kReadable), std::string::npos) << model.error().message;
}

TEST(Versions, OfAnotherXnnpackFormatAreRefused) {
  const std::string why = reason(of_another_format("XN01"));
  EXPECT_NE(why.find("XN07"), std::string::npos) << why;
  EXPECT_NE(why.find(kReadable), std::string::npos) << why;
}

Bytes with_a_new_kind_of_node() {
  Bytes bytes = program_bytes();
  const std::size_t begin = find_text(bytes, "XN01") - 4;
  const auto* graph = fb_xnnpack::GetXNNGraph(bytes.data() + begin);
  const auto* node = reinterpret_cast<const flatbuffers::Table*>(graph->xnodes()->Get(0));
  const auto* kind = node->GetAddressOf(fb_xnnpack::XNode::VT_XNODE_UNION_TYPE);
  EXPECT_NE(kind, nullptr);
  bytes[static_cast<std::size_t>(reinterpret_cast<const std::byte*>(kind) - bytes.data())] =
      std::byte{200};
  return bytes;
}

TEST(Versions, WithANewKindOfNodeAreRefused) {
  const std::string why = reason(with_a_new_kind_of_node());
  EXPECT_NE(why.find("kind 200"), std::string::npos) << why;
  EXPECT_NE(why.find(kReadable), std::string::npos) << why;
}

TEST(Versions, WithANewKindOfNodeAreNotRunAsExportedEither) {
  const TempFolder folder;
  const auto file = ProgramBytes::read(folder.write("newer.pte", with_a_new_kind_of_node()));
  ASSERT_TRUE(file);
  const auto exported = read_exported(**file, "forward");
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(exported.error().message.contains("kind 200")) << exported.error().message;
}

}  // namespace
}  // namespace sectile::internal
