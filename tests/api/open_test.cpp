// A model opened from a file or from bytes: whatever happens to them later, the bits are the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sectile/run.h"
#include "tests/api/images.h"
#include "tests/program/temp_folder.h"
#include "tests/support/failing_allocations.h"

namespace sectile::internal {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

Bytes bytes_of(const std::string& network) {
  const std::string path = test::network_program(network).path;
  Bytes bytes(fs::file_size(path));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

// Networks whose last constant lies at the end of the file, that have a constant which XNNPACK uses
// where it lies, and that run as exported.
struct Case {
  const char* network;
  Mode mode;
};
void PrintTo(const Case& network, std::ostream* out) {
  *out << network.network << ' ' << to_string(network.mode);
}

class OpenOf : public ::testing::TestWithParam<Case> {
 protected:
  std::vector<float> run_noise(
      const Model& model, const std::function<void()>& on_first_read = [] {}) const {
    const NoiseImage image(model, {83, 71});
    PlanOptions options = whole_image();
    options.mode = GetParam().mode;
    if (options.mode == Mode::tile) options.tile = Size{40, 40};
    const auto plan = make_plan(model, image.info(), options);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    if (!plan) return {};
    MemorySource pixels = image.source();
    NoticingSource source(pixels, on_first_read);
    return run_in_memory(model, *plan, source);
  }

 private:
  class NoticingSource final : public ImageSource {
   public:
    NoticingSource(ImageSource& inner, std::function<void()> on_first_read)
        : inner_(inner), on_first_read_(std::move(on_first_read)) {}
    const ImageInfo& info() const override { return inner_.info(); }
    Status read(const Rect& rect, std::span<float> out) override {
      if (on_first_read_) std::exchange(on_first_read_, {})();
      return inner_.read(rect, out);
    }

   private:
    ImageSource& inner_;
    std::function<void()> on_first_read_;
  };
};
INSTANTIATE_TEST_SUITE_P(Networks, OpenOf,
                         ::testing::Values(Case{"unet1_positive", Mode::stream},
                                           Case{"four_conv", Mode::tile},
                                           Case{"constant_maximum", Mode::stream},
                                           Case{"int8_constant_per_channel", Mode::tile},
                                           Case{"refused_softmax_over_rows", Mode::approximate}));

TEST_P(OpenOf, TakesBytesAtAnyAlignment) {
  const Bytes bytes = bytes_of(GetParam().network);
  const auto expected = run_noise(open_model(GetParam().network));
  for (std::size_t offset = 0; offset < 64; ++offset) {
    Bytes room(offset + bytes.size());
    room.shrink_to_fit();
    const auto moved = std::span(room).subspan(offset);
    std::ranges::copy(bytes, moved.begin());
    const auto model = Model::open(moved);
    ASSERT_TRUE(model) << model.error().message;
    std::ranges::fill(room, std::byte{0xA5});  // the caller has them back
    EXPECT_TRUE(same_bits(run_noise(*model), expected)) << offset;
  }
}

TEST_P(OpenOf, TakesAVector) {
  Bytes bytes = bytes_of(GetParam().network);
  const auto model = Model::open(std::move(bytes), "a name");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->path(), "a name");
  EXPECT_TRUE(same_bits(run_noise(*model), run_noise(open_model(GetParam().network))));
}

TEST_P(OpenOf, GivesTheSameBitsWhateverHappensToTheFile) {
  const Bytes bytes = bytes_of(GetParam().network);
  const auto expected = run_noise(open_model(GetParam().network));
  const TempFolder folder;
  const std::string path = folder.file("model.pte");
  const std::pair<const char*, std::function<void()>> changes[] = {
      {"truncated", [&] { fs::resize_file(path, 0); }},
      {"overwritten", [&] { folder.write("model.pte", Bytes(bytes.size(), std::byte{0xA5})); }},
      {"replaced", [&] { fs::rename(folder.write("other.pte", Bytes(7)), path); }},
      {"removed", [&] { fs::remove(path); }}};
  for (const auto& [what, change] : changes) {
    const auto model = Model::open(folder.write("model.pte", bytes));
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_TRUE(same_bits(run_noise(*model, change), expected)) << what;
  }
}

TEST(Open, NamesBytesThatAreNoProgram) {
  const auto unnamed = Model::open(Bytes(1000));
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().code, ErrorCode::corrupt);
  EXPECT_TRUE(unnamed.error().message.starts_with("[open] program bytes: "));
  const auto named = Model::open(std::span<const std::byte>(), "net from the store");
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, ErrorCode::corrupt);
  EXPECT_TRUE(named.error().message.starts_with("[open] net from the store: "));
}

// Each allocation in turn is the first that fails.
TEST(Open, SurvivesLackOfMemoryAnywhere) {
  const std::string path = test::network_program("four_conv").path;
  const Bytes bytes = bytes_of("four_conv");
  std::int64_t failures = 0;
  for (bool failed = true; failed; ++failures) {
    const test::FailingAllocations few(failures);
    const auto from_file = Model::open(path);
    failed = few.failed();
    ASSERT_NE(from_file.has_value(), failed);
    if (failed) {
      ASSERT_EQ(from_file.error().code, ErrorCode::over_budget);
    }
  }
  EXPECT_GT(failures, 100);
  const test::FailingAllocations none(0);
  EXPECT_EQ(Model::open(std::span(bytes), "bytes").error().code, ErrorCode::over_budget);
}

}  // namespace
}  // namespace sectile::internal
