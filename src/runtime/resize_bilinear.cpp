// After XNNPACK's xnn_indirection_init_resize_bilinear2d_hwc_f32 (positions and weights, in f32)
// and its f32-ibilinear kernels (SSE; on AArch64 NEON with fused multiply-adds): the same
// operations in the same order. tests/runtime/resize_bilinear_test.cpp compares the bits.
#include "src/runtime/resize_bilinear.h"

#include <algorithm>
#include <cmath>

namespace sectile::internal {

namespace {

float multiply_add(float a, float b, float c) {
#if defined(__aarch64__)
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
}

// The two rows that a row is mixed from, counted from the part's first, and the second one's
// weight.
struct Mix {
  std::int64_t first = 0;
  std::int64_t second = 0;
  float weight = 0;
};

class AxisMixer {
 public:
  // `length`: of the part's input.
  AxisMixer(const ResizedAxis& axis, bool align_corners, std::int64_t image_row,
            std::int64_t length)
      : align_corners_(align_corners),
        last_input_(axis.input_length - 1),
        last_in_part_(length - 1) {
    const std::int64_t moved = image_row * axis.scale_num / axis.scale_den;
    first_input_ = axis.first_input + moved;
    first_output_ = axis.first_output + moved * axis.output_length / axis.input_length;
    const std::int64_t adjustment = align_corners && axis.output_length != 1 ? 1 : 0;
    scale_ = static_cast<float>(axis.input_length - adjustment) /
             static_cast<float>(axis.output_length - adjustment);
    offset_ = multiply_add(0.5F, scale_, -0.5F);
  }

  // For a row of the part's output.
  Mix at(std::int64_t output) const {
    const float position = position_of(static_cast<float>(first_output_ + output));
    const auto first = static_cast<std::int64_t>(position);
    const std::int64_t second = std::min(first + 1, last_input_);
    return {within_part(first), within_part(second), position - static_cast<float>(first)};
  }

 private:
  float position_of(float output) const {
    const auto last = static_cast<float>(last_input_);
    if (align_corners_) return std::clamp(output * scale_, 0.0F, last);
    return std::clamp(multiply_add(output, scale_, offset_), 0.0F, last);
  }

  std::int64_t within_part(std::int64_t input) const {
    return std::clamp<std::int64_t>(input - first_input_, 0, last_in_part_);
  }

  bool align_corners_;
  std::int64_t last_input_;
  std::int64_t last_in_part_;
  std::int64_t first_input_ = 0;
  std::int64_t first_output_ = 0;
  float scale_ = 1;
  float offset_ = 0;
};

}  // namespace

void resize_bilinear(const ResizedPart& part, Position at, std::int64_t channels, Size input_size,
                     const float* input, Size output_size, float* output) {
  const AxisMixer rows(part.rows, part.align_corners, at.row, input_size.height);
  const AxisMixer columns(part.columns, part.align_corners, at.column, input_size.width);
  const std::int64_t row_values = input_size.width * channels;
  for (std::int64_t y = 0; y < output_size.height; ++y) {
    const Mix row = rows.at(y);
    const float* const top = input + row.first * row_values;
    const float* const bottom = input + row.second * row_values;
    for (std::int64_t x = 0; x < output_size.width; ++x) {
      const Mix column = columns.at(x);
      const std::int64_t left = column.first * channels;
      const std::int64_t right = column.second * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float upper =
            multiply_add(top[right + c] - top[left + c], column.weight, top[left + c]);
        const float lower =
            multiply_add(bottom[right + c] - bottom[left + c], column.weight, bottom[left + c]);
        output[c] = multiply_add(lower - upper, row.weight, upper);
      }
      output += channels;
    }
  }
}

}  // namespace sectile::internal
