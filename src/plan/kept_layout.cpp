#include "src/plan/kept_layout.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "src/transform/resize.h"

namespace sectile::internal {

namespace {

ImageInfo image_of(const Shape& shape) {
  ImageInfo info;
  info.size = shape.size();
  info.bands = static_cast<int>(shape.channels());
  info.pixel_type = PixelType::f32;
  return info;
}

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
    const auto joined = input(i);
    if (!stage.inputs.empty() && !joined) return false;
    const auto resized = resize(*stage.method.graph, joined ? joined->size : whole_.image_size());
    if (!resized) return false;
    ValueId made = whole_.output;
    if (!stage.sums.empty()) {
      const auto adds_up = std::ranges::find(whole_.nodes, stage.sums[0].statistic, &Node::output);
      made = adds_up->inputs[0];
    }
    if (resized->output_shape().size() != whole_.shape(made).size()) return false;
  }
  return true;
}

std::optional<ImageInfo> KeptLayout::input(std::size_t stage) const {
  std::vector<std::unique_ptr<ImageSource>> images;
  std::vector<Size> scales;
  for (const StageInput& part : (*stages_)[stage].inputs) {
    // None of its pixels is read.
    images.push_back(std::make_unique<MemorySource>(image_of(whole_.shape(part.image)),
                                                    std::span<const float>{}));
    scales.push_back(part.scale);
  }
  const auto joined = join_images(std::move(images), std::move(scales));
  return joined ? std::optional((*joined)->info()) : std::nullopt;
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
