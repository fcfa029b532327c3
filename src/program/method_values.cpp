#include "src/program/method_values.h"

#include <algorithm>
#include <set>

#include "src/base/integers.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;

std::string dtype_name(et::ScalarType type) {
  switch (type) {
    case et::ScalarType::FLOAT:
      return "f32";
    case et::ScalarType::HALF:
      return "f16";
    case et::ScalarType::BFLOAT16:
      return "bf16";
    case et::ScalarType::DOUBLE:
      return "f64";
    case et::ScalarType::BYTE:
      return "u8";
    case et::ScalarType::CHAR:
      return "i8";
    case et::ScalarType::INT:
      return "i32";
    case et::ScalarType::BOOL:
      return "bool";
    case et::ScalarType::LONG:
      return "i64";
    default:
      return et::EnumNameScalarType(type);
  }
}

bool is_order(const std::vector<std::uint8_t>& order, std::size_t dims) {
  const std::set<std::uint8_t> seen(order.begin(), order.end());
  return order.size() == dims && seen.size() == dims && (dims == 0 || *seen.rbegin() < dims);
}

}  // namespace

const et::EValue* MethodValues::at(ValueIndex index) const {
  const auto* values = plan_->values();
  if (index < 0 || values == nullptr || static_cast<std::uint32_t>(index) >= values->size()) {
    return nullptr;
  }
  return values->Get(static_cast<std::uint32_t>(index));
}

const et::Tensor* MethodValues::tensor(ValueIndex index) const {
  const et::EValue* value = at(index);
  return value == nullptr ? nullptr : value->val_as_Tensor();
}

std::optional<ProgramTensor> MethodValues::described(ValueIndex index) const {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
  const et::Tensor* source = tensor(index);
  if (source == nullptr) return std::nullopt;
  ProgramTensor tensor;
  tensor.dtype = dtype_name(source->scalar_type());
  if (source->sizes()) tensor.sizes.assign(source->sizes()->begin(), source->sizes()->end());
  if (source->dim_order()) {
    tensor.dim_order.assign(source->dim_order()->begin(), source->dim_order()->end());
  }
  const bool sane = is_order(tensor.dim_order, tensor.sizes.size()) &&
                    product_within(tensor.sizes, kMostElements);
  return sane ? std::optional(std::move(tensor)) : std::nullopt;
}

bool MethodValues::is_empty(ValueIndex index) const {
  const et::Tensor* source = tensor(index);
  return source != nullptr && source->sizes() != nullptr &&
         std::ranges::count(*source->sizes(), 0) > 0;
}

std::optional<std::int64_t> MethodValues::integer(ValueIndex index) const {
  const et::EValue* value = at(index);
  if (value == nullptr || value->val_as_Int() == nullptr) return std::nullopt;
  return value->val_as_Int()->int_val();
}

std::optional<std::string> MethodValues::text(ValueIndex index) const {
  const et::EValue* value = at(index);
  if (value == nullptr || value->val_as_String() == nullptr) return std::nullopt;
  const auto* text = value->val_as_String()->string_val();
  return text == nullptr ? std::nullopt : std::optional(text->str());
}

std::optional<double> MethodValues::scalar(ValueIndex index) const {
  const et::EValue* value = at(index);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->val_as_Double()) return number->double_val();
  const auto number = integer(index);
  return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
}

// A list of integers names values that hold them.
std::optional<std::vector<std::int64_t>> MethodValues::integers(ValueIndex index) const {
  const et::EValue* value = at(index);
  if (value == nullptr || value->val_as_IntList() == nullptr) return std::nullopt;
  std::vector<std::int64_t> numbers;
  const auto* items = value->val_as_IntList()->items();
  for (std::uint32_t i = 0; items != nullptr && i < items->size(); ++i) {
    const auto number = integer(static_cast<ValueIndex>(items->Get(i)));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<std::vector<double>> MethodValues::doubles(ValueIndex index) const {
  const et::EValue* value = at(index);
  if (value == nullptr || value->val_as_DoubleList() == nullptr) return std::nullopt;
  const auto* items = value->val_as_DoubleList()->items();
  return items == nullptr ? std::vector<double>{}
                          : std::vector<double>(items->begin(), items->end());
}

std::optional<std::vector<ValueIndex>> MethodValues::tensors(ValueIndex index) const {
  const et::EValue* value = at(index);
  if (value == nullptr) return std::nullopt;
  const ValueIndices* items = nullptr;
  if (const auto* list = value->val_as_TensorList()) items = list->items();
  if (const auto* list = value->val_as_OptionalTensorList()) items = list->items();
  if (items == nullptr) return std::nullopt;
  return std::vector<ValueIndex>(items->begin(), items->end());
}

std::vector<std::uint8_t> plain_order(std::size_t dims) {
  std::vector<std::uint8_t> order(dims);
  for (std::size_t i = 0; i < dims; ++i) order[i] = static_cast<std::uint8_t>(i);
  return order;
}

std::vector<std::int64_t> physical_dims(const ProgramTensor& tensor) {
  std::vector<std::int64_t> dims;
  dims.reserve(tensor.dim_order.size());
  for (const std::uint8_t dim : tensor.dim_order) dims.push_back(tensor.sizes[dim]);
  return dims;
}

DataType type_of(const ProgramTensor& tensor) {
  for (const DataType type : {DataType::f16, DataType::boolean}) {
    if (tensor.dtype == to_string(type)) return type;
  }
  return DataType::f32;
}

bool is_image_type(const ProgramTensor& tensor) {
  return is_value_type(tensor) && is_float(type_of(tensor));
}

bool is_value_type(const ProgramTensor& tensor) {
  return tensor.dtype == to_string(type_of(tensor));
}

ProgramTensor joined(const std::vector<ProgramTensor>& images) {
  ProgramTensor all = images[0];
  for (const ProgramTensor& image : images) {
    all.sizes[2] = std::min(all.sizes[2], image.sizes[2]);
    all.sizes[3] = std::min(all.sizes[3], image.sizes[3]);
  }
  all.sizes[1] = 0;
  for (const ProgramTensor& image : images) {
    all.sizes[1] += image.sizes[1] * scale_between(image, all).area();
  }
  return all;
}

Size scale_between(const ProgramTensor& image, const ProgramTensor& smaller) {
  return {image.sizes[2] / smaller.sizes[2], image.sizes[3] / smaller.sizes[3]};
}

std::size_t channel_place(const ProgramTensor& image) { return image.planar() ? 1 : 3; }

}  // namespace sectile::internal
