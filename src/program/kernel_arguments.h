// The arguments of a call of ExecuTorch's kernels, and readers of such calls by the kernel's name.
//
// Thread safety: pure functions; readers are constants.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sectile/result.h"
#include "src/program/errors.h"
#include "src/program/method_graph_builder.h"
#include "src/program/program.h"

namespace sectile::internal {

// A kernel that is read into the network, or done while reading.
struct Kernel {
  std::string_view name;        // "aten::cat.out"
  std::uint32_t arguments = 0;  // at least
  Status (*read)(MethodGraphBuilder& builder, const ValueIndices& arguments) = nullptr;
};

// A call's arguments, whose number was checked; the last is the output.
ValueIndex first(const ValueIndices& arguments);
ValueIndex last(const ValueIndices& arguments);

// Errors: corrupt, unsupported (it has no values).
Result<ProgramTensor> tensor_at(const MethodGraphBuilder& builder, ValueIndex index);
// Errors: unsupported.
Result<std::int64_t> number_at(const MethodGraphBuilder& builder, ValueIndex index);

// Where logical dim `dim` lies in memory; negative dims count from the end. Errors: corrupt.
Result<std::size_t> place_of(const ProgramTensor& tensor, std::int64_t dim);

Node node_of(std::string op, std::vector<ValueId> inputs, Attributes attributes);

}  // namespace sectile::internal
