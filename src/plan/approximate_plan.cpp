#include "src/plan/approximate_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/cost/exported_memory.h"
#include "src/image/held_memory.h"
#include "src/model/exported_tile.h"
#include "src/model/model_data.h"
#include "src/plan/limits.h"
#include "src/plan/output_image.h"
#include "src/plan/output_mask.h"
#include "src/plan/overlap.h"
#include "src/plan/plan_data.h"
#include "src/plan/planner.h"
#include "src/plan/run_memory.h"
#include "src/plan/window.h"
#include "src/program/exported.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kValueBytes = sizeof(float);

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_argument, fmt::format("[plan] {}", what));
}

Status check_options(const PlanTask& options, Size tile) {
  if (options.tile) {
    return refuse(
        fmt::format("an approximate run takes tiles of {}, the size that the program was "
                    "exported for: leave out the tile size",
                    to_string(tile)));
  }
  if (options.step_rows) return refuse("an approximate run has no steps");
  if (options.window) {
    return refuse(fmt::format("an approximate run makes all of the output: leave out the window {}",
                              window_text(*options.window)));
  }
  const std::int64_t most = std::min(tile.height, tile.width) / 2;
  const std::int64_t overlap = options.overlap_px.value_or(0);
  if (overlap >= 0 && overlap <= most) return {};
  return refuse(fmt::format("an overlap of {} is not between 0 and {}, half a tile of {}", overlap,
                            most, to_string(tile)));
}

// So that no sum of bytes comes near 2^63.
Status check_extent(const ExportedTile& tile, Size image) {
  constexpr std::int64_t kMostRows = std::int64_t{1} << 40;
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 58;
  if (image.height > kMostRows || image.width > kMostRows) {
    return refuse(fmt::format("an image of {} is larger than any machine holds", to_string(image)));
  }
  const auto bytes_per_column = [](const TensorSpec& spec) {
    return 64.0 * static_cast<double>(spec.channels) * static_cast<double>(spec.size.height);
  };
  const double bytes = (bytes_per_column(tile.input) + bytes_per_column(tile.output)) *
                       static_cast<double>(image.width) * static_cast<double>(tile.scale.x.num);
  if (bytes < static_cast<double>(kMostBytes)) return {};
  return refuse(fmt::format("a row of tiles over an image of {} is larger than any machine holds",
                            to_string(image)));
}

class ApproximatePlanMaker {
 public:
  ApproximatePlanMaker(const ExportedTile& tile, const ImageInfo& image, const PlanTask& options)
      : tile_(tile), image_(image), options_(options) {
    const Size size = tile.input.size;
    y_ = {image.size.height, size.height, options.overlap_px.value_or(size.height / 4),
          tile.scale.y};
    x_ = {image.size.width, size.width, options.overlap_px.value_or(size.width / 4), tile.scale.x};
  }

  Result<PlanData> make(const std::string& method, const PlannedMemory& memory) {
    plan_.method = method;
    plan_.mode = Mode::approximate;
    plan_.memory = memory;
    set_sizes();
    plan_.scale = tile_.scale;
    plan_.network_bands = static_cast<int>(tile_.output.channels);
    plan_.output_kind = options_.output;
    plan_.threshold = options_.threshold;
    plan_.classes = options_.classes;
    plan_.output_image =
        output_image_of(image_, options_, plan_.window, plan_.network_bands, tile_.scale);
    if (image_.mask) {
      plan_.output_image.mask = output_mask(image_.mask, plan_.output, plan_.written, tile_.scale);
    }
    set_memory();
    if (auto status = choose_workers(); !status) return fail(status.error());
    plan_.rows = place_overlapping(y_);
    plan_.columns = place_overlapping(x_);
    const auto area = [](Size size) {
      return static_cast<double>(size.height) * static_cast<double>(size.width);
    };
    plan_.compute_ratio =
        static_cast<double>(plan_.steps()) * area(plan_.tile) / area(plan_.extended);
    plan_.output_image.approximation = description();
    return std::move(plan_);
  }

 private:
  void set_sizes() {
    plan_.image = image_.size;
    plan_.extended = {covered_length(y_), covered_length(x_)};
    plan_.tile = tile_.input.size;
    plan_.overlap = {y_.tile - tile_stride(y_), x_.tile - tile_stride(x_)};
    const auto output = [](const TileAxis& axis) {
      const std::int64_t covered = covered_length(axis);
      return cropped_length(covered / axis.scale.den * axis.scale.num, covered, axis.length,
                            axis.scale);
    };
    plan_.output = {output(y_), output(x_)};
    plan_.window = plan_.written = Rect::of(plan_.output);
    plan_.part = Rect::of(plan_.extended);
    plan_.input_window = Rect::of(plan_.image);
  }

  void set_memory() {
    const Size tiles{overlapping_count(y_), overlapping_count(x_)};
    const Size out = tile_.output.size;
    const int bands = plan_.network_bands;
    plan_.memory.file_bytes = image_.held_bytes + reading_bytes(image_.size, image_.bands) +
                              plan_.output_image.held_bytes +
                              masking_bytes(image_, plan_.output_image);
    const std::int64_t input_values = tile_.input.size.height * plan_.extended.width * image_.bands;
    const std::int64_t sheet_values = out.height * out.width * tiles.width * bands;
    plan_.strips = std::min(kTileStrips, tiles.height);
    plan_.memory.strip_bytes =
        plan_.strips * (input_values + sheet_values) * kValueBytes +
        blending_bytes(out, tiles, plan_.output, bands) +
        (tiles.height + tiles.width) * 2 * static_cast<std::int64_t>(sizeof(AxisTile));
  }

  // As many as were asked for and fit; there is no other way to save memory.
  Status choose_workers() {
    const std::int64_t asked = threads_of(options_);
    const std::int64_t tiles =
        std::min(asked, overlapping_count(y_)) * std::min(asked, overlapping_count(x_));
    plan_.memory_limit_bytes = memory_limit_of(options_, plan_.memory.process_bytes);
    for (std::int64_t workers = std::min(asked, tiles); workers >= 1; --workers) {
      plan_.workers = plan_.memory.workers = static_cast<int>(workers);
      if (plan_.memory.least_limit() <= plan_.memory_limit_bytes) return {};
    }
    return fail(over_budget(plan_.memory, plan_.memory_limit_bytes, options_.concurrent_runs));
  }

  // Empty for one run over the whole image, which is no approximation.
  std::string description() const {
    if (plan_.steps() == 1 && plan_.extended == plan_.image) return {};
    return fmt::format("tiles of {}, overlap {}, Hann blend; not the bits of a whole-image run",
                       to_string(plan_.tile), to_string(plan_.overlap));
  }

  const ExportedTile& tile_;
  const ImageInfo& image_;
  const PlanTask& options_;
  TileAxis y_;
  TileAxis x_;
  PlanData plan_;
};

}  // namespace

Status check_not_exact(const MethodInfo& info) {
  if (info.verdict != Verdict::exact || info.passes > 1) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("[approximate] the method '{}' can be cut exactly, with the bits of a "
                          "whole-image run: there is nothing to approximate",
                          info.name));
}

Result<PlannedMemory> exported_session_memory(const Model& model, const MethodInfo& info,
                                              const ExportedTile& tile) {
  const auto exported = read_exported(*model.data().program.file, info.name);
  const auto describe = [&](const Error& error) {
    return fail(error.code, fmt::format("[approximate] {}: method '{}': {}", model.path(),
                                        info.name, error.message));
  };
  if (!exported) return describe(exported.error());
  const auto delegates = exported_memory(exported->delegates);
  if (!delegates) return describe(delegates.error());
  PlannedMemory memory;
  memory.weight_bytes = delegates->weight_bytes;
  memory.indirection_bytes = delegates->indirection_bytes;
  memory.workspace_bytes = delegates->workspace_bytes + exported->planned_bytes;
  constexpr std::int64_t kValueBytes = sizeof(float);
  memory.buffer_bytes = (tile.input.values() + tile.output.values()) * kValueBytes;
  return memory;
}

Result<PlanData> plan_approximate(const Model& model, const MethodInfo& info,
                                  const ImageInfo& image, const PlanTask& options) {
  const auto tile = ExportedTile::of(model, info);
  if (!tile) return fail(tile.error());
  auto memory = exported_session_memory(model, info, *tile);
  if (!memory) return fail(memory.error());
  if (auto status = check_image(info, image); !status) return fail(status.error());
  if (auto status = check_options(options, tile->input.size); !status) return fail(status.error());
  if (auto status = check_extent(*tile, image.size); !status) return fail(status.error());
  memory->process_bytes = process_bytes(*model.data().program.file, options);
  return ApproximatePlanMaker(*tile, image, options).make(info.name, *memory);
}

}  // namespace sectile::internal
