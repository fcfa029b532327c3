#include "src/program/sequence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

#include "src/base/integers.h"

namespace sectile::internal {

namespace {

std::vector<std::int64_t> make_positions() {
  constexpr std::int64_t kFirst = 4096;
  constexpr std::int64_t kOfEachPower = 512;
  constexpr std::int64_t kMost = std::int64_t{1} << 20;
  std::vector<std::int64_t> rows(kFirst);
  std::iota(rows.begin(), rows.end(), 0);
  for (std::int64_t power = kFirst; power <= kMost; power *= 2) {
    for (std::int64_t i = 0; i < kOfEachPower; ++i) rows.push_back(power + i);
  }
  return rows;
}

const std::vector<std::int64_t>& all_positions() {
  static const std::vector<std::int64_t> rows = make_positions();
  return rows;
}

using Numbers = std::vector<float>;
using Unary = float (*)(float);
using Binary = float (*)(float, float);

Unary unary_of(std::string_view op) {
  if (op == "XNNFloor") return [](float x) { return std::floor(x); };
  if (op == "XNNAbs") return [](float x) { return std::abs(x); };
  if (op == "XNNNegate") return [](float x) { return -x; };
  if (op == "XNNSquare") return [](float x) { return x * x; };
  if (op == "XNNClamp") return [](float x) { return x; };
  return nullptr;
}

Binary binary_of(std::string_view op) {
  if (op == "XNNAdd") return [](float x, float y) { return x + y; };
  if (op == "XNNSubtract") return [](float x, float y) { return x - y; };
  if (op == "XNNMultiply") return [](float x, float y) { return x * y; };
  if (op == "XNNDiv") return [](float x, float y) { return x / y; };
  if (op == "XNNMaximum") return [](float x, float y) { return std::max(x, y); };
  if (op == "XNNMinimum") return [](float x, float y) { return std::min(x, y); };
  return nullptr;
}

float clamped(const Node& node, float number) {
  return node.clamp ? std::clamp(number, node.clamp->min, node.clamp->max) : number;
}

// Of the first operand that is one.
const Sequence* sequence_in(std::span<const Operand> operands) {
  for (const Operand& operand : operands) {
    if (const auto* sequence = std::get_if<const Sequence*>(&operand)) return *sequence;
  }
  return nullptr;
}

float at(const Operand& operand, std::size_t sequence, std::size_t position) {
  if (const auto* number = std::get_if<float>(&operand)) return *number;
  return std::get<const Sequence*>(operand)->floats[sequence][position];
}

// One float from those of the operands at the same place.
template <typename Function>
std::vector<Numbers> each(std::span<const Operand> operands, const Function& function) {
  std::vector<Numbers> made = sequence_in(operands)->floats;
  for (std::size_t s = 0; s < made.size(); ++s) {
    for (std::size_t i = 0; i < made[s].size(); ++i) made[s][i] = function(s, i);
  }
  return made;
}

bool fit_each_other(std::span<const Operand> operands) {
  const Sequence* first = sequence_in(operands);
  return std::ranges::all_of(operands, [&](const Operand& operand) {
    const auto* other = std::get_if<const Sequence*>(&operand);
    return other == nullptr ||
           ((*other)->dims == first->dims && (*other)->floats.size() == first->floats.size());
  });
}

std::optional<std::vector<Numbers>> compute(const Node& node, std::span<const Operand> operands) {
  const Unary unary = unary_of(node.op);
  const Binary binary = binary_of(node.op);
  if (unary != nullptr && operands.size() == 1) {
    return each(operands, [&](std::size_t s, std::size_t i) {
      return clamped(node, unary(at(operands[0], s, i)));
    });
  }
  if (binary == nullptr || operands.size() != 2 || !fit_each_other(operands)) return {};
  return each(operands, [&](std::size_t s, std::size_t i) {
    return clamped(node, binary(at(operands[0], s, i), at(operands[1], s, i)));
  });
}

bool is_one(std::int64_t length) { return length == 1; }

// One after the other.
std::optional<std::vector<Numbers>> concatenated(const Node& node,
                                                 std::span<const Operand> operands) {
  const auto* concat = std::get_if<Concat>(&node.attributes);
  std::vector<Numbers> all;
  for (const Operand& operand : operands) {
    const auto* sequence = std::get_if<const Sequence*>(&operand);
    if (concat == nullptr || sequence == nullptr) return {};
    const auto& dims = (*sequence)->dims;
    if (concat->axis < 0 || concat->axis >= std::ssize(dims)) return {};
    // All dims before it are 1: so the values follow each other in memory.
    if (!std::all_of(dims.begin(), dims.begin() + concat->axis, is_one)) return {};
    all.insert(all.end(), (*sequence)->floats.begin(), (*sequence)->floats.end());
  }
  return all;
}

// One of several.
std::optional<std::vector<Numbers>> sliced(const Node& node, const Sequence& sequence,
                                           const std::vector<std::int64_t>& output_dims) {
  const auto* slice = std::get_if<Slice>(&node.attributes);
  const std::size_t rank = sequence.dims.size();
  if (slice == nullptr || rank == 0 || slice->offsets.size() != rank) return {};
  std::vector<std::int64_t> one = sequence.dims;
  one[0] = 1;
  const std::int64_t place = slice->offsets[0];
  const auto first = std::next(slice->offsets.begin());
  const bool rest = std::any_of(first, slice->offsets.end(), [](std::int64_t x) { return x != 0; });
  if (rest || output_dims != one || sequence.dims[0] != std::ssize(sequence.floats) || place < 0 ||
      place >= std::ssize(sequence.floats)) {
    return {};
  }
  return std::vector<Numbers>(1, sequence.floats[static_cast<std::size_t>(place)]);
}

std::optional<std::vector<Numbers>> make(const Node& node, std::span<const Operand> operands,
                                         const std::vector<std::int64_t>& output_dims) {
  if (node.op.starts_with("XNNConcatenate")) return concatenated(node, operands);
  if (node.op == "XNNStaticReshape" && operands.size() == 1) return sequence_in(operands)->floats;
  if (node.op == "XNNStaticSlice" && operands.size() == 1) {
    return sliced(node, *sequence_in(operands), output_dims);
  }
  return compute(node, operands);
}

// Whether the dims are those of so many sequences, one after the other.
bool holds(const std::vector<std::int64_t>& dims, std::int64_t sequences, std::int64_t length) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  if (product_within(dims, kMost) != sequences * length) return false;
  std::int64_t before = 1;
  for (const std::int64_t dim : dims) {
    // One dim of them all, or one of each after as many as there are.
    if (before == 1 && dim == sequences * length) return true;
    if (before == sequences && dim == length) return true;
    before *= dim;
  }
  return false;
}

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

bool repeat_after(const Numbers& numbers, std::int64_t count) {
  const auto& rows = all_positions();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!same_bits(numbers[i], numbers[static_cast<std::size_t>(rows[i] % count)])) return false;
  }
  return true;
}

}  // namespace

Sequence positions(std::int64_t length) { return {{length}, length, all_positions(), {}}; }

std::optional<Sequence> reshaped(const Sequence& sequence, std::vector<std::int64_t> dims) {
  const std::int64_t count = sequence.is_float() ? std::ssize(sequence.floats) : 1;
  if (!holds(dims, count, sequence.length)) return {};
  Sequence out = sequence;
  out.dims = std::move(dims);
  return out;
}

std::optional<Sequence> to_floats(const Sequence& sequence) {
  if (sequence.is_float()) return sequence;
  if (sequence.last) return {};
  const Numbers numbers(sequence.integers.begin(), sequence.integers.end());
  return Sequence{sequence.dims, sequence.length, {}, {numbers}};
}

std::optional<Sequence> to_integers(const Sequence& sequence) {
  if (!sequence.is_float()) return sequence;
  constexpr float kMost = 2147483648.0F;
  if (sequence.floats.size() != 1) return {};
  Sequence out{sequence.dims, sequence.length, {}, {}};
  for (const float number : sequence.floats[0]) {
    if (!(std::abs(number) < kMost)) return {};
    out.integers.push_back(static_cast<std::int64_t>(number));
  }
  return out;
}

std::optional<Sequence> evaluate(const Node& node, std::span<const Operand> operands,
                                 std::vector<std::int64_t> output_dims) {
  const Sequence* first = sequence_in(operands);
  if (first == nullptr) return {};
  auto floats = make(node, operands, output_dims);
  if (!floats || !holds(output_dims, std::ssize(*floats), first->length)) return {};
  return Sequence{std::move(output_dims), first->length, {}, std::move(*floats)};
}

std::optional<std::size_t> long_dim(const Sequence& sequence) {
  const auto& dims = sequence.dims;
  const auto found = std::ranges::find(dims, sequence.length);
  if (sequence.floats.size() > 1 || found == dims.end()) return {};
  return static_cast<std::size_t>(found - dims.begin());
}

std::optional<SampledAxis> sampled_axis(const Sequence& sequence, std::int64_t input,
                                        std::int64_t output) {
  if (sequence.is_float() || input < 1 || output < 1) return {};
  if (sequence.last && *sequence.last != input - 1) return {};
  const std::int64_t divisor = std::gcd(input, output);
  SampledAxis axis;
  axis.input_block = input / divisor;
  const std::int64_t count = output / divisor;
  if (count > std::ssize(sequence.integers)) return {};
  axis.rows.assign(sequence.integers.begin(), sequence.integers.begin() + count);
  const auto& rows = all_positions();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (sequence.integers[i] != axis.row_of(rows[i])) return {};
  }
  const auto is_inside = [&](std::int64_t row) { return row >= 0 && row < axis.input_block; };
  if (!sequence.last && !std::ranges::all_of(axis.rows, is_inside)) return {};
  return axis;
}

std::optional<std::vector<float>> repeated_numbers(const Sequence& sequence) {
  constexpr std::int64_t kMost = 64;
  if (sequence.floats.size() != 1) return {};
  const Numbers& numbers = sequence.floats[0];
  for (std::int64_t count = 1; count <= kMost; ++count) {
    if (repeat_after(numbers, count)) return Numbers(numbers.begin(), numbers.begin() + count);
  }
  return {};
}

}  // namespace sectile::internal
