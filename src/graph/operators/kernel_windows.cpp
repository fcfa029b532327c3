#include "src/graph/operators/kernel_windows.h"

#include <utility>
#include <vector>

#include "src/graph/passes/data_movement.h"

namespace sectile::internal::operators {

bool is_pair(const NodeView& view, std::size_t argument) {
  const auto* numbers = kernel_argument<KernelCall::Integers>(view, argument);
  return numbers != nullptr && numbers->size() == 2;
}

Windows kernel_windows(const NodeView& view, Size window, std::size_t stride,
                       std::size_t dilation) {
  Windows windows{{.kernel = window.height}, {.kernel = window.width}};
  const auto take = [&](std::size_t argument, std::int64_t Window::* number) {
    if (argument == SIZE_MAX) return;
    const auto& numbers = *kernel_argument<KernelCall::Integers>(view, argument);
    windows.y.*number = numbers[0];
    windows.x.*number = numbers[1];
  };
  take(stride, &Window::stride);
  take(dilation, &Window::dilation);
  return windows;
}

Result<Shape> kernel_windows_shape(const Windows& windows, const Shape& image,
                                   std::int64_t channels) {
  if (auto status = require_sane(windows); !status) return fail(status.error());
  return windowed_shape(windows, image, channels, window_length);
}

void lower_to_kernel(const NodeView& view, Graph& graph, std::string_view name) {
  Node call = view.node;
  call.op = name;
  call.inputs[0] = transpose(graph, view.node.inputs[0], {0, 3, 1, 2});
  const std::vector<std::int64_t>& made = view.output_shape().dims;
  graph.values.push_back(view.output().like({{made[0], made[3], made[1], made[2]}, 2, 3}));
  call.output = static_cast<ValueId>(graph.values.size() - 1);
  graph.nodes.push_back(std::move(call));
  finish_lowering(view, graph, transpose(graph, graph.nodes.back().output, {0, 2, 3, 1}));
}

}  // namespace sectile::internal::operators
