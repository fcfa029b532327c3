#include "cli/file_runner.h"

#include <utility>

#include "cli/hints.h"
#include "sectile/mask.h"

namespace sectile::cli {

// What the plan counts for reading has to be enough for this file too.
bool FileRunner::Prepared::is_for(const ImageInfo& image, const PlanOptions& asked) const {
  const ImageInfo& planned = plan.input_info();
  return same_mask(image, planned) && image.mask_kind == planned.mask_kind &&
         image.size == planned.size && image.bands == planned.bands &&
         image.pixel_type == planned.pixel_type && image.held_bytes <= planned.held_bytes &&
         asked.window == window && asked.output_type == output_type;
}

Result<FileReport> FileRunner::run(const FileToRun& file, std::vector<std::string> keep,
                                   ProgressDisplay& display, ProgressDisplay::Place place) {
  options_.input = file.input;
  options_.output = file.output;
  options_.create.keep = std::move(keep);
  ReadArgument read = options_.read;
  if (file.page > 0) read.pages = {file.page};
  const auto input = open_inputs(model_, {file.input}, options_.plan.method, read, options_.quiet);
  if (!input) return fail(input.error());
  if (auto status = check_facts(*input, options_); !status) return fail(status.error());
  auto sink = prepare(*input);
  if (!sink) return fail(sink.error());
  display.show(place, {.steps_total = prepared_->plan.steps()});
  RunOptions asked = run_options(options_, *input, stop_);
  asked.on_progress = [&](const Progress& progress) { display.show(place, progress); };
  const auto report = prepared_->runner.run(*input->source, **sink, asked);
  if (!report) return fail(report.error());
  return FileReport{prepared_->plan, *report, (*sink)->info()};
}

Result<std::unique_ptr<ImageSink>> FileRunner::prepare(const OpenedInput& input) {
  const ImageInfo image = image_of(options_, input);
  const auto asked = plan_options(options_, input);
  if (!asked) return fail(asked.error());
  if (prepared_ && prepared_->is_for(image, *asked)) {
    const std::vector<std::string> outputs{options_.output};
    auto sink = create_files(prepared_->plan, image, outputs, options_.create);
    const bool fits =
        !sink || (*sink)->info().held_bytes <= prepared_->plan.output_info().held_bytes;
    if (fits) return sink;
  }
  return prepare_again(image, *asked);
}

Result<std::unique_ptr<ImageSink>> FileRunner::prepare_again(const ImageInfo& image,
                                                             const PlanOptions& asked) {
  prepared_.reset();  // its memory is what the next one gets
  auto files = plan_to_file(model_, image, options_.output, asked, options_.create);
  if (!files) return fail(with_way_out(files.error(), model_, options_.plan.method));
  if (!options_.quiet) warn_of_large_sums(files->plan);
  auto runner = Runner::prepare(files->plan);
  if (!runner) return fail(runner.error());
  prepared_.emplace(files->plan, asked.window, asked.output_type, std::move(*runner));
  return std::move(files->sink);
}

}  // namespace sectile::cli
