#include "src/program/adaptive_pool.h"

#include <array>
#include <cstdint>
#include <utility>

#include "src/program/kernel_calls.h"

namespace sectile::internal {

namespace {

using Integers = KernelCall::Integers;

// The kernel adds up each window row by row and divides by their number, as aten::avg_pool2d does.
// Told to make windows of a rest too, that refuses images which leave one. With a divisor of its
// own its rule knows it for an adaptive one.
KernelCall average_over(Size window) {
  const Integers sides = {window.height, window.width};
  return {{KernelCall::Input{0}, sides, sides, Integers{0, 0}, true, true, window.area(),
           KernelCall::Output{}}};
}

Status read_adaptive(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto window = adaptive_window(builder.values(), arguments);
  if (!window) return fail(ErrorCode::not_exact, "it computes each value from the whole image");
  const auto image = builder.image_in_order(first(arguments), row_major_order());
  if (!image) return fail(image.error());
  return define_row_major(builder, node_of("aten::avg_pool2d", {*image}, average_over(*window)),
                          last(arguments));
}

constexpr std::array kKernels = {Kernel{"aten::_adaptive_avg_pool2d.out", 4, read_adaptive}};

}  // namespace

std::optional<Size> adaptive_window(const MethodValues& values, const ValueIndices& arguments) {
  constexpr std::size_t kImageDims = 4;
  if (arguments.size() == 0) return {};
  const auto in = values.described(first(arguments));
  const auto out = values.described(last(arguments));
  if (!in || !out || in->sizes.size() != kImageDims || out->sizes.size() != kImageDims) return {};
  const auto is_part = [&](std::size_t dim) {
    return out->sizes[dim] > 1 && in->sizes[dim] % out->sizes[dim] == 0;
  };
  if (!is_part(2) || !is_part(3)) return {};
  return Size{in->sizes[2] / out->sizes[2], in->sizes[3] / out->sizes[3]};
}

std::span<const Kernel> adaptive_kernels() { return kKernels; }

}  // namespace sectile::internal
