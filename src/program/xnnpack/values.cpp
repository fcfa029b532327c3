#include "src/program/xnnpack/values.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "src/base/integers.h"
#include "src/program/errors.h"
#include "src/program/xnnpack/delegate.h"
#include "src/program/xnnpack/unread_fields.h"

namespace sectile::internal {

namespace {
namespace fb = fb_xnnpack;
using Type = fb::XNNDatatype;

constexpr std::size_t kMostDims = 6;
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

DataType type_of(Type type) {
  switch (type) {
    case Type::xnn_datatype_fp32:
      return DataType::f32;
    case Type::xnn_datatype_fp16:
      return DataType::f16;
    case Type::xnn_datatype_qint8:
    case Type::xnn_datatype_qcint8:
      return DataType::i8;
    case Type::xnn_datatype_qint32:
    case Type::xnn_datatype_qcint32:
      return DataType::i32;
    case Type::xnn_datatype_quint8:
      return DataType::u8;
    case Type::xnn_datatype_bf16:
      return DataType::bf16;
    case Type::xnn_datatype_qcint4:
    case Type::xnn_datatype_qbint4:
      return DataType::i4;
    case Type::xnn_datatype_qdint8:
    case Type::xnn_datatype_qpint8:
      return DataType::dynamic_i8;
    default:
      return DataType::other;
  }
}

Type type_in_file(const Value& value) {
  const bool per_channel = value.quantization && value.quantization->channel_dim >= 0;
  switch (value.type) {
    case DataType::f16:
      return Type::xnn_datatype_fp16;
    case DataType::i8:
      return per_channel ? Type::xnn_datatype_qcint8 : Type::xnn_datatype_qint8;
    case DataType::i32:
      return per_channel ? Type::xnn_datatype_qcint32 : Type::xnn_datatype_qint32;
    default:
      return Type::xnn_datatype_fp32;
  }
}

bool is_per_channel(Type type) {
  return type == Type::xnn_datatype_qcint8 || type == Type::xnn_datatype_qcint32;
}

Status read_dims(const fb::XNNTensorValue& tensor, Shape& shape) {
  if (tensor.dims() != nullptr) shape.dims.assign(tensor.dims()->begin(), tensor.dims()->end());
  if (!product_within(shape.dims, kMostElements)) {
    return corrupt(fmt::format("a value has the shape {}", to_string(shape)));
  }
  if (shape.dims.size() > kMostDims) return corrupt("a value has more than 6 dims");
  return {};
}

// Scales stand in the table itself, or are a constant of their own.
Result<std::vector<float>> channel_scales(const fb::PerChannelQuant& source,
                                          std::span<const std::byte> file,
                                          const ConstantAt& constant_at) {
  std::vector<float> scales;
  if (source.scale_buffer_idx() == 0) {
    if (source.scale() != nullptr) scales.assign(source.scale()->begin(), source.scale()->end());
    return scales;
  }
  const auto place = constant_at(source.scale_buffer_idx());
  if (!place) return fail(place.error());
  if (source.num_scales() > place->size_bytes / sizeof(float)) {
    return corrupt(
        fmt::format("{} scales of a value have {} bytes", source.num_scales(), place->size_bytes));
  }
  scales.resize(source.num_scales());
  std::memcpy(scales.data(), file.data() + place->offset_bytes, scales.size() * sizeof(float));
  return scales;
}

Result<Quantization> read_quantization(const fb::XNNQuantizedTensorValue& source,
                                       std::span<const std::byte> file,
                                       const ConstantAt& constant_at) {
  if (const auto* whole = source.quant_params_as_PerTensorQuant()) {
    return Quantization{{whole->scale()}, whole->zero_point(), -1};
  }
  const auto* channels = source.quant_params_as_PerChannelQuant();
  if (channels == nullptr || channels->channel_dim() < 0) {
    return corrupt("a value of integers does not say what they stand for");
  }
  auto scales = channel_scales(*channels, file, constant_at);
  if (!scales) return fail(scales.error());
  return Quantization{std::move(*scales), 0, channels->channel_dim()};
}

Status check_quantization(const Value& value, bool per_channel) {
  const Quantization& quantization = *value.quantization;
  const auto& dims = value.shape.dims;
  std::size_t scales = 1;
  if (per_channel != (quantization.channel_dim >= 0)) {
    return corrupt("a value has one scale where its type wants one per channel, or the reverse");
  }
  if (per_channel) {
    const auto dim = static_cast<std::size_t>(quantization.channel_dim);
    if (dim >= dims.size()) return corrupt("the scales of a value are those of a dim that is none");
    scales = static_cast<std::size_t>(dims[dim]);
  }
  if (quantization.scales.size() != scales) {
    return corrupt(fmt::format("a value of shape {} has {} scales, not {}", to_string(value.shape),
                               quantization.scales.size(), scales));
  }
  for (const float scale : quantization.scales) {
    if (!std::isnormal(scale) || scale < 0) {
      return corrupt(fmt::format("a value has the scale {}", scale));
    }
  }
  const std::int32_t zero = quantization.zero_point;
  using Integers = std::numeric_limits<std::int8_t>;
  const bool fits =
      value.type == DataType::i8 ? zero >= Integers::min() && zero <= Integers::max() : zero == 0;
  if (!fits) return corrupt(fmt::format("a value has the zero point {}", zero));
  return {};
}

Status read_type(const ValueTables& tables, std::span<const std::byte> file,
                 const ConstantAt& constant_at, Value& value) {
  const bool dynamic = tables.tensor->dq_datatype() != Type::xnn_datatype_invalid;
  value.type = dynamic ? DataType::dynamic_i8 : type_of(tables.tensor->datatype());
  const bool quantized = value.type == DataType::i8 || value.type == DataType::i32;
  const bool run = size_bytes(value.type) > 0;
  if (run && quantized != (tables.quantized != nullptr)) {
    return corrupt("a value has scales and no integers, or integers and no scales");
  }
  if (!quantized) return {};
  auto quantization = read_quantization(*tables.quantized, file, constant_at);
  if (!quantization) return fail(quantization.error());
  value.quantization = std::move(*quantization);
  return check_quantization(value, is_per_channel(tables.tensor->datatype()));
}

// What is known of a value beside its shape and type, and where its scales stand.
void take_place_and_scales(fb::XValueT& from, fb::XValueT& to) {
  const fb::XNNTensorValueT& tensor = tensor_of(from);
  tensor_of(to).constant_buffer_idx = tensor.constant_buffer_idx;
  tensor_of(to).external_id = tensor.external_id;
  tensor_of(to).flags = tensor.flags & (kExternalInput | kExternalOutput);
  tensor_of(to).id_out = tensor.id_out;
  auto* quantized = from.xvalue_union.AsXNNQuantizedTensorValue();
  if (quantized == nullptr) return;
  auto* scales = quantized->quant_params.AsPerChannelQuant();
  if (scales == nullptr) return;
  auto& others = *to.xvalue_union.AsXNNQuantizedTensorValue()->quant_params.AsPerChannelQuant();
  others.scale = scales->scale;
  others.scale_buffer_idx = scales->scale_buffer_idx;
  others.num_scales = scales->num_scales;
}

}  // namespace

Result<ValueTables> value_tables(const fb::XValue& value) {
  ValueTables tables;
  tables.tensor = value.xvalue_union_as_XNNTensorValue();
  tables.quantized = value.xvalue_union_as_XNNQuantizedTensorValue();
  if (tables.quantized != nullptr) tables.tensor = tables.quantized->tensor_value();
  if (tables.tensor == nullptr) return corrupt("a value of the network is of no known kind");
  return tables;
}

Result<Value> decode_value(const ValueTables& tables, std::span<const std::byte> file,
                           const ConstantAt& constant_at) {
  Value value;
  if (auto status = read_dims(*tables.tensor, value.shape); !status) return fail(status.error());
  if (auto status = read_type(tables, file, constant_at, value); !status) {
    return fail(status.error());
  }
  return value;
}

std::unique_ptr<fb::XValueT> encode_value(const Value& value) {
  auto tensor = std::make_unique<fb::XNNTensorValueT>();
  tensor->datatype = type_in_file(value);
  tensor->num_dims = static_cast<std::uint32_t>(value.shape.dims.size());
  tensor->dims.assign(value.shape.dims.begin(), value.shape.dims.end());
  auto out = std::make_unique<fb::XValueT>();
  if (!value.quantization) {
    out->xvalue_union.Set(std::move(*tensor));
    return out;
  }
  fb::XNNQuantizedTensorValueT quantized;
  quantized.tensor_value = std::move(tensor);
  if (value.quantization->channel_dim < 0) {
    fb::PerTensorQuantT whole;
    whole.scale = value.quantization->scales[0];
    whole.zero_point = value.quantization->zero_point;
    quantized.quant_params.Set(whole);
  } else {
    fb::PerChannelQuantT channels;
    channels.scale = value.quantization->scales;
    channels.channel_dim = value.quantization->channel_dim;
    quantized.quant_params.Set(std::move(channels));
  }
  out->xvalue_union.Set(std::move(quantized));
  return out;
}

bool would_lose_fields(const fb::XValue& source, const Value& value) {
  if (has_newer_fields(source)) return true;
  if (size_bytes(value.type) == 0) return false;  // never written
  const std::unique_ptr<fb::XValueT> table(source.UnPack());
  const auto again = encode_value(value);
  take_place_and_scales(*table, *again);
  return !same_in_file(*table, *again);
}

fb::XNNTensorValueT& tensor_of(fb::XValueT& value) {
  auto* quantized = value.xvalue_union.AsXNNQuantizedTensorValue();
  return quantized != nullptr ? *quantized->tensor_value : *value.xvalue_union.AsXNNTensorValue();
}

}  // namespace sectile::internal
