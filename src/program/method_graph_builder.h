// MethodGraphBuilder: what a method computes, joined into one graph.
//
// A method calls XNNPACK delegates and, between them, kernels of ExecuTorch. Those that only move
// values become nodes; arithmetic on integers (the indices of a padding, numbers in the network) is
// done here and now. A delegate's or kernel's values are known by their indices in the method.
//
// Thread safety: for one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sectile/result.h"
#include "src/graph/graph.h"
#include "src/program/container.h"
#include "src/program/method_values.h"
#include "src/program/sequence.h"
#include "src/program/xnnpack/delegate.h"

namespace sectile::internal {

class MethodGraphBuilder {
 public:
  MethodGraphBuilder(const Container& container, const executorch_flatbuffer::ExecutionPlan& plan)
      : container_(container), values_(plan) {}

  const MethodValues& values() const { return values_; }
  Graph& graph() { return graph_; }
  const Graph& graph() const { return graph_; }

  // The method's input: all of its tensors as one image (see joined()).
  // REQUIRES: at least one.
  void set_inputs(const std::vector<ValueIndex>& indices,
                  const std::vector<ProgramTensor>& tensors);
  // The values of those tensors; none where there is one.
  const std::vector<ValueId>& input_parts() const { return input_parts_; }
  // A value of the method that the graph has; none for others.
  std::optional<ValueId> image(ValueIndex index) const;
  // Whether it is such a value, or will be one when it is asked for.
  bool is_image(ValueIndex index) const { return index == lone_input_ || images_.contains(index); }

  // Errors: corrupt, unsupported; the message is the bare reason.
  Result<DelegateGraph> decode(const executorch_flatbuffer::BackendDelegate& delegate) const;
  Status add_delegate(const executorch_flatbuffer::DelegateCall& call, DelegateGraph decoded);

  // ---- for kernels

  // The image or the constant that an argument stands for, with its dims in that order. Errors:
  // unsupported, when it is neither.
  Result<ValueId> image_in_order(ValueIndex index, const std::vector<std::uint8_t>& order);
  // Makes value `out` of the method by a node, whose output is left open. Errors: corrupt.
  Status define(ValueIndex out, Node node);
  Status define_as(ValueIndex out, ValueId same);

  // A constant of the program, or numbers that are known, as a value. Errors: corrupt, unsupported.
  Result<ValueId> constant(ValueIndex index);
  // Whether it is such numbers.
  bool is_constant(ValueIndex index) const;
  // Whether a call has made the value, or it is an input or a constant.
  bool is_made(ValueIndex index) const;

  // Integers that are known: computed before, or constants of the program.
  // Errors: corrupt, unsupported.
  Result<std::vector<std::int64_t>> integers(ValueIndex index) const;
  void define_integers(ValueIndex out, std::vector<std::int64_t> numbers);
  // Numbers that are known for images of any size; null for others.
  const Sequence* sequence(ValueIndex index) const;
  bool has_integers(ValueIndex index) const { return integers_.contains(index); }
  void define_sequence(ValueIndex out, Sequence sequence);
  // KnownNumbers in f32 that are constants of the program. Errors: corrupt, unsupported.
  Result<std::vector<float>> numbers(ValueIndex index) const;
  // Makes value `out` the numbers or integers that `in` is, in another shape; false for others.
  bool define_same_numbers(ValueIndex out, ValueIndex in);
  // Makes value `out` these numbers. REQUIRES: f32, f16 or bool.
  void define_numbers(ValueIndex out, DataType type, const std::vector<float>& numbers);

 private:
  template <typename Number>
  Result<std::vector<Number>> constants(ValueIndex index, std::string_view dtype) const;
  // As `tensor` lies in memory.
  ValueId add_value(const ProgramTensor& tensor);
  // Of a delegate's values, those that are computed from positions alone.
  using Sequences = std::map<ValueId, Sequence>;
  Status connect(const DelegateGraph& decoded, const executorch_flatbuffer::DelegateCall& call,
                 std::vector<ValueId>& ids, std::vector<Value>& values, Sequences& sequences);
  Status add_position_node(Node node, const std::vector<ValueId>& ids, Sequences& sequences);
  Status multiply_by(const Sequence& sequence, Node node, ValueId image);
  Status make_constant(ValueIndex index, Value& value) const;
  Status take_outputs(const DelegateGraph& decoded, const executorch_flatbuffer::DelegateCall& call,
                      const std::vector<ValueId>& ids, const Sequences& sequences);
  Status give_name(ValueIndex index, ValueId id);

  const Container& container_;
  MethodValues values_;
  Graph graph_;
  std::vector<ValueId> input_parts_;
  ValueIndex lone_input_ = -1;  // an input that no value stands for yet
  std::map<ValueIndex, ValueId> images_;
  std::map<ValueIndex, std::vector<std::int64_t>> integers_;
  std::map<ValueIndex, Sequence> sequences_;
  struct KnownNumbers {
    DataType type = DataType::f32;
    std::vector<std::byte> bytes;
  };
  std::map<ValueIndex, KnownNumbers> numbers_;
};

}  // namespace sectile::internal
