// Damaged programs are an error or a run: never a crash, a hang, or memory beyond the budget.
//
// ExecuTorch and XNNPACK trust the numbers they are given, so whatever they would crash on has to
// be refused before it comes to them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "src/base/program_bytes.h"
#include "src/base/system.h"
#include "src/program/read_program.h"
#include "tests/image/float_image.h"
#include "tests/program/temp_folder.h"
#include "tests/support/sanitizers.h"

namespace sectile::internal {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kBudgetBytes = (kSanitized ? 8192 : 200) * kMiB;
// For one program, on a busy machine.
#ifdef __SANITIZE_THREAD__
constexpr std::chrono::seconds kLongest{200};
#else
constexpr std::chrono::seconds kLongest{20};
#endif

const std::string kNetworks = SECTILE_SOURCE_DIR "/tests/networks/programs/";
const std::string kTwoConvs = SECTILE_SOURCE_DIR "/tests/runtime/programs/two_convs.pte";

const std::vector<std::string> kPrograms = {
    kTwoConvs,
    kNetworks + "unet1.pte",
    kNetworks + "pixel_shuffle2.pte",
    kNetworks + "scalars.pte",
    kNetworks + "bilinear_up2.pte",
    kNetworks + "max_pool3s2.pte",
    kNetworks + "avg_pool2.pte",
    kNetworks + "transposed_k4s2.pte",
    kNetworks + "slice_product.pte",
    kNetworks + "prelu.pte",
    kNetworks + "pad_value.pte",
    kNetworks + "concat3.pte",
    kNetworks + "conv_depthwise.pte",
    kNetworks + "export_channels_last.pte",
    kNetworks + "mish.pte",
    kNetworks + "layer_norm.pte",
    kNetworks + "channel_mean.pte",
    kNetworks + "picked_channels.pte",
    kNetworks + "export_methods.pte",
    kNetworks + "squeeze_excite_linear.pte",
    kNetworks + "group_norm.pte",
    kNetworks + "instance_norm.pte",
    kNetworks + "pooled_branch.pte",
    kNetworks + "mean_copied.pte",
    kNetworks + "float16_unet2.pte",
    kNetworks + "int8_unet2.pte",
    kNetworks + "int8_sigmoid_tanh.pte",
    kNetworks + "int8_channels_conv_depthwise.pte",
};

// Those that are run as they are, when they are asked for approximately.
const std::vector<std::string> kNotExact = {
    kNetworks + "refused_softmax_over_rows.pte",
    kNetworks + "refused_attention.pte",
    kNetworks + "refused_circular_pad.pte",
};

Bytes read_bytes(const std::string& path) {
  const auto file = ProgramBytes::read(path);
  EXPECT_TRUE(file) << path;
  return file ? Bytes((*file)->bytes().begin(), (*file)->bytes().end()) : Bytes();
}

struct Outcomes {
  int refused = 0;    // by Model::open
  int not_exact = 0;  // methods with a verdict against them
  int not_planned = 0;
  int failed = 0;  // in the run
  int ran = 0;
};

void run_method(const Model& model, const MethodInfo& method, Mode mode, Outcomes& outcomes) {
  const ImageInfo info =
      float_image({24, 20}, static_cast<int>(std::min<std::int64_t>(method.input.channels, 1000)));
  PlanOptions options;
  options.memory_bytes = kBudgetBytes;
  options.threads = 1;
  options.mode = mode;
  options.method = method.name;
  const auto plan = make_plan(model, info, options);
  if (!plan) {
    ++outcomes.not_planned;
    return;
  }
  const std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * info.bands), 0.5F);
  MemorySource source(info, pixels);
  MemorySink sink(plan->output_info());
  ++(run(model, *plan, source, sink) ? outcomes.ran : outcomes.failed);
}

// Opens the program and, where that goes, runs all its methods.
class Damage : public ::testing::Test {
 protected:
  void attempt(const Bytes& bytes, const std::string& what) {
    const auto start = std::chrono::steady_clock::now();
    const auto model = Model::open(folder_.write("damaged.pte", bytes));
    if (!model) {
      ++outcomes_.refused;
      EXPECT_FALSE(model.error().message.empty());
    } else {
      for (const MethodInfo& method : model->methods()) run_either_way(*model, method);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, kLongest) << what;
  }

  void expect_little_memory() const { EXPECT_LT(peak_rss_bytes(), 2 * kBudgetBytes); }

  Outcomes outcomes_;
  Outcomes approximate_outcomes_;

 private:
  void run_either_way(const Model& model, const MethodInfo& method) {
    if (method.verdict == Verdict::exact) {
      return run_method(model, method, Mode::automatic, outcomes_);
    }
    EXPECT_FALSE(method.blockers.empty());
    ++outcomes_.not_exact;
    run_method(model, method, Mode::approximate, approximate_outcomes_);
  }

  const TempFolder folder_;
};

TEST_F(Damage, OfNoKindRunsEveryProgram) {
  for (const std::string& path : kPrograms) attempt(read_bytes(path), path);
  EXPECT_EQ(outcomes_.ran, static_cast<int>(kPrograms.size()) + 1);  // one has two methods
}

TEST_F(Damage, ByTruncationIsFoundOrHarmless) {
  for (const std::string& path : kPrograms) {
    const Bytes bytes = read_bytes(path);
    for (std::size_t size = 0; size < bytes.size(); size += 64) {
      attempt({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}, path);
    }
  }
  EXPECT_EQ(outcomes_.ran, 0);
  EXPECT_EQ(outcomes_.failed, 0);
  expect_little_memory();
}

// 1 to 4 bytes, of which half change in one bit only: small changes get further.
std::string flip_some(Bytes& bytes, std::mt19937& random) {
  std::string what;
  const std::size_t count = 1 + random() % 4;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = random() % bytes.size();
    const auto mask = random() % 2 == 0 ? 1UL << (random() % 8) : 1 + random() % 255;
    bytes[at] ^= static_cast<std::byte>(mask);
    what += " " + std::to_string(at) + "^" + std::to_string(mask);
  }
  return what;
}

TEST_F(Damage, OfSomeBytesIsAnErrorOrARun) {
  constexpr int kFlips = 2000;
  std::mt19937 random(2024);
  std::vector<Bytes> programs;
  for (const std::string& path : kPrograms) programs.push_back(read_bytes(path));
  for (int i = 0; i < kFlips; ++i) {
    const std::size_t program = static_cast<std::size_t>(i) % programs.size();
    Bytes bytes = programs[program];
    const std::string what = kPrograms[program] + flip_some(bytes, random);
    attempt(bytes, what);
    if (HasFatalFailure()) return;
  }
  RecordProperty("refused", outcomes_.refused);
  RecordProperty("not_exact", outcomes_.not_exact);
  RecordProperty("not_planned", outcomes_.not_planned);
  RecordProperty("failed", outcomes_.failed);
  RecordProperty("ran", outcomes_.ran);
  // Most flips hit the structure, some the weights: both kinds of outcome are many.
  EXPECT_GT(outcomes_.refused, kFlips / 4);
  EXPECT_GT(outcomes_.ran, kFlips / 20);
  expect_little_memory();
}

// The places of a number in the file, at multiples of its size.
template <typename Number>
std::vector<std::size_t> places_of(const Bytes& bytes, Number number) {
  const auto wanted = std::bit_cast<std::array<std::byte, sizeof(Number)>>(number);
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at + sizeof(Number) <= bytes.size(); at += sizeof(Number)) {
    if (std::ranges::equal(std::span(bytes).subspan(at, sizeof(Number)), wanted)) {
      places.push_back(at);
    }
  }
  return places;
}

template <typename Number>
Bytes with(Bytes bytes, const std::vector<std::size_t>& places, Number number) {
  for (const std::size_t at : places) std::memcpy(bytes.data() + at, &number, sizeof(Number));
  return bytes;
}

// What integers stand for is checked before XNNPACK is given it.
TEST_F(Damage, OfScalesAndZeroPointsIsNamed) {
  const std::string path = kNetworks + "int8_conv3x3.pte";
  const auto file = ProgramBytes::read(path);
  ASSERT_TRUE(file);
  const auto program = read_program(*file);
  ASSERT_TRUE(program) << program.error().message;
  const Graph& graph = *program->methods[0].graph;
  const auto convert = std::ranges::find(graph.nodes, "XNNConvert", &Node::op);
  ASSERT_NE(convert, graph.nodes.end());
  const Quantization& quantization = *graph.values[convert->output].quantization;
  const Bytes bytes = read_bytes(path);
  const auto scales = places_of(bytes, quantization.scales[0]);
  ASSERT_FALSE(scales.empty());
  const auto expect_refused = [&](const Bytes& damaged, const std::string& part) {
    const TempFolder folder;
    const auto model = Model::open(folder.write("damaged.pte", damaged));
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, ErrorCode::corrupt);
    EXPECT_NE(model.error().message.find(part), std::string::npos) << model.error().message;
  };
  for (const float scale : {0.0F, -1.0F, 1e-40F, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    expect_refused(with(bytes, scales, scale), "a value has the scale");
  }
  // Scale and zero point lie side by side.
  std::vector<std::size_t> zeros;
  for (const std::size_t at : places_of(bytes, quantization.zero_point)) {
    const bool beside = std::ranges::any_of(
        scales, [&](std::size_t scale) { return at + 4 == scale || scale + 4 == at; });
    if (beside) zeros.push_back(at);
  }
  ASSERT_FALSE(zeros.empty());
  for (const std::int32_t zero : {128, -129, 1 << 30}) {
    expect_refused(with(bytes, zeros, zero), "a value has the zero point");
  }
}

// Scales that are sound and do not fit each other: XNNPACK may refuse them, and says so.
TEST_F(Damage, OfScalesByLargeFactorsIsAnErrorOrARun) {
  for (const char* name : {"int8_conv3x3", "int8_add", "int8_mul", "int8_sigmoid_tanh"}) {
    const std::string path = kNetworks + name + ".pte";
    const auto file = ProgramBytes::read(path);
    ASSERT_TRUE(file);
    const auto program = read_program(*file);
    ASSERT_TRUE(program) << program.error().message;
    const Bytes bytes = read_bytes(path);
    for (const Value& value : program->methods[0].graph->values) {
      if (!value.quantization) continue;
      const float scale = value.quantization->scales[0];
      for (const float factor : {1e-30F, 1e-6F, 1e6F, 1e30F}) {
        attempt(with(bytes, places_of(bytes, scale), scale * factor), path);
      }
    }
  }
  EXPECT_GT(outcomes_.ran + outcomes_.failed + outcomes_.refused, 40);
}

TEST_F(Damage, OfProgramsThatAreRunAsTheyAreIsAnErrorOrARun) {
  constexpr int kFlips = 800;
  std::mt19937 random(2025);
  for (int i = 0; i < kFlips; ++i) {
    const std::string& path = kNotExact[static_cast<std::size_t>(i) % kNotExact.size()];
    Bytes bytes = read_bytes(path);
    const std::string what = path + flip_some(bytes, random);
    attempt(bytes, what);
  }
  EXPECT_GT(outcomes_.refused, kFlips / 8);
  EXPECT_GT(approximate_outcomes_.ran, kFlips / 20);
  expect_little_memory();
}

// Given the file itself, ExecuTorch crashes or hangs on these: they lie inside the network.
TEST_F(Damage, ThatCrashesExecutorchIsAnErrorOrARun) {
  struct Flip {
    std::size_t at;
    unsigned mask;
  };
  constexpr std::array kFlips{Flip{2730, 0x80}, Flip{2782, 0x01}, Flip{2782, 0x80},
                              Flip{2522, 0xff}, Flip{2938, 0x80}};
  const Bytes bytes = read_bytes(kTwoConvs);
  for (const Flip flip : kFlips) {
    Bytes damaged = bytes;
    damaged[flip.at] ^= static_cast<std::byte>(flip.mask);
    attempt(damaged, std::to_string(flip.at));
  }
  expect_little_memory();
}

}  // namespace
}  // namespace sectile::internal
