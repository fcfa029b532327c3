#include "src/graph/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <utility>

namespace sectile::internal {

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims) product *= dim;
  return product;
}

Value Value::like(Shape other) const {
  Value value;
  value.shape = std::move(other);
  value.type = type;
  value.quantization = quantization;
  return value;
}

bool is_row_major_image(const Shape& shape) {
  return shape.dims.size() == 4 && shape.dims[0] == 1 && shape.y == 1 && shape.x == 2;
}

bool is_planar_image(const Shape& shape) {
  return shape.dims.size() == 4 && shape.dims[0] == 1 && shape.y == 2 && shape.x == 3;
}

std::string to_string(const Shape& shape) { return fmt::format("{}", fmt::join(shape.dims, "x")); }

namespace {
std::vector<ValueId> joined(ValueId first, const std::vector<ValueId>& others) {
  std::vector<ValueId> all;
  if (first != kNoValue) all.push_back(first);
  all.insert(all.end(), others.begin(), others.end());
  return all;
}
}  // namespace

std::vector<ValueId> Graph::all_inputs() const { return joined(input, extra_inputs); }
std::vector<ValueId> Graph::all_outputs() const { return joined(output, extra_outputs); }

std::optional<float> number_of(const Value& value, std::span<const std::byte> file) {
  const auto& constant = value.constant;
  if (!constant || value.type != DataType::f32 || value.shape.elements() != 1) return {};
  float number = 0;
  std::span<const std::byte> bytes = constant->bytes;
  if (bytes.empty()) {
    if (constant->offset_bytes + sizeof(number) > file.size()) return {};
    bytes = file.subspan(constant->offset_bytes, sizeof(number));
  }
  if (bytes.size() < sizeof(number)) return {};
  std::memcpy(&number, bytes.data(), sizeof(number));
  return number;
}

std::string node_name(const Graph& graph, std::size_t index) {
  return fmt::format("node {} ({})", index, graph.nodes[index].op);
}

}  // namespace sectile::internal
