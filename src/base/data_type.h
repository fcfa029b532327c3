// DataType: what the elements of a value are.
//
// Thread safety: plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sectile::internal {

enum class DataType {
  f32,
  f16,
  i8,   // an integer that stands for (integer - zero point) * scale
  i32,  // the same, of biases
  boolean,
  u8,  // no network of such, and of those below, is run
  bf16,
  i4,
  dynamic_i8,  // quantised as the network runs, by what it finds in the whole value
  other
};

struct DataTypeInfo {
  std::string_view name;
  std::int64_t size_bytes = 0;  // of an element; 0: it is not run
};

inline constexpr std::array kDataTypes = {DataTypeInfo{"f32", 4},     DataTypeInfo{"f16", 2},
                                          DataTypeInfo{"i8", 1},      DataTypeInfo{"i32", 4},
                                          DataTypeInfo{"bool", 1},    DataTypeInfo{"u8"},
                                          DataTypeInfo{"bf16"},       DataTypeInfo{"i4"},
                                          DataTypeInfo{"dynamic i8"}, DataTypeInfo{"unknown"}};

constexpr const DataTypeInfo& info(DataType type) {
  return kDataTypes[static_cast<std::size_t>(type)];
}
constexpr std::string_view to_string(DataType type) { return info(type).name; }
constexpr std::int64_t size_bytes(DataType type) { return info(type).size_bytes; }
constexpr bool is_float(DataType type) { return type == DataType::f32 || type == DataType::f16; }

}  // namespace sectile::internal
