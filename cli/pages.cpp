#include "cli/pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/file_runner.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "sectile/page_file.h"

namespace sectile::cli {

namespace {

Status check_alone(const RunCommandOptions& options) {
  if (options.more_inputs.empty() && options.more_outputs.empty() && options.trace.empty()) {
    return {};
  }
  return fail(ErrorCode::invalid_argument,
              "[run] --page all runs over the pages of one file, into one file: leave out "
              "--more-input, --more-output and --trace");
}

class Pages {
 public:
  Pages(const RunCommandOptions& options, const Model& model, ProgressDisplay& display)
      : options_(options), display_(display), runner_(model, options, stop_on_interrupt()) {}

  Status run(int pages, PageFile& file, const std::vector<std::string>& keep) {
    for (int page = 1; page <= pages; ++page) {
      if (auto status = run_page(page, file, keep); !status) return status;
    }
    return file.finish();
  }
  const Json& reports() const { return reports_; }

 private:
  Status run_page(int page, PageFile& file, const std::vector<std::string>& keep) {
    const FileToRun task{options_.input, file.next_page(), page};
    const auto place = display_.begin(fmt::format("{} page {}", options_.input, page), pixels_);
    const auto report = runner_.run(task, keep, display_, place);
    display_.end(place, !report);
    if (!report) return fail(report.error());
    pixels_ = report->plan.input_window().area();
    reports_.push_back(run_json(report->plan, report->report));
    return file.add_page();
  }

  const RunCommandOptions& options_;
  ProgressDisplay& display_;
  FileRunner runner_;
  std::int64_t pixels_ = 0;  // of the page before
  Json reports_ = Json::array();
};

}  // namespace

bool takes_all_pages(const RunCommandOptions& options) {
  return std::ranges::count(options.read.pages, kAllPages) > 0;
}

Result<Exit> run_pages(const RunCommandOptions& options, const Model& model,
                       ProgressDisplay& display) {
  if (auto status = check_alone(options); !status) return fail(status.error());
  const auto taken = taken_files(options);
  if (!taken) return fail(taken.error());
  const auto first = open_image(options.input, kOwnProcess);
  if (!first) return fail(first.error());
  const int pages = (*first)->info().pages;
  const std::int64_t pixels = (*first)->info().size.area();
  auto report = open_report(options.report);
  if (!report) return fail(report.error());
  RunCommandOptions each = options;
  each.create.format = "GTiff";
  each.quiet = true;  // what is said of a page is that of all
  Pages all(each, model, display);
  CreateOptions create = options.create;
  create.keep = taken->read_files();
  auto file = PageFile::create(options.output, pages, create);
  if (!file) return fail(file.error());
  display.expect(pages, pages * pixels);
  if (auto status = all.run(pages, *file, create.keep); !status) return fail(status.error());
  if (*report != nullptr) {
    (*report)->append(to_text(all.reports()));
    if (auto status = (*report)->finish(); !status) return fail(status.error());
  }
  if (!options.quiet) {
    print_summary(fmt::format("{}: {} in {:.2f} s", options.output, count_text(pages, "page"),
                              display.seconds()));
  }
  return Exit::done;
}

}  // namespace sectile::cli
