#include "src/run/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "sectile/mask.h"
#include "src/base/catch_exceptions.h"
#include "src/base/count_text.h"
#include "src/base/system.h"
#include "src/plan/plan_data.h"
#include "src/plan/run_memory.h"
#include "src/run/output_values.h"
#include "src/run/planes.h"
#include "src/run/scheduler.h"
#include "src/run/stopwatch.h"
#include "src/run/strip_reader.h"

namespace sectile::internal {

namespace {

// The worker of that index; made, when it is not there yet. Errors: those of making it.
Result<Worker*> worker_of(const PipelineSetup& setup, PipelineState& state, int index) {
  std::unique_ptr<Worker>& worker = state.workers[static_cast<std::size_t>(index)];
  if (worker == nullptr) {
    auto made = setup.make_worker(index);
    if (!made) return fail(made.error());
    worker = std::move(*made);
  }
  return worker.get();
}

class Pipeline {
 public:
  Pipeline(const PipelineSetup& setup, PipelineState& state, ImageSource& source, ImageSink& sink,
           const RunOptions& options, std::vector<BandScaling> scalings, OutputValues output_values)
      : plan_(setup.plan),
        setup_(setup),
        source_(source),
        sink_(sink),
        options_(options),
        scalings_(std::move(scalings)),
        output_values_(std::move(output_values)),
        state_(state),
        slot_count_(std::min(plan_.strips, static_cast<std::int64_t>(plan_.rows.size()))),
        scheduler_(static_cast<std::int64_t>(plan_.rows.size()),
                   static_cast<std::int64_t>(plan_.columns.size()), slot_count_, options.stop) {}

  Result<RunReport> run() {
    if (auto status = allocate_slots(); !status) return fail(status.error());
    run_threads();
    if (const auto error = scheduler_.error()) return fail(*error);
    if (auto status = finish(); !status) return fail(status.error());
    report_.total_seconds = seconds_since_start();
    report_.peak_rss_bytes = peak_rss_bytes();
    return report_;
  }

 private:
  std::int64_t input_bands() const { return source_.info().bands; }
  std::int64_t network_bands() const { return plan_.network_bands; }

  Status allocate_slots() {
    AxisTile tallest;
    for (const AxisTile& rows : plan_.rows) {
      tallest.input.end = std::max(tallest.input.end, rows.input.size());
      tallest.output.end = std::max(tallest.output.end, rows.output.size());
    }
    while (static_cast<std::int64_t>(state_.slots.size()) < slot_count_) {
      auto input = TileBuffer::allocate(tallest.input.size() * plan_.part.x.size() * input_bands());
      if (!input) return fail(input.error());
      auto output =
          TileBuffer::allocate(tallest.output.size() * plan_.window.x.size() * network_bands());
      if (!output) return fail(output.error());
      state_.slots.push_back({std::move(*input), std::move(*output)});
    }
    return {};
  }

  void run_threads() {
    auto& workers = state_.workers;
    workers.resize(std::max(workers.size(), static_cast<std::size_t>(plan_.workers)));
    std::vector<std::jthread> threads;
    // A thread that the system refuses ends the run: those that are there would wait for it.
    guard([&]() -> Status {
      threads.reserve(static_cast<std::size_t>(plan_.workers) + 2);
      threads.emplace_back([this] { guard([this] { return read_all(); }); });
      threads.emplace_back([this] { guard([this] { return write_all(); }); });
      for (int i = 0; i < plan_.workers; ++i) {
        threads.emplace_back([this, i] { guard([&] { return work(i); }); });
      }
      return {};
    });
  }

  // No exception leaves a thread, and every error ends the run.
  template <typename Body>
  void guard(Body body) {
    if (Status status = catch_exceptions("[run]", [&]() -> Status { return body(); }); !status) {
      scheduler_.end_with(std::move(status.error()));
    }
  }

  StripSlot& slot_of(std::int64_t strip) {
    return state_.slots[static_cast<std::size_t>(strip % slot_count_)];
  }
  const AxisTile& rows_of(std::int64_t strip) const {
    return plan_.rows[static_cast<std::size_t>(strip)];
  }

  Planes input_planes(std::int64_t strip) {
    return planes_in(slot_of(strip).input, {rows_of(strip).input, plan_.part.x}, input_bands());
  }
  Planes output_planes(std::int64_t strip) {
    return planes_in(slot_of(strip).output, {rows_of(strip).output, plan_.window.x},
                     network_bands());
  }
  static Planes planes_in(TileBuffer& buffer, const Rect& rect, std::int64_t bands) {
    return {buffer.values().first(static_cast<std::size_t>(rect.area() * bands)), rect, bands};
  }

  Status read_all() {
    StripReader reader(source_, scalings_, setup_.parts, plan_.input_window);
    ConstPlanes previous;
    for (std::int64_t strip = 0; strip < static_cast<std::int64_t>(plan_.rows.size()); ++strip) {
      if (!scheduler_.wait_to_read(strip)) return {};
      const Planes planes = input_planes(strip);
      const auto read = [&] {
        const Stopwatch watch(report_.read_seconds);
        return reader.read(planes, previous);
      };
      const RunEvent event{
          .kind = RunEvent::Kind::strip_read, .strip = strip, .rows = planes.rect.y};
      if (auto status = tell(event, read); !status) return status;
      previous = {planes.values, planes.rect, planes.bands};
      scheduler_.strip_is_read(strip);
    }
    return {};
  }

  Status write_all() {
    for (std::int64_t strip = 0; strip < static_cast<std::int64_t>(plan_.rows.size()); ++strip) {
      if (!scheduler_.wait_to_write(strip)) return {};
      const Planes planes = output_planes(strip);
      const RunEvent event{
          .kind = RunEvent::Kind::strip_written, .strip = strip, .rows = planes.rect.y};
      if (auto status = tell(event, [&] { return write(planes); }); !status) return status;
      scheduler_.strip_is_written(strip);
    }
    return {};
  }

  // The first steps of a stream make no rows yet.
  Status write(const Planes& planes) {
    if (planes.rect.empty()) return {};
    const Stopwatch watch(report_.write_seconds);
    return sink_.write(planes.rect.y.shifted(-plan_.window.y.begin),
                       output_values_.to_pixels(planes.values));
  }

  Status finish() {
    const Stopwatch watch(report_.write_seconds);
    return sink_.finish();
  }

  Status begin(int index) {
    const auto worker = worker_of(setup_, state_, index);
    return worker ? (*worker)->begin() : fail(worker.error());
  }

  Status work(int index) {
    const RunEvent begun{.kind = RunEvent::Kind::worker_begun, .worker = index};
    if (auto status = tell(begun, [&] { return begin(index); }); !status) return status;
    Worker& worker = *state_.workers[static_cast<std::size_t>(index)];
    TaskSeconds seconds;
    std::int64_t left_out = 0;
    while (const auto tile = next_tile(index)) {
      const TileTask task = task_of(*tile);
      const RunEvent event{.kind = RunEvent::Kind::step_computed,
                           .worker = index,
                           .strip = tile->strip,
                           .column = tile->column,
                           .rows = task.rows.output};
      const auto compute = [&]() -> Status {
        const auto done = worker.compute(task, seconds);
        if (!done) return fail(done.error());
        left_out += *done == Done::left_out ? 1 : 0;
        return {};
      };
      if (auto status = tell(event, compute); !status) return status;
      scheduler_.tile_is_done(*tile);
      tell_progress();
    }
    const std::lock_guard lock(report_mutex_);
    report_.compute_seconds += seconds.compute;
    report_.copy_seconds += seconds.copy;
    report_.steps_left_out += left_out;
    return {};
  }

  std::optional<TileIndex> next_tile(int worker) {
    return plan_.mode == Mode::stream ? scheduler_.wait_for_tile_of(worker)
                                      : scheduler_.wait_for_tile();
  }

  TileTask task_of(TileIndex index) {
    const Planes input = input_planes(index.strip);
    const AxisTile& rows = rows_of(index.strip);
    const AxisTile& columns = plan_.columns[static_cast<std::size_t>(index.column)];
    TileTask task{
        rows, columns, {input.values, input.rect, input.bands}, output_planes(index.strip)};
    task.reads_data = has_data(source_.info(), {rows.input, columns.input});
    task.shows_data =
        has_data(plan_.output_image, {rows.output.shifted(-plan_.written.y.begin),
                                      columns.output.shifted(-plan_.written.x.begin)});
    return task;
  }

  static bool has_data(const ImageInfo& image, const Rect& part) {
    return !image.mask || image.mask->any_data_in(part.intersect(Rect::of(image.size)));
  }

  void tell_progress() {
    if (!options_.on_progress) return;
    const std::lock_guard lock(progress_mutex_);
    options_.on_progress({++steps_done_, plan_.steps(), seconds_since_start()});
  }

  // Does the work, and tells of it when it went well.
  template <typename Work>
  Status tell(RunEvent event, Work work) {
    if (!options_.on_event) return work();
    event.begin_seconds = seconds_since_start();
    if (Status status = work(); !status) return status;
    event.end_seconds = seconds_since_start();
    const std::lock_guard lock(event_mutex_);
    options_.on_event(event);
    return {};
  }

  double seconds_since_start() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  const PlanData& plan_;
  const PipelineSetup& setup_;
  ImageSource& source_;
  ImageSink& sink_;
  const RunOptions& options_;
  std::vector<BandScaling> scalings_;
  const OutputValues output_values_;
  PipelineState& state_;
  const std::int64_t slot_count_;
  Scheduler scheduler_;

  // read_ and write_seconds belong to their threads, the workers' sums to report_mutex_.
  RunReport report_;
  std::mutex report_mutex_;
  std::mutex progress_mutex_;
  std::mutex event_mutex_;
  std::int64_t steps_done_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

namespace {

std::string describe(const ImageInfo& info) {
  return fmt::format("{} pixels, {} of {}", to_string(info.size), count_text(info.bands, "band"),
                     to_string(info.pixel_type));
}

bool same_pixels(const ImageInfo& a, const ImageInfo& b) {
  return a.size == b.size && a.bands == b.bands && a.pixel_type == b.pixel_type;
}

}  // namespace

Status check_ends(const PlanData& plan, const ImageInfo& source, const ImageInfo& sink) {
  if (!same_pixels(source, plan.input_image)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] the plan is for an input of {} and the source has {}",
                            describe(plan.input_image), describe(source)));
  }
  if (!same_mask(source, plan.input_image)) {
    return fail(ErrorCode::invalid_argument,
                "[run] the plan was made for an input with another mask: make a plan for this one");
  }
  if (!same_pixels(sink, plan.output_image)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] the plan makes an output of {} and the sink takes {}",
                            describe(plan.output_image), describe(sink)));
  }
  return {};
}

Status load_workers(const PipelineSetup& setup, PipelineState& state) {
  state.workers.resize(static_cast<std::size_t>(setup.plan.workers));
  std::vector<Status> loaded(state.workers.size());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < setup.plan.workers; ++i) {
      threads.emplace_back([&setup, &state, &status = loaded[static_cast<std::size_t>(i)], i] {
        status = catch_exceptions("[load]", [&]() -> Status {
          const auto worker = worker_of(setup, state, i);
          return worker ? (*worker)->load() : fail(worker.error());
        });
      });
    }
  }
  for (const Status& status : loaded) {
    if (!status) return status;
  }
  return {};
}

Result<RunReport> run_pipeline(const PipelineSetup& setup, PipelineState& state,
                               ImageSource& source, ImageSink& sink, const RunOptions& options) {
  auto scalings = band_scalings(options.input, source.info(), setup.parts);
  if (!scalings) return fail(scalings.error());
  auto values = OutputValues::create(setup.plan, options.output, sink.info());
  if (!values) return fail(values.error());
  return Pipeline(setup, state, source, sink, options, std::move(*scalings), std::move(*values))
      .run();
}

}  // namespace sectile::internal
