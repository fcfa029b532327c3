#include "sectile/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/analysis/cost.h"
#include "src/api/model_data.h"
#include "src/base/integers.h"
#include "src/base/system.h"
#include "src/graph/infer.h"
#include "src/plan/planner.h"
#include "src/transform/resize.h"

namespace sectile {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
// The program, its libraries and GDAL's, before the first tile: measured.
constexpr std::int64_t kProcessBytes = 64 * kMiB;
constexpr std::int64_t kValueBytes = sizeof(float);
constexpr std::int64_t kSinkBlockRows = 256;

std::int64_t bytes_of(PixelType type) {
  switch (type) {
    case PixelType::u8:
    case PixelType::i8:
      return 1;
    case PixelType::u16:
    case PixelType::i16:
      return 2;
    case PixelType::u32:
    case PixelType::i32:
    case PixelType::f32:
      return 4;
    case PixelType::f64:
      return 8;
  }
  return 8;
}

Status check_image(const MethodInfo& info, const ImageInfo& image) {
  if (image.size.height < 1 || image.size.width < 1) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[plan] an image of {} has no pixels", to_string(image.size)));
  }
  if (image.bands != info.input.channels) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format(
            "[plan] the image has {} bands and the network '{}' takes {}: convert the image",
            image.bands, info.name, info.input.channels));
  }
  return {};
}

// Output rows that belong to the image, of those made for the extended one.
std::int64_t cropped(std::int64_t extended_output, std::int64_t extended, std::int64_t image,
                     Ratio scale) {
  return std::max<std::int64_t>(1, extended_output - (extended - image) * scale.num / scale.den);
}

void crop_to(std::vector<Span>& spans, std::int64_t length) {
  std::erase_if(spans, [&](const Span& span) { return span.output.begin >= length; });
  spans.back().output.end = std::min(spans.back().output.end, length);
}

std::optional<std::array<double, 6>> scaled(const std::optional<std::array<double, 6>>& transform,
                                            const Footprint& footprint) {
  if (!transform) return std::nullopt;
  const auto per_output_px = [](Ratio r) {
    return static_cast<double>(r.den) / static_cast<double>(r.num);
  };
  std::array<double, 6> out = *transform;
  out[1] *= per_output_px(footprint.x.scale);
  out[4] *= per_output_px(footprint.x.scale);
  out[2] *= per_output_px(footprint.y.scale);
  out[5] *= per_output_px(footprint.y.scale);
  return out;
}

class PlanMaker {
 public:
  PlanMaker(const MethodData& data, const ImageInfo& image, const PlanOptions& options)
      : graph_(*data.method->graph),
        footprint_(*data.footprint),
        image_(image),
        options_(options) {}

  Result<Plan> make(const std::string& method) {
    const auto extended = extended_size(graph_, footprint_, image_.size);
    if (!extended) {
      return fail(extended.error().code, fmt::format("[plan] {}", extended.error().message));
    }
    const auto shapes = infer_shapes(graph_, *extended);
    if (!shapes) {
      return fail(shapes.error().code, fmt::format("[plan] {}", shapes.error().message));
    }
    input_.y = axis_geometry(graph_, footprint_.y, Axis::y, *shapes);
    input_.x = axis_geometry(graph_, footprint_.x, Axis::x, *shapes);
    const Shape& out = (*shapes)[graph_.output];
    output_channels_ = out.elements() / (out.length(Axis::y) * out.length(Axis::x));
    input_.input_row_bytes = extended->width * image_.bands * kValueBytes;
    input_.output_row_bytes = input_.x.output_length * output_channels_ * kValueBytes;
    input_.process_bytes = kProcessBytes + file_bytes(*extended);
    input_.tile_costs = [this](Size tile) { return tile_costs(tile); };
    auto layout = choose_layout(input_, request());
    if (!layout) return fail(layout.error());
    return finish(method, std::move(*layout));
  }

 private:
  // What reading and writing files hold: two rows of the source's blocks in GDAL's cache, one row
  // of the sink's blocks. An image without blocks is in memory.
  std::int64_t file_bytes(Size extended) const {
    if (image_.block.height == 0) return 0;
    const std::int64_t source_rows = std::min(image_.block.height, extended.height);
    const std::int64_t sink_rows = std::min(kSinkBlockRows, input_.y.output_length);
    return (2 * source_rows * input_.input_row_bytes + sink_rows * input_.output_row_bytes) *
           bytes_of(image_.pixel_type) / kValueBytes;
  }

  PlanRequest request() const {
    PlanRequest request;
    request.mode = options_.mode;
    request.tile = options_.tile;
    request.workers = options_.threads > 0 ? options_.threads : processor_count();
    request.memory_bytes = options_.memory_bytes > 0
                               ? options_.memory_bytes
                               : std::max(free_memory_bytes() / 2, 2 * kProcessBytes);
    return request;
  }

  Result<TileCosts> tile_costs(Size tile) const {
    const auto resized = resize(graph_, tile);
    if (!resized) return fail(resized.error());
    const std::int64_t buffer_bytes =
        (resized->input_shape().elements() + resized->output_shape().elements()) * kValueBytes;
    return TileCosts{compute_cost(*resized), session_memory(*resized).total() + buffer_bytes};
  }

  Plan finish(const std::string& method, TileLayout layout) const {
    Plan plan;
    plan.method = method;
    plan.image = image_.size;
    plan.extended = {input_.y.length, input_.x.length};
    plan.output = {
        cropped(input_.y.output_length, plan.extended.height, plan.image.height,
                footprint_.y.scale),
        cropped(input_.x.output_length, plan.extended.width, plan.image.width, footprint_.x.scale)};
    plan.tile = layout.tile;
    plan.mode = plan.tile == plan.extended ? Mode::whole : Mode::tile;
    plan.rows = std::move(layout.rows);
    plan.columns = std::move(layout.columns);
    crop_to(plan.rows, plan.output.height);
    crop_to(plan.columns, plan.output.width);
    plan.workers = layout.workers;
    plan.compute_ratio = layout.compute_ratio;
    plan.predicted_peak_bytes = layout.predicted_peak_bytes;
    plan.output_image.size = plan.output;
    plan.output_image.bands = static_cast<int>(output_channels_);
    plan.output_image.pixel_type = image_.pixel_type;
    plan.output_image.geo = image_.geo;
    plan.output_image.geo.transform = scaled(image_.geo.transform, footprint_);
    return plan;
  }

  const Graph& graph_;
  const Footprint& footprint_;
  const ImageInfo& image_;
  const PlanOptions& options_;
  PlanInput input_;
  std::int64_t output_channels_ = 1;
};

}  // namespace

const char* to_string(Mode mode) {
  switch (mode) {
    case Mode::automatic:
      return "auto";
    case Mode::whole:
      return "whole";
    case Mode::tile:
      return "tile";
  }
  return "auto";
}

std::string Plan::to_string() const {
  using sectile::to_string;
  std::string text = fmt::format("image   {} -> {}\n", to_string(image), to_string(output));
  if (extended != image) {
    text += fmt::format("        run as {}: the edge repeated to a size the network accepts\n",
                        to_string(extended));
  }
  text += fmt::format("mode    {}: {} lanes of tiles {}, {} workers\n", to_string(mode), lanes(),
                      to_string(tile), workers);
  text += fmt::format("work    {:.3f} times that of one whole-image run\n", compute_ratio);
  text += fmt::format("memory  {} MiB predicted peak\n", ceil_div(predicted_peak_bytes, kMiB));
  return text;
}

Result<Plan> make_plan(const Model& model, const ImageInfo& image, const PlanOptions& options) {
  const auto info = model.method(options.method);
  if (!info) return fail(info.error());
  const auto data = find_exact_method(model, options.method);
  if (!data) return fail(data.error());
  if (auto status = check_image(**info, image); !status) return fail(status.error());
  if (options.mode == Mode::whole && options.tile) {
    return fail(ErrorCode::invalid_argument,
                "[plan] a tile size and the mode 'whole' exclude each other");
  }
  return PlanMaker(**data, image, options).make((*info)->name);
}

}  // namespace sectile
