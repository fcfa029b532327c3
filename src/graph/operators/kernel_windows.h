// Windows of ExecuTorch's own kernels, over images of channels, rows and columns. They have no
// padding: it becomes a node of its own (KernelFormat::padding_argument).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/graph/operators/common.h"

namespace sectile::internal::operators {

// What a multiply-add of theirs takes beside one of wide convolutions: they take one at a time
// (measured: 5.3 ns each, 32 and 96 channels, 384x384).
inline constexpr double kMultiplyAddOfKernels = 450;

// Whether the argument is a list of two numbers.
bool is_pair(const NodeView& view, std::size_t argument);

// Windows of that size; arguments that are SIZE_MAX are ones. REQUIRES: the others are pairs.
Windows kernel_windows(const NodeView& view, Size window, std::size_t stride, std::size_t dilation);

// Of the row-major image that they make. Errors: corrupt, invalid_argument.
Result<Shape> kernel_windows_shape(const Windows& windows, const Shape& image,
                                   std::int64_t channels);

// The operator that is lowered to the kernel `name`, whose images lie planar (KernelFormat::
// row_major).
void lower_to_kernel(const NodeView& view, Graph& graph, std::string_view name);

// The rule of the operator that is read in a kernel's place, and the kernel's, whose nodes are made
// by lowering alone.
constexpr OperatorRule row_major_rule(OperatorRule rule, void (*lower)(const NodeView&, Graph&)) {
  rule.lower = lower;
  return rule;
}
constexpr OperatorRule kernel_rule(OperatorRule rule, const KernelFormat& format) {
  rule.kernel = &format;
  return rule;
}

// What such rules have in common. Of its inputs a kernel takes windows of the first alone.
template <Windows (*windows_of)(const NodeView&)>
struct KernelWindows {
  static Range reach(const NodeView& view, std::size_t index, Axis axis, Range output) {
    return index == 0 ? window_reach(windows_of(view).along(axis), output) : output;
  }
  static Ratio scale(const NodeView& view, Axis axis) {
    return reduced(1, windows_of(view).along(axis).stride);
  }
  // Of so many values that each pixel of a window multiplies.
  static double cost(const NodeView& view, std::int64_t values) {
    return kMultiplyAddOfKernels * static_cast<double>(values) *
           static_cast<double>(view.output_shape().elements() * windows_of(view).kernel_px());
  }
  static constexpr OperatorRule rule(std::string_view op) {
    return {.op = op,
            .reach = reach,
            .scale = scale,
            .memory = no_memory,
            .crop = {exact_part<reach>},
            .types = floats_alone,
            .order_matters = true};
  }
};

}  // namespace sectile::internal::operators
