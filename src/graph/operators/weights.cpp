// The weights of convolutions: which types of filter and bias go with which image.
#include <fmt/format.h>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/types.h"

namespace sectile::internal::operators {

namespace {

std::unexpected<Error> mismatch(const NodeView& view) {
  const bool has_bias = view.node.inputs[2] != kNoValue;
  return fail(ErrorCode::corrupt,
              fmt::format("its filter of {} and bias of {} do not go with {} to {}",
                          to_string(view.input(1).type),
                          has_bias ? to_string(view.input(2).type) : "nothing",
                          to_string(view.input(0).type), to_string(view.output().type)));
}

bool floats_fit(DataType image, DataType filter, DataType bias) {
  if (image == DataType::f32) return filter == DataType::f32 && bias == DataType::f32;
  return is_float(filter) && is_float(bias) && (filter == DataType::f16 || bias == DataType::f32);
}

bool is_scaled_along(const Value& value, int dim) {
  return value.quantization && value.quantization->channel_dim == dim;
}

// XNNPACK's own bound.
Status check_factors(const NodeView& view) {
  constexpr double kBelow = 256;
  for (const float scale : view.input(1).quantization->scales) {
    const double factor = scale_of(view.input(0)) * scale / scale_of(view.output());
    if (auto status = require_factor(factor, 0, kBelow); !status) return status;
  }
  return {};
}

// A filter has one scale or one for each output channel, and so has the bias.
Status check_integer_weights(const NodeView& view, int channel_dim) {
  const Value& filter = view.input(1);
  const bool has_bias = view.node.inputs[2] != kNoValue;
  for (const Value* value : {&view.input(0), &view.output()}) {
    if (auto status = require_one_scale(*value); !status) return status;
  }
  const bool bias_type_fits = !has_bias || view.input(2).type == DataType::i32;
  if (filter.type != DataType::i8 || !bias_type_fits) return mismatch(view);
  const bool per_channel = is_scaled_along(filter, channel_dim);
  const bool filter_fits =
      (per_channel || is_scaled_along(filter, -1)) && filter.quantization->zero_point == 0;
  if (filter_fits && (!has_bias || is_scaled_along(view.input(2), per_channel ? 0 : -1))) {
    return check_factors(view);
  }
  return fail(ErrorCode::corrupt, "the scales of its filter and of its bias do not fit each other");
}

}  // namespace

double scale_of(const Value& value) { return value.quantization->scales[0]; }

Status check_convolution_types(const NodeView& view, int channel_dim) {
  const DataType image = view.input(0).type;
  if (view.output().type != image) return mismatch(view);
  if (image == DataType::i8) return check_integer_weights(view, channel_dim);
  const DataType filter = view.input(1).type;
  const DataType bias = view.node.inputs[2] == kNoValue ? filter : view.input(2).type;
  if (is_float(image) && floats_fit(image, filter, bias)) return {};
  return mismatch(view);
}

// The filter in the image's type; beside integers stand a bias, a scale and a sum for each channel.
std::int64_t packed_weight_bytes(const NodeView& view, std::int64_t outputs, std::int64_t inputs) {
  constexpr std::int64_t kIntegerChannelBytes = 12;
  const auto* conv = std::get_if<Convolution>(&view.node.attributes);  // else fully connected
  const std::int64_t kernel_px = conv == nullptr ? 1 : conv->windows.kernel_px();
  const std::int64_t value_bytes = size_bytes(view.input(0).type);
  const std::int64_t bias_bytes =
      view.input(0).type == DataType::i8 ? kIntegerChannelBytes : value_bytes;
  return outputs * (kernel_px * inputs * value_bytes + bias_bytes);
}

std::int64_t block_weight_bytes(const NodeView& view) {
  constexpr std::int64_t kBlockIntegers = 8;
  const auto& conv = view.attributes<Convolution>();
  const std::int64_t inputs = view.input(0).type == DataType::i8
                                  ? round_up(conv.group_input_channels, kBlockIntegers)
                                  : conv.group_input_channels;
  return packed_weight_bytes(view, block_channels(conv), inputs);
}

std::int64_t block_channels(const Convolution& conv) {
  return conv.groups * round_up(conv.group_output_channels, kBlockChannels);
}

}  // namespace sectile::internal::operators
