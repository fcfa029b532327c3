// Sequence: numbers that a program computes from the positions of rows or columns alone (arange,
// and arithmetic on it), known for images of any size.
//
// They are computed for some positions, with the program's own operations in their order: all of
// the first ones, and some of each power of two up to 2^20, where floats get coarser. What holds
// for all of them (that numbers come again after n rows) is taken to hold between them.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "src/graph/graph.h"

namespace sectile::internal {

struct Sequence {
  std::vector<std::int64_t> dims;  // as exported
  std::int64_t length = 1;         // positions, as exported
  // At the positions, one of the two; of floats several sequences may follow each other in one
  // tensor.
  std::vector<std::int64_t> integers;
  std::vector<std::vector<float>> floats;
  // Of integers: those below 0 stand for 0, and those above for this one.
  std::optional<std::int64_t> last = {};

  bool is_float() const { return !floats.empty(); }
};

// The positions themselves, of so many rows or columns.
Sequence positions(std::int64_t length);

// Converted. Floats become integers towards 0. Nothing for floats that are no integers of 32 bits.
std::optional<Sequence> to_floats(const Sequence& sequence);
std::optional<Sequence> to_integers(const Sequence& sequence);

// The same numbers in these dims. Nothing when they are not the dims of as many.
std::optional<Sequence> reshaped(const Sequence& sequence, std::vector<std::int64_t> dims);

// What XNNPACK's node makes of sequences and numbers. Nothing for operators other than those of
// arithmetic and of shape.
using Operand = std::variant<const Sequence*, float>;
std::optional<Sequence> evaluate(const Node& node, std::span<const Operand> operands,
                                 std::vector<std::int64_t> output_dims);

// The place of the dim that it varies over; nothing when it has one number, or several follow each
// other.
std::optional<std::size_t> long_dim(const Sequence& sequence);

// Integers as rows of an input of so many that become `output` ones. Nothing when they are others.
std::optional<SampledAxis> sampled_axis(const Sequence& sequence, std::int64_t input,
                                        std::int64_t output);

// Floats that come again and again: the shortest list of them. Nothing when they do not.
std::optional<std::vector<float>> repeated_numbers(const Sequence& sequence);

}  // namespace sectile::internal
