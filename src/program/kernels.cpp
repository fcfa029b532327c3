#include "src/program/kernels.h"

#include <algorithm>
#include <array>
#include <span>

#include "src/graph/operator.h"
#include "src/program/adaptive_pool.h"
#include "src/program/kernel_calls.h"
#include "src/program/kernel_movement.h"
#include "src/program/kernel_numbers.h"
#include "src/program/kernel_selection.h"

namespace sectile::internal {

namespace {

std::array<std::span<const Kernel>, 4> tables() {
  return {movement_kernels(), selection_kernels(), number_kernels(), adaptive_kernels()};
}

const Kernel* find_kernel(std::string_view name) {
  for (const auto kernels : tables()) {
    const auto found = std::ranges::find(kernels, name, &Kernel::name);
    if (found != kernels.end()) return &*found;
  }
  return nullptr;
}

const OperatorRule* find_call(std::string_view name) {
  const OperatorRule* rule = find_rule(name);
  const bool is_read = rule != nullptr && rule->kernel != nullptr && !rule->kernel->is_own;
  return is_read ? rule : nullptr;
}

bool takes_image(const MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return std::ranges::any_of(arguments, [&](ValueIndex index) { return builder.is_image(index); });
}

}  // namespace

std::vector<std::string> joined_kernels() {
  std::vector<std::string> names;
  for (const auto kernels : tables()) {
    for (const Kernel& kernel : kernels) names.emplace_back(kernel.name);
  }
  return names;
}

bool is_known_kernel(std::string_view name) {
  return find_kernel(name) != nullptr || find_call(name) != nullptr;
}

Status read_kernel(MethodGraphBuilder& builder, std::string_view name,
                   const ValueIndices* arguments) {
  if (arguments == nullptr) {
    return fail(ErrorCode::corrupt, "a kernel has fewer arguments than it takes");
  }
  // Some compute positions in one place and pixels in another.
  const OperatorRule* call = find_call(name);
  if (call != nullptr && takes_image(builder, *arguments)) {
    return read_call(builder, *call, *arguments);
  }
  const Kernel* kernel = find_kernel(name);
  if (kernel == nullptr) return read_call(builder, *call, *arguments);  // of constants alone
  if (arguments->size() < kernel->arguments) {
    return fail(ErrorCode::corrupt, "a kernel has fewer arguments than it takes");
  }
  return kernel->read(builder, *arguments);
}

}  // namespace sectile::internal
