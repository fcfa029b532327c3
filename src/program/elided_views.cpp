#include "src/program/elided_views.h"

#include <algorithm>

#include "src/program/kernel_movement.h"

namespace sectile::internal {

namespace {

std::uint64_t element_bytes(const ProgramTensor& tensor) {
  if (tensor.dtype == "f64" || tensor.dtype == "i64") return 8;
  if (tensor.dtype == "f32" || tensor.dtype == "i32") return 4;
  return tensor.dtype == "f16" || tensor.dtype == "bf16" ? 2 : 1;
}

}  // namespace

std::optional<ElidedViews::Written> ElidedViews::place_of(ValueIndex index) const {
  const auto* tensor = builder_.values().tensor(index);
  const auto described = builder_.values().described(index);
  if (tensor == nullptr || !described || tensor->allocation_info() == nullptr) return std::nullopt;
  const auto* planned = tensor->allocation_info();
  const std::uint64_t begin = (std::uint64_t{planned->memory_offset_high()} << 32) |
                              std::uint64_t{planned->memory_offset_low()};
  const auto count = static_cast<std::uint64_t>(Shape{described->sizes}.elements());
  return Written{index, planned->memory_id(), begin, begin + count * element_bytes(*described)};
}

void ElidedViews::wrote(ValueIndex index) {
  const auto place = place_of(index);
  if (!place) return;
  std::erase_if(written_, [&](const Written& other) {
    return other.memory == place->memory && other.begin_bytes < place->end_bytes &&
           place->begin_bytes < other.end_bytes;
  });
  written_.push_back(*place);
}

Status ElidedViews::resolve(ValueIndex index) {
  const auto place = builder_.is_made(index) ? std::nullopt : place_of(index);
  if (!place) return {};
  const auto source = std::ranges::find_if(written_, [&](const Written& other) {
    return other.memory == place->memory && other.begin_bytes == place->begin_bytes &&
           other.end_bytes == place->end_bytes;
  });
  if (source == written_.end() || !builder_.is_made(source->index)) return {};
  const auto from = builder_.values().described(source->index);
  const auto to = builder_.values().described(index);
  if (from->dtype != to->dtype) return {};
  return define_view(builder_, source->index, index);
}

}  // namespace sectile::internal
