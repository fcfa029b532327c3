// Calls of kernels in damaged programs: ExecuTorch trusts their arguments, so Sectile must not.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "program_generated.h"
#include "sectile/sectile.h"
#include "src/base/program_bytes.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

namespace et = executorch_flatbuffer;
using Bytes = std::vector<std::byte>;

Bytes read_bytes(const std::string& path) {
  const auto file = ProgramBytes::read(path);
  if (!file) return {};
  return {(*file)->bytes().begin(), (*file)->bytes().end()};
}

const et::ExecutionPlan& plan_of(const Bytes& bytes) {
  return *et::GetProgram(bytes.data())->execution_plan()->Get(0);
}

// The arguments of kernel call `index`, in the bytes themselves; null when there are fewer calls.
std::int32_t* arguments_of(Bytes& bytes, std::size_t index) {
  for (const et::Instruction* each : *plan_of(bytes).chains()->Get(0)->instructions()) {
    const et::KernelCall* call = each->instr_args_as_KernelCall();
    if (call == nullptr || index-- > 0) continue;
    return const_cast<std::int32_t*>(call->args()->data());
  }
  return nullptr;
}

// A list's length stands before its first element.
std::uint32_t& length_of(std::int32_t* arguments) {
  return *reinterpret_cast<std::uint32_t*>(arguments - 1);
}

// One value of each kind, and values that are none.
std::vector<std::int32_t> values_of_all_kinds(const Bytes& bytes) {
  std::vector<std::int32_t> found{-1, 1 << 20};
  std::vector<bool> seen(32, false);
  const auto& values = *plan_of(bytes).values();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const auto kind = static_cast<std::size_t>(values.Get(i)->val_type());
    if (!seen[kind]) found.push_back(static_cast<std::int32_t>(i));
    seen[kind] = true;
  }
  return found;
}

// It is refused, or it runs; whether with the bits of the whole image is for others to say.
bool runs(const Bytes& bytes) {
  const auto model = Model::open(std::span<const std::byte>(bytes));
  if (!model || model->methods().empty()) return false;
  const MethodInfo& method = model->methods()[0];
  if (method.verdict != Verdict::exact) return false;
  const ImageInfo info{.size = {24, 24},
                       .bands = static_cast<int>(method.input.channels),
                       .pixel_type = PixelType::f32};
  const auto plan = make_plan(*model, info, {.threads = 1, .mode = Mode::whole});
  if (!plan) return false;
  const std::vector<float> pixels(static_cast<std::size_t>(24 * 24 * info.bands), 0.5F);
  MemorySource source(info, pixels);
  MemorySink sink(plan->output_info());
  return run(*model, *plan, source, sink).has_value();
}

class DamagedCalls : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Networks, DamagedCalls,
                         ::testing::Values("mish", "elu", "where", "threshold", "cubed",
                                           "channel_mean", "channel_sum", "channel_variance",
                                           "channel_softmax", "running_sum", "layer_norm",
                                           "picked_channels", "expanded_channel",
                                           "repeated_channels", "replaced_channels",
                                           "selected_channel", "flipped_channels"));

TEST_P(DamagedCalls, AreRefusedOrRun) {
  const Bytes whole = read_bytes(network_program(GetParam()).path);
  ASSERT_TRUE(runs(whole));
  std::size_t refused = 0;
  for (std::size_t call = 0;; ++call) {
    Bytes bytes = whole;
    std::int32_t* arguments = arguments_of(bytes, call);
    if (arguments == nullptr) break;
    const std::uint32_t count = length_of(arguments);
    for (std::uint32_t fewer = 0; fewer < count; ++fewer) {
      length_of(arguments) = fewer;
      refused += runs(bytes) ? 0 : 1;
    }
    length_of(arguments) = count;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::int32_t own = arguments[i];
      for (const std::int32_t other : values_of_all_kinds(whole)) {
        arguments[i] = other;
        refused += runs(bytes) ? 0 : 1;
      }
      arguments[i] = own;
    }
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace
}  // namespace sectile::internal::test
