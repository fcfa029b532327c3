#include "src/plan/network_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "src/base/integers.h"
#include "src/cost/machine_model.h"
#include "src/cost/memory.h"
#include "src/cost/time.h"
#include "src/graph/passes/stages.h"
#include "src/image/held_memory.h"
#include "src/image/pixel_convert.h"
#include "src/plan/axis.h"
#include "src/plan/limits.h"
#include "src/plan/output_image.h"
#include "src/plan/output_mask.h"
#include "src/plan/plan_data.h"
#include "src/plan/planner.h"
#include "src/plan/run_memory.h"
#include "src/plan/stream_networks.h"
#include "src/plan/window.h"
#include "src/transform/resize.h"
#include "src/transform/stream.h"
#include "src/transform/transient_tables.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kValueBytes = sizeof(float);

// Tiles over a part of the image that begins at these rows, each with what it makes of the window.
std::vector<AxisTile> tiles_over(const AxisGeometry& part, std::int64_t length, Range input,
                                 Range window) {
  std::vector<AxisTile> tiles = place_tiles(part, length);
  for (AxisTile& tile : tiles) {
    tile.input = tile.input.shifted(input.begin);
    tile.output = tile.output.shifted(input.begin / part.grid * part.output_grid).intersect(window);
  }
  std::erase_if(tiles, [](const AxisTile& tile) { return tile.output.empty(); });
  return tiles;
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

}  // namespace

PlannedPass pass_of(const PlanData& plan, double compute_ratio) {
  PlannedPass pass;
  pass.mode = plan.mode;
  pass.tile = plan.tile;
  pass.lanes = plan.lanes();
  pass.steps = plan.steps();
  pass.workers = plan.workers;
  pass.threads = plan.threads;
  pass.compute_ratio = compute_ratio;
  pass.peak_bytes = plan.memory.total();
  return pass;
}

namespace {

class PlanMaker : private NetworkCosts {
 public:
  PlanMaker(const Program& program, const NetworkToPlan& network, const ImageInfo& image,
            const PlanTask& options)
      : program_(program),
        network_(network),
        graph_(network.graph),
        transient_graph_(with_transient_tables(graph_)),
        footprint_(network.footprint),
        image_(image),
        options_(options) {}

  Result<PlanData> make(const std::string& method) {
    plan_.method = method;
    if (auto status = set_sizes(); !status) {
      return fail(status.error().code, fmt::format("[plan] {}", status.error().message));
    }
    plan_.scale = scale_given();
    plan_.output_image =
        output_image_of(image_given(), options_, plan_.written, output_bands_, plan_.scale);
    plan_.output_image.mask = mask_;
    plan_.network_bands = output_bands_;
    plan_.output_kind = options_.output;
    plan_.threshold = options_.threshold;
    plan_.classes = options_.classes;
    if (network_.is_summed) plan_.output_image.held_bytes = 0;
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
    const Result<Size> extended =
        network_.extended ? *network_.extended : extended_size(graph_, footprint_, image_.size);
    if (!extended) return fail(extended.error());
    const auto whole = resize(graph_, *extended);
    if (!whole) return fail(whole.error());
    output_bands_ = static_cast<int>(whole->output_shape().channels());
    plan_.image = image_.size;
    plan_.extended = *extended;
    plan_.output = network_.output ? network_.output->size
                                   : output_size_of(*whole, footprint_,
                                                    network_.is_summed ? *extended : image_.size);
    const auto window = window_within(plan_.output, options_.window);
    if (!window) return fail(window.error());
    plan_.window = plan_.written = *window;
    if (!network_.is_summed && image_given().mask) set_mask(image_given().mask);
    plan_.input_window = Rect::of(plan_.image);
    if (options_.window || plan_.window != plan_.written) {
      plan_.input_window = pixels_needed(*whole, plan_.image, plan_.window);
    }
    return choose_part(*whole);
  }

  // The image that a run is given; stages may read others.
  const ImageInfo& image_given() const { return network_.output ? network_.output->image : image_; }
  Scale scale_given() const { return network_.output ? network_.output->scale : scale(); }

  // Where the output shows no data it is not made. One pixel is, in any case.
  void set_mask(const std::shared_ptr<const Mask>& mask) {
    mask_ = output_mask(mask, plan_.output, plan_.written, scale_given());
    const auto [y, x] = mask_->data_window();
    plan_.window = {y.shifted(plan_.written.y.begin), x.shifted(plan_.written.x.begin)};
    if (!plan_.window.empty()) return;
    const auto [top, left] = std::pair{plan_.written.y.begin, plan_.written.x.begin};
    plan_.window = {{top, top + 1}, {left, left + 1}};
  }

  // The part of the image that makes the window: the network is run on it as on an image.
  Status choose_part(const Graph& whole) {
    set_geometry(whole);
    plan_.part = {tile_around(input_.y, plan_.window.y), tile_around(input_.x, plan_.window.x)};
    if (takes_statistics(graph_)) plan_.part = Rect::of(plan_.extended);
    if (plan_.part.size() == plan_.extended) return {};
    const auto part = resize(graph_, plan_.part.size());
    if (!part) return fail(part.error());
    set_geometry(*part);
    share_of_whole_ = network_work(*part) / network_work(whole);
    return {};
  }

  void set_geometry(const Graph& graph) {
    std::vector<Shape> shapes;
    for (const Value& value : graph.values) shapes.push_back(value.shape);
    input_.y = axis_geometry(graph_, footprint_.y, Axis::y, shapes);
    input_.x = axis_geometry(graph_, footprint_.x, Axis::x, shapes);
  }

  Scale scale() const { return {footprint_.y.scale, footprint_.x.scale}; }

  void set_costs() {
    const ImageInfo& output = plan_.output_image;
    const Size read = plan_.input_window.size();
    const Range columns = plan_.part.x.unite(plan_.input_window.x);
    input_.input_row_bytes = columns.size() * image_.bands * kValueBytes;
    input_.output_row_bytes = plan_.window.x.size() * output_bands_ * kValueBytes;
    input_.process_bytes = process_bytes(*program_.file, options_);
    input_.file_bytes = image_.held_bytes + reading_bytes(read, image_.bands) + output.held_bytes +
                        network_.held_bytes + masking_bytes(image_given(), output) +
                        network_.summed_whole_channels * output.size.area() * kValueBytes;
    input_.kept_bytes = network_.kept_in_memory_bytes;
    input_.file_seconds =
        end_seconds(read.area() * image_.bands, output.size.area() * output.bands);
    const std::int64_t row_values = output.size.width * output.bands;
    const std::int64_t held_rows =
        output.held_bytes / (row_values * bytes_per_pixel(output.pixel_type));
    if (held_rows < 1) return;
    input_.block_row_seconds =
        kTimeModel.seconds_per_written_value * static_cast<double>(held_rows * row_values);
    input_.block_rows = static_cast<double>(output.size.height) / static_cast<double>(held_rows);
  }

  // Of reading so many values and writing, or adding up, as many.
  double end_seconds(std::int64_t read_values, std::int64_t made_values) const {
    const TimeModel& model = kTimeModel;
    const double kept_value_seconds = model.seconds_per_kept_byte * kValueBytes;
    const double reading =
        static_cast<double>(read_values) *
        (network_.reads_kept ? kept_value_seconds : model.seconds_per_file_value);
    const double making =
        static_cast<double>(made_values) *
        (network_.is_summed ? model.seconds_per_summed_value : model.seconds_per_file_value);
    return reading + making +
           model.seconds_per_kept_byte * static_cast<double>(network_.newly_kept_bytes);
  }

  PlanRequest request() const {
    PlanRequest request;
    request.mode = options_.step_rows ? Mode::stream : options_.mode;
    request.tile = options_.tile;
    if (options_.step_rows) request.step_rows = step_rows_in_image(*options_.step_rows);
    request.workers = threads_of(options_);
    request.spare_memory = !has_limit(options_);
    request.concurrent_runs = options_.concurrent_runs;
    request.memory_bytes = memory_limit_of(options_, input_.process_bytes);
    return request;
  }

  Result<TileCosts> tile(Size size, bool transient_tables) override {
    const auto resized =
        resize_to_tile(transient_tables ? transient_graph_ : graph_, size, plan_.extended);
    if (!resized) return fail(resized.error());
    return TileCosts{network_work(*resized), traffic_seconds(*resized),
                     indirection_seconds(*resized), session_memory(*resized),
                     std::ssize(resized->nodes)};
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
    return round_up(std::min(wanted, plan_.part.y.size()), input_.y.grid);
  }

  // Errors: why there are none.
  Result<StreamNetworkCache> stream_networks() const {
    constexpr std::int64_t kAnyRows = 64;
    auto networks = StreamNetworkCache::over(graph_, plan_.extended, plan_.window.y);
    if (!networks) return fail(networks.error());
    const auto any = networks->of(lanes_of(1).front(), step_rows_in_image(kAnyRows));
    if (!any) return fail(any.error());
    return networks;
  }

  std::vector<Range> lanes_of(int lanes) const {
    return lane_columns(plan_.window.x, input_.x.output_grid, lanes);
  }

  void take(const Choice& choice) {
    const Candidate& chosen = choice.candidate;
    plan_.tile = chosen.tile;
    plan_.mode = choice.alternatives.front().mode;
    plan_.transient_tables = chosen.transient_tables;
    plan_.workers = chosen.workers;
    plan_.threads = chosen.threads;
    plan_.strips = chosen.strips;
    plan_.compute_ratio = choice.compute_ratio * share_of_whole_;
    plan_.memory = chosen.memory;
    plan_.seconds = chosen.seconds;
    plan_.work = chosen.work;
    plan_.alternatives = choice.alternatives;
  }

  Status lay_out(const Candidate& chosen) {
    if (chosen.stream) return lay_out_stream(chosen);
    const auto [y, x] = plan_.part;
    // What a stage reads may be larger than what its window is made of.
    if (network_.output) {
      plan_.input_window = {plan_.input_window.y.intersect(y), plan_.input_window.x.intersect(x)};
    }
    plan_.rows = tiles_over(input_.y, chosen.tile.height, y, plan_.window.y);
    plan_.columns = tiles_over(input_.x, chosen.tile.width, x, plan_.window.x);
    return {};
  }

  // A stream needs less of the image than tiles do, or a little more beside mirrored edges.
  Status lay_out_stream(const Candidate& chosen) {
    plan_.part = {{}, plan_.input_window.x};  // strips hold all columns that are read
    for (const Range lane : lanes_of(chosen.workers)) {
      const auto network = networks_->of(lane, chosen.tile.height);
      if (!network) return fail(network.error());
      if (plan_.rows.empty()) plan_.rows = step_spans(**network);
      plan_.columns.push_back({(*network)->image().columns, lane});
      plan_.part.x = plan_.part.x.unite(plan_.columns.back().input);
      plan_.lag_rows = (*network)->lag_rows();
    }
    for (const AxisTile& step : plan_.rows) plan_.part.y = plan_.part.y.unite(step.input);
    return {};
  }

  const Program& program_;
  const NetworkToPlan& network_;
  const Graph& graph_;
  const Graph transient_graph_;
  const Footprint& footprint_;
  const ImageInfo& image_;
  const PlanTask& options_;
  PlanInput input_;
  int output_bands_ = 1;
  double share_of_whole_ = 1;  // of the whole network's work, that on the part
  std::optional<StreamNetworkCache>
      networks_;                      // none when the network cannot be streamed, or need not be
  std::shared_ptr<const Mask> mask_;  // of what is written
  PlanData plan_;
};

}  // namespace

Result<PlanData> plan_network(const Program& program, const std::string& method,
                              const NetworkToPlan& network, const ImageInfo& image,
                              const PlanTask& options) {
  if (auto status = check_options(options); !status) return fail(status.error());
  return PlanMaker(program, network, image, options).make(method);
}

}  // namespace sectile::internal
