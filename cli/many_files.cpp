#include "cli/many_files.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <tuple>
#include <vector>

#include "cli/file_list.h"
#include "cli/file_runner.h"
#include "cli/hints.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/taken_files.h"
#include "cli/text.h"

namespace sectile::cli {

namespace {

// A file, what is known of it before its run, and what came of it.
struct Task {
  FileToRun file;
  bool skipped = false;
  Size size = {};
  int bands = 0;
  PixelType type = PixelType::u8;
  std::int64_t held_bytes = 0;
  std::optional<Error> error = {};
  std::optional<Json> report = {};  // where one was asked for
  bool done = false;

  std::int64_t pixels() const { return size.area(); }
  bool is_open() const { return !skipped && !error && !done; }
};

bool is_done(const Task& task) { return task.done; }
bool is_failed(const Task& task) { return task.error.has_value(); }
bool is_skipped(const Task& task) { return task.skipped; }

int thread_count(const PlanOptions& options) {
  if (options.threads > 0) return options.threads;
  cpu_set_t processors;
  CPU_ZERO(&processors);
  if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
  return std::max(1, CPU_COUNT(&processors));
}

class ManyFiles {
 public:
  ManyFiles(const RunCommandOptions& options, const Model& model, TakenFiles taken,
            std::vector<Task> tasks, ProgressDisplay& display)
      : options_(options),
        model_(model),
        taken_(std::move(taken)),
        tasks_(std::move(tasks)),
        display_(display) {}

  Result<Exit> run();

 private:
  void look_at(Task& task);
  void order();
  int choose_jobs() const;
  void work();
  void work_on_threads(int jobs);
  Task* next();
  void run_task(FileRunner& runner, Task& task);
  void add(Task& task, const FileReport& report);
  Result<Exit> end(ReportFile* report);
  Error interrupted() const;
  void print_end() const;
  Json report_json() const;

  std::int64_t count(bool (*is_so)(const Task&)) const {
    return std::ranges::count_if(tasks_, is_so);
  }
  std::int64_t to_run() const { return std::ssize(tasks_) - count(is_skipped); }

  const RunCommandOptions& options_;
  const Model& model_;
  TakenFiles taken_;
  std::vector<Task> tasks_;  // in the order of the inputs
  ProgressDisplay& display_;
  const std::atomic<bool>* stop_ = nullptr;
  RunCommandOptions each_;  // of every file
  std::vector<Task*> waiting_;
  std::size_t next_ = 0;             // of those that wait
  std::optional<FileReport> worst_;  // of approximate runs, the one whose tiles disagree the most
  std::string worst_output_;
  std::int64_t peak_bytes_ = 0;
  std::mutex mutex_;
};

// A file that cannot be opened has its error. Sizes and types are all that is kept of the others.
void ManyFiles::look_at(Task& task) {
  ReadArgument read = options_.read;
  read.mask = {.keep_nodata = false};  // it is read when the file's turn comes
  const auto input = open_inputs(model_, {task.file.input}, options_.plan.method, read,
                                 /*quiet=*/true);
  if (!input) {
    task.error = input.error();
    return;
  }
  const ImageInfo& info = input->source->info();
  std::tie(task.size, task.bands, task.type, task.held_bytes) =
      std::tuple(info.size, info.bands, info.pixel_type, info.held_bytes);
}

// One size after the other, so that a runner is prepared once for each. Of one size, the file that
// takes the most memory to read comes first: its plan does for the others.
void ManyFiles::order() {
  using Kind = std::tuple<std::int64_t, std::int64_t, int, PixelType>;
  std::map<Kind, std::size_t> first;
  const auto place_of = [&](const Task* task) {
    const Kind kind{task->size.height, task->size.width, task->bands, task->type};
    return std::pair(first.try_emplace(kind, first.size()).first->second, -task->held_bytes);
  };
  for (Task& task : tasks_) {
    if (!task.is_open()) continue;
    waiting_.push_back(&task);
    place_of(&task);
  }
  std::ranges::stable_sort(waiting_, {}, place_of);
}

// Opening a file, starting and ending an output take one thread: of small images a large part of
// the time, so each thread gets a file of its own. Of large ones that would only take memory, and
// where memory is limited it might not fit.
int ManyFiles::choose_jobs() const {
  constexpr std::int64_t kMostSmallPixels = std::int64_t{4} << 20;
  const auto is_large = [](const Task* task) { return task->pixels() > kMostSmallPixels; };
  std::int64_t jobs = options_.many.jobs;
  if (jobs == 0) {
    const bool one = options_.plan.memory_bytes > 0 || std::ranges::any_of(waiting_, is_large);
    jobs = one ? 1 : thread_count(options_.plan);
  }
  return static_cast<int>(std::min(jobs, std::max<std::int64_t>(1, std::ssize(waiting_))));
}

Task* ManyFiles::next() {
  const std::lock_guard lock(mutex_);
  return *stop_ || next_ == waiting_.size() ? nullptr : waiting_[next_++];
}

void ManyFiles::run_task(FileRunner& runner, Task& task) {
  const auto place = display_.begin(task.file.input, task.pixels());
  const auto report =
      runner.run(task.file, taken_.read_files_beside(task.file.output), display_, place);
  if (report) {
    add(task, *report);
  } else if (report.error().code != ErrorCode::cancelled) {
    task.error = report.error();
  }
  display_.end(place, !report);
}

void ManyFiles::add(Task& task, const FileReport& report) {
  if (!options_.quiet) print_losses(report.output, task.file.output);
  if (!options_.report.empty()) task.report = run_json(report.plan, report.report);
  task.done = true;
  const std::lock_guard lock(mutex_);
  peak_bytes_ = std::max(peak_bytes_, report.report.peak_rss_bytes);
  const auto disagreement = [](const FileReport& of) {
    return of.report.disagreement ? of.report.disagreement->max : 0;
  };
  if (report.plan.approximate() && (!worst_ || disagreement(report) > disagreement(*worst_))) {
    worst_ = report;
    worst_output_ = task.file.output;
  }
}

void ManyFiles::work() {
  FileRunner runner(model_, each_, *stop_);
  while (Task* task = next()) {
    try {
      run_task(runner, *task);
    } catch (const std::exception& error) {  // none may leave a thread
      task->error = Error{ErrorCode::internal, fmt::format("[internal] {}", error.what())};
    }
  }
}

// Where the system has no more threads, those that there are do the work.
void ManyFiles::work_on_threads(int jobs) {
  std::vector<std::jthread> others;
  try {
    for (int i = 1; i < jobs; ++i) others.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    print_warning(
        fmt::format("{} at a time: {}", count_text(std::ssize(others) + 1, "file"), error.what()));
  }
  work();
}

Result<Exit> ManyFiles::run() {
  std::int64_t pixels = 0;
  for (Task& task : tasks_) {
    if (!task.skipped) look_at(task);
    pixels += task.pixels();
  }
  order();
  stop_ = &stop_on_interrupt();
  if (auto status = make_folder(options_.many.folder); !status) return fail(status.error());
  auto report = open_report(options_.report);
  if (!report) return fail(report.error());
  const int jobs = choose_jobs();
  each_ = options_;
  each_.plan.concurrent_runs = jobs;
  display_.expect(to_run(), pixels, count(is_failed));
  work_on_threads(jobs);
  return end(report->get());
}

Error ManyFiles::interrupted() const {
  const std::string how = options_.create.overwrite     ? "the others' outputs are as they were"
                          : options_.many.skip_existing ? "the same command goes on from here"
                                                        : "--skip-existing goes on from here";
  return {ErrorCode::cancelled,
          fmt::format("[run] interrupted: {} of {} files are done; {}",
                      count(is_done) + count(is_skipped), std::ssize(tasks_), how)};
}

void ManyFiles::print_end() const {
  double megapixels = 0;
  for (const Task& task : tasks_) {
    megapixels += task.done ? static_cast<double>(task.pixels()) * 1e-6 : 0;
  }
  const std::int64_t done = count(is_done);
  const double seconds = display_.seconds();
  print_summary(fmt::format(
      "{}: {} of {} in {:.2f} s ({:.1f} files/s, {:.1f} megapixels/s), peak memory {}",
      options_.many.folder, done, count_text(to_run(), "file"), seconds,
      static_cast<double>(done) / seconds, megapixels / seconds, bytes_text(peak_bytes_)));
  if (worst_) print_how_approximate(worst_->plan, worst_->report, worst_output_);
}

Json ManyFiles::report_json() const {
  Json list = Json::array();
  for (const Task& task : tasks_) {
    Json entry = {{"input_file", task.file.input}, {"output_file", task.file.output}};
    if (task.skipped) entry["skipped"] = true;
    if (task.error) entry["error"] = task.error->message;
    if (task.report) entry.update(*task.report);
    list.push_back(std::move(entry));
  }
  return list;
}

Result<Exit> ManyFiles::end(ReportFile* report) {
  const std::int64_t failed = count(is_failed);
  const bool all = std::ranges::none_of(tasks_, &Task::is_open);
  if (all && count(is_done) > 0 && !options_.quiet) print_end();
  if (failed > 0) {
    print_error(fmt::format("{} of {} failed", failed, count_text(to_run(), "file")));
  }
  for (const Task& task : tasks_) {
    if (task.error) print_file_error(task.file.input, task.error->message);
  }
  if (!all) return fail(interrupted());
  if (report != nullptr) {
    report->append(to_text(report_json()));
    if (auto status = report->finish(); !status) return fail(status.error());
  }
  return failed == 0 ? Exit::done : Exit::failed;
}

Result<TakenFiles> taken_files(const RunCommandOptions& options, const FileList& list) {
  TakenFiles taken;
  add_files_of_options(taken, options);
  for (const FileToRun& file : list.files) {
    if (auto status = taken.read_image(file.input); !status) return fail(status.error());
  }
  for (const FileToRun& file : list.files) {
    auto status = taken.write({"output", file.output, file.output},
                              "give another --output-dir, or a --suffix");
    if (!status) return fail(status.error());
  }
  if (options.report.empty()) return taken;
  if (auto status = taken.write({"report", options.report, options.report}); !status) {
    return fail(status.error());
  }
  return taken;
}

// Each file would say the same.
Status check_network(const Model& model, const PlanOptions& options) {
  const auto method = model.method(options.method);
  if (!method) return fail(method.error());
  if (options.mode == Mode::approximate || (*method)->verdict == Verdict::exact) return {};
  const auto refused = input_window(model, {}, {1, 1}, options.method);
  return fail(with_way_out(refused.error(), model, options.method));
}

std::vector<Task> tasks_of(const FileList& list, bool skip_existing) {
  std::vector<Task> tasks;
  for (const FileToRun& file : list.files) {
    std::error_code ignored;
    const bool exists = std::filesystem::exists(file.output, ignored);
    tasks.push_back({.file = file, .skipped = skip_existing && exists});
  }
  return tasks;
}

void print_left_out(const FileList& list, const std::vector<Task>& tasks) {
  if (list.left_alone > 0) {
    print_note(fmt::format("{} in the folders left alone: no images to run over",
                           count_text(list.left_alone, "file")));
  }
  const std::int64_t skipped = std::ranges::count_if(tasks, is_skipped);
  if (skipped > 0) {
    print_note(fmt::format("{} skipped: the output exists", count_text(skipped, "file")));
  }
}

}  // namespace

Result<Exit> run_many(const RunCommandOptions& options, const Model& model,
                      ProgressDisplay& display) {
  const auto list =
      list_files(options.files, {options.many.folder, options.many.suffix, options.create.format});
  if (!list) return fail(list.error());
  auto taken = taken_files(options, *list);
  if (!taken) return fail(taken.error());
  if (auto status = check_network(model, options.plan); !status) return fail(status.error());
  auto tasks = tasks_of(*list, options.many.skip_existing);
  if (!options.quiet) print_left_out(*list, tasks);
  return ManyFiles(options, model, std::move(*taken), std::move(tasks), display).run();
}

}  // namespace sectile::cli
