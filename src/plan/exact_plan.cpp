#include "src/plan/exact_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "src/base/integers.h"
#include "src/base/system.h"
#include "src/cost/machine_model.h"
#include "src/cost/memory.h"
#include "src/cost/time.h"
#include "src/graph/infer.h"
#include "src/plan/axis.h"
#include "src/plan/limits.h"
#include "src/plan/output_image.h"
#include "src/plan/plan_data.h"
#include "src/plan/planner.h"
#include "src/plan/run_memory.h"
#include "src/plan/stream_networks.h"
#include "src/transform/resize.h"
#include "src/transform/stream.h"
#include "src/transform/transient_tables.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kValueBytes = sizeof(float);

void crop_to(std::vector<AxisTile>& spans, std::int64_t length) {
  std::erase_if(spans, [&](const AxisTile& span) { return span.output.begin >= length; });
  for (AxisTile& span : spans) span.output.end = std::min(span.output.end, length);
}

Status check_options(const PlanTask& options) {
  const auto exclude = [&](const char* what) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[plan] {} and the mode '{}' exclude each other", what,
                            to_string(options.mode)));
  };
  const bool takes_tiles = options.mode == Mode::automatic || options.mode == Mode::tile;
  const bool takes_steps = options.mode == Mode::automatic || options.mode == Mode::stream;
  if (options.tile && !takes_tiles) return exclude("a tile size");
  if (options.step_rows && !takes_steps) return exclude("rows of a step");
  if (options.step_rows && options.tile) {
    return fail(ErrorCode::invalid_argument,
                "[plan] a tile size and rows of a step exclude each other");
  }
  if (options.overlap_px) return exclude("an overlap");
  return {};
}

class PlanMaker : private NetworkCosts {
 public:
  PlanMaker(const Program& program, const MethodData& data, const ImageInfo& image,
            const PlanTask& options)
      : program_(program),
        graph_(*data.method->graph),
        transient_graph_(with_transient_tables(graph_)),
        footprint_(*data.footprint),
        image_(image),
        options_(options) {}

  Result<PlanData> make(const std::string& method) {
    plan_.method = method;
    if (auto status = set_sizes(); !status) {
      return fail(status.error().code, fmt::format("[plan] {}", status.error().message));
    }
    plan_.output_image = output_image_of(image_, options_, plan_.output, output_bands_, scale());
    set_costs();
    if (auto status = check_stream(); !status) return fail(status.error());
    const PlanRequest asked = request();
    const auto choice = choose_plan(input_, *this, asked);
    if (!choice) return fail(choice.error());
    plan_.memory_limit_bytes = asked.memory_bytes;
    take(*choice);
    if (auto status = lay_out(choice->candidate); !status) return fail(status.error());
    return std::move(plan_);
  }

 private:
  Status set_sizes() {
    const auto extended = extended_size(graph_, footprint_, image_.size);
    if (!extended) return fail(extended.error());
    const auto shapes = infer_shapes(graph_, *extended);
    if (!shapes) return fail(shapes.error());
    input_.y = axis_geometry(graph_, footprint_.y, Axis::y, *shapes);
    input_.x = axis_geometry(graph_, footprint_.x, Axis::x, *shapes);
    const Shape& out = (*shapes)[graph_.output];
    output_bands_ = static_cast<int>(out.elements() / (out.length(Axis::y) * out.length(Axis::x)));
    plan_.image = image_.size;
    plan_.extended = *extended;
    plan_.output = {
        cropped_length(input_.y.output_length, extended->height, image_.size.height, scale().y),
        cropped_length(input_.x.output_length, extended->width, image_.size.width, scale().x)};
    return {};
  }

  Scale scale() const { return {footprint_.y.scale, footprint_.x.scale}; }

  void set_costs() {
    const ImageInfo& output = plan_.output_image;
    input_.input_row_bytes = plan_.extended.width * image_.bands * kValueBytes;
    input_.output_row_bytes = output.size.width * output.bands * kValueBytes;
    input_.process_bytes = process_bytes(*program_.file, options_);
    input_.file_bytes = image_.held_bytes + reading_bytes(image_) + output.held_bytes;
    input_.file_seconds =
        kTimeModel.seconds_per_file_value *
        static_cast<double>(image_.size.area() * image_.bands + output.size.area() * output.bands);
  }

  PlanRequest request() const {
    PlanRequest request;
    request.mode = options_.step_rows ? Mode::stream : options_.mode;
    request.tile = options_.tile;
    if (options_.step_rows) request.step_rows = step_rows_in_image(*options_.step_rows);
    request.workers = options_.threads > 0 ? options_.threads : processor_count();
    request.spare_memory = !has_limit(options_);
    request.memory_bytes = memory_limit_of(options_, input_.process_bytes);
    return request;
  }

  Result<TileCosts> tile(Size size, bool transient_tables) override {
    const auto resized = resize(transient_tables ? transient_graph_ : graph_, size);
    if (!resized) return fail(resized.error());
    return TileCosts{network_work(*resized), traffic_seconds(*resized),
                     indirection_seconds(*resized), session_memory(*resized)};
  }

  bool can_stream() const override { return networks_.has_value(); }

  Result<StreamCosts> stream(std::int64_t rows, int lanes, bool transient_tables) override {
    return networks_->costs(lanes_of(lanes), rows, transient_tables);
  }

  // Leaves networks_ empty, and the reason in the plan, when the network cannot be streamed.
  Status check_stream() {
    if (options_.mode == Mode::whole || options_.mode == Mode::tile || options_.tile) return {};
    if (auto status = check_step_rows(); !status) return status;
    auto networks = stream_networks();
    if (networks) {
      networks_ = std::move(*networks);
      return {};
    }
    plan_.why_not_streamed = networks.error().message;
    if (options_.mode != Mode::stream && !options_.step_rows) return {};
    return fail(networks.error().code,
                fmt::format("[plan] the network cannot be streamed: {}", plan_.why_not_streamed));
  }

  Status check_step_rows() const {
    const std::int64_t grid = input_.y.grid;
    if (!options_.step_rows || (*options_.step_rows > 0 && *options_.step_rows % grid == 0)) {
      return {};
    }
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("[plan] --step must be a multiple of {1}, the network's grid, and is {0}",
                    *options_.step_rows, grid));
  }

  // More rows than the image has are as good as all of them.
  std::int64_t step_rows_in_image(std::int64_t wanted) const {
    return round_up(std::min(wanted, plan_.extended.height), input_.y.grid);
  }

  // Errors: why there are none.
  Result<StreamNetworkCache> stream_networks() const {
    constexpr std::int64_t kAnyRows = 64;
    auto networks = StreamNetworkCache::over(graph_, plan_.extended);
    if (!networks) return fail(networks.error());
    const auto any = networks->of(lanes_of(1).front(), step_rows_in_image(kAnyRows));
    if (!any) return fail(any.error());
    return networks;
  }

  std::vector<Range> lanes_of(int lanes) const {
    return lane_columns(plan_.output.width, input_.x.output_grid, lanes);
  }

  void take(const Choice& choice) {
    const Candidate& chosen = choice.candidate;
    plan_.tile = chosen.tile;
    plan_.mode = choice.alternatives.front().mode;
    plan_.transient_tables = chosen.transient_tables;
    plan_.workers = chosen.workers;
    plan_.threads = chosen.threads;
    plan_.compute_ratio = choice.compute_ratio;
    plan_.memory = chosen.memory;
    plan_.alternatives = choice.alternatives;
  }

  Status lay_out(const Candidate& chosen) {
    if (chosen.stream) {
      if (auto status = lay_out_stream(chosen); !status) return status;
    } else {
      plan_.rows = place_tiles(input_.y, chosen.tile.height);
      plan_.columns = place_tiles(input_.x, chosen.tile.width);
    }
    crop_to(plan_.rows, plan_.output.height);
    crop_to(plan_.columns, plan_.output.width);
    return {};
  }

  Status lay_out_stream(const Candidate& chosen) {
    for (const Range lane : lanes_of(chosen.workers)) {
      const auto network = networks_->of(lane, chosen.tile.height);
      if (!network) return fail(network.error());
      if (plan_.rows.empty()) plan_.rows = step_spans(**network);
      plan_.columns.push_back({(*network)->image().columns, lane});
      plan_.lag_rows = (*network)->lag_rows();
    }
    return {};
  }

  const Program& program_;
  const Graph& graph_;
  const Graph transient_graph_;
  const Footprint& footprint_;
  const ImageInfo& image_;
  const PlanTask& options_;
  PlanInput input_;
  int output_bands_ = 1;
  std::optional<StreamNetworkCache>
      networks_;  // none when the network cannot be streamed, or need not be
  PlanData plan_;
};

}  // namespace

Result<PlanData> plan_exact(const Program& program, const MethodInfo& info, const MethodData& data,
                            const ImageInfo& image, const PlanTask& options) {
  if (auto status = check_image(info, image); !status) return fail(status.error());
  if (auto status = check_options(options); !status) return fail(status.error());
  return PlanMaker(program, data, image, options).make(info.name);
}

}  // namespace sectile::internal
