#include "src/program/kernel_arguments.h"

#include <algorithm>
#include <utility>

namespace sectile::internal {

ValueIndex first(const ValueIndices& arguments) { return arguments.Get(0); }
ValueIndex last(const ValueIndices& arguments) { return arguments.Get(arguments.size() - 1); }

Result<ProgramTensor> tensor_at(const MethodGraphBuilder& builder, ValueIndex index) {
  auto tensor = builder.values().described(index);
  if (!tensor && builder.values().is_empty(index)) {
    return unsupported("it works on tensors without values");
  }
  if (!tensor) return fail(ErrorCode::corrupt, "an argument of a kernel is no tensor");
  return std::move(*tensor);
}

Result<std::int64_t> number_at(const MethodGraphBuilder& builder, ValueIndex index) {
  const auto number = builder.values().integer(index);
  if (!number) return unsupported("one of its arguments is no number that is known beforehand");
  return *number;
}

Result<std::size_t> place_of(const ProgramTensor& tensor, std::int64_t dim) {
  const auto dims = static_cast<std::int64_t>(tensor.sizes.size());
  const std::int64_t wanted = dim < 0 ? dim + dims : dim;
  const auto found = std::ranges::find(tensor.dim_order, wanted);
  if (found == tensor.dim_order.end())
    return fail(ErrorCode::corrupt, "it names a dim that is none");
  return static_cast<std::size_t>(found - tensor.dim_order.begin());
}

Node node_of(std::string op, std::vector<ValueId> inputs, Attributes attributes) {
  Node node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  return node;
}

}  // namespace sectile::internal
