#include "src/runtime/own_kernels.h"

#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/kernel/kernel_runtime_context.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "src/runtime/normalize.h"
#include "src/runtime/resize_bilinear.h"

namespace sectile::internal {

namespace {

namespace et = executorch::runtime;
using Arguments = et::Span<et::EValue*>;

thread_local Position current_position;

bool is_image(const executorch::aten::Tensor& tensor) {
  if (tensor.scalar_type() != executorch::aten::ScalarType::Float || tensor.dim() != 4)
    return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (tensor.dim_order()[i] != i) return false;
  }
  return tensor.size(0) == 1 && tensor.numel() > 0 && tensor.const_data_ptr() != nullptr;
}

Size size_of(const executorch::aten::Tensor& tensor) { return {tensor.size(1), tensor.size(2)}; }

// (input, numbers, output, and the output again as what the call returns)
void run_resize_bilinear(et::KernelRuntimeContext& context, Arguments arguments) {
  constexpr std::size_t kArguments = 4;
  if (arguments.size() != kArguments || !arguments[0]->isTensor() || !arguments[1]->isIntList() ||
      !arguments[2]->isTensor()) {
    context.fail(et::Error::InvalidArgument);
    return;
  }
  const executorch::aten::Tensor& input = arguments[0]->toTensor();
  const executorch::aten::Tensor& output = arguments[2]->toTensor();
  const auto numbers = arguments[1]->toIntList();
  const auto part = ResizedPart::of({numbers.data(), numbers.size()});
  if (!part || !is_image(input) || !is_image(output) || input.size(3) != output.size(3)) {
    context.fail(et::Error::InvalidArgument);
    return;
  }
  resize_bilinear(*part, current_position, input.size(3), size_of(input),
                  input.const_data_ptr<float>(), size_of(output), output.mutable_data_ptr<float>());
}

std::span<const float> numbers_of(const et::EValue& value) {
  const auto& tensor = value.toTensor();
  return {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

bool is_numbers(const et::EValue& value, std::int64_t count) {
  return value.isTensor() && value.toTensor().numel() == count &&
         value.toTensor().scalar_type() == executorch::aten::ScalarType::Float;
}

bool is_normalization(Arguments arguments) {
  constexpr std::size_t kArguments = 7;
  if (arguments.size() != kArguments || !arguments[0]->isTensor() || !arguments[4]->isIntList() ||
      !arguments[5]->isTensor()) {
    return false;
  }
  const auto& input = arguments[0]->toTensor();
  const auto& output = arguments[5]->toTensor();
  if (!is_image(input) || !is_image(output) || input.numel() != output.numel()) return false;
  const std::int64_t channels = input.size(3);
  return is_numbers(*arguments[1], Moments::numbers_of(channels)) &&
         is_numbers(*arguments[2], channels) && is_numbers(*arguments[3], channels);
}

// (input, moments, weights, biases, numbers, output, and the output again)
void run_normalize(et::KernelRuntimeContext& context, Arguments arguments) {
  if (!is_normalization(arguments)) return context.fail(et::Error::InvalidArgument);
  const auto numbers = arguments[4]->toIntList();
  const auto norm = Normalization::of({numbers.data(), numbers.size()});
  if (!norm) return context.fail(et::Error::InvalidArgument);
  const auto& output = arguments[5]->toTensor();
  normalize(*norm, numbers_of(*arguments[1]), numbers_of(*arguments[2]), numbers_of(*arguments[3]),
            numbers_of(*arguments[0]),
            {output.mutable_data_ptr<float>(), static_cast<std::size_t>(output.numel())});
}

Status add_to_table() {
  const auto known = et::get_registered_kernels();
  const auto is_ours = [](const et::Kernel& kernel) { return kernel.name_ == kResizeBilinear; };
  if (std::any_of(known.begin(), known.end(), is_ours)) {
    return fail(ErrorCode::unsupported,
                "[load] another copy of Sectile runs in this process: link one alone");
  }
  static const std::string resize(kResizeBilinear);  // the table keeps the pointers
  static const std::string norm(kNormalize);
  const std::array kernels{et::Kernel(resize.c_str(), run_resize_bilinear),
                           et::Kernel(norm.c_str(), run_normalize)};
  const auto added = et::register_kernels({kernels.data(), kernels.size()});
  if (added == et::Error::Ok) return {};
  return fail(ErrorCode::internal, "[load] ExecuTorch does not take Sectile's kernels");
}

}  // namespace

Status register_own_kernels() {
  static const Status added = add_to_table();
  return added;
}

StandAt::StandAt(Position position) : before_(current_position) { current_position = position; }
StandAt::~StandAt() { current_position = before_; }

}  // namespace sectile::internal
