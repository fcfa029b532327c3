// MethodValues: the values of a method by their indices, and the arguments of its calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "program_generated.h"
#include "sectile/result.h"
#include "src/program/program.h"

namespace sectile::internal {

using ValueIndex = std::int32_t;  // of a value, in its method's list
using ValueIndices = flatbuffers::Vector<std::int32_t>;

class MethodValues {
 public:
  explicit MethodValues(const executorch_flatbuffer::ExecutionPlan& plan) : plan_(&plan) {}

  // Null when there is none.
  const executorch_flatbuffer::EValue* at(ValueIndex index) const;
  const executorch_flatbuffer::Tensor* tensor(ValueIndex index) const;
  // Nothing when the value is of another kind, or has a size that no tensor has.
  std::optional<ProgramTensor> described(ValueIndex index) const;
  bool is_empty(ValueIndex index) const;  // a tensor without elements
  std::optional<std::int64_t> integer(ValueIndex index) const;
  std::optional<std::string> text(ValueIndex index) const;
  std::optional<double> scalar(ValueIndex index) const;  // an integer or a double
  std::optional<std::vector<std::int64_t>> integers(ValueIndex index) const;
  std::optional<std::vector<double>> doubles(ValueIndex index) const;
  // Indices of tensors; -1 where a list has none.
  std::optional<std::vector<ValueIndex>> tensors(ValueIndex index) const;

 private:
  const executorch_flatbuffer::ExecutionPlan* plan_;
};

// Of so many dims that lie as they are numbered.
std::vector<std::uint8_t> plain_order(std::size_t dims);
// A tensor's dims as they lie in memory.
std::vector<std::int64_t> physical_dims(const ProgramTensor& tensor);
// Whether its elements are floats that Sectile runs.
bool is_image_type(const ProgramTensor& tensor);
// Those, and the bools that kernels make of them.
bool is_value_type(const ProgramTensor& tensor);
// The type of those; f32 for others.
DataType type_of(const ProgramTensor& tensor);

// Images of one layout as one, channel after channel. It has the rows and columns of the smallest;
// of a larger one, each pixel of a block that stands for one of its own is a channel.
// REQUIRES: at least one; rows and columns of each are multiples of the smallest's.
ProgramTensor joined(const std::vector<ProgramTensor>& images);
// How many rows and columns of the image stand for one of the smaller image's.
Size scale_between(const ProgramTensor& image, const ProgramTensor& smaller);
// Where an image's channels stand among its physical dims.
std::size_t channel_place(const ProgramTensor& image);

}  // namespace sectile::internal
