#include "src/plan/kept_layout.h"

#include <algorithm>
#include <utility>

#include "src/transform/resize.h"

namespace sectile::internal {

namespace {

Size size_of(const Shape& shape) { return {shape.length(Axis::y), shape.length(Axis::x)}; }

}  // namespace

bool is_read_after(const std::vector<MethodStage>& stages, std::size_t stage, ValueId id) {
  return std::any_of(stages.begin() + static_cast<std::ptrdiff_t>(stage) + 1, stages.end(),
                     [&](const MethodStage& later) {
                       return std::ranges::find(later.inputs, id, &StageInput::image) !=
                              later.inputs.end();
                     });
}

std::optional<KeptLayout> KeptLayout::of(const MethodData& data, Size extended) {
  if (data.keeping_stages.empty()) return {};
  auto whole = resize(data.apart, extended);
  if (!whole) return {};
  KeptLayout layout(data.keeping_stages, std::move(*whole));
  if (!layout.fits()) return {};
  return layout;
}

// At another size than the exported one, an image may no longer have whole rows for each row of the
// smallest, and a stage may make other sizes of it than the network does.
bool KeptLayout::fits() const {
  for (std::size_t i = 0; i < stages_->size(); ++i) {
    const MethodStage& stage = (*stages_)[i];
    const Size joined = stage.inputs.empty() ? whole_.image_size() : input(i)->size;
    for (const StageInput& part : stage.inputs) {
      const Size size = size_of(whole_.shape(part.image));
      if (size != Size{joined.height * part.scale.height, joined.width * part.scale.width}) {
        return false;
      }
    }
    const auto resized = resize(*stage.method.graph, joined);
    if (!resized) return false;
    ValueId made = whole_.output;
    if (!stage.sums.empty()) {
      const auto adds_up = std::ranges::find(whole_.nodes, stage.sums[0].statistic, &Node::output);
      made = adds_up->inputs[0];
    }
    if (size_of(resized->output_shape()) != size_of(whole_.shape(made))) return false;
  }
  return true;
}

std::optional<ImageInfo> KeptLayout::input(std::size_t stage) const {
  const auto& parts = (*stages_)[stage].inputs;
  if (parts.empty()) return {};
  const Size first = size_of(whole_.shape(parts[0].image));
  ImageInfo info;
  info.size = {first.height / parts[0].scale.height, first.width / parts[0].scale.width};
  info.pixel_type = PixelType::f32;
  info.bands = 0;
  for (const StageInput& part : parts) {
    info.bands += static_cast<int>(part.channels * part.scale.area());
  }
  return info;
}

std::int64_t KeptLayout::bytes_of(ValueId id) const { return whole_.values[id].size_bytes(); }

std::int64_t KeptLayout::bytes_there(std::size_t stage) const {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i <= stage; ++i) {
    for (const KeptImage& kept : (*stages_)[i].kept) {
      const bool is_there = i == stage || is_read_after(*stages_, stage - 1, kept.image);
      if (is_there) bytes += bytes_of(kept.image);
    }
  }
  return bytes;
}

std::int64_t KeptLayout::bytes_written(std::size_t stage) const {
  std::int64_t bytes = 0;
  for (const KeptImage& kept : (*stages_)[stage].kept) bytes += bytes_of(kept.image);
  return bytes;
}

std::int64_t KeptLayout::most_bytes() const {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < stages_->size(); ++i) most = std::max(most, bytes_there(i));
  return most;
}

}  // namespace sectile::internal
