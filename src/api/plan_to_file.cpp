#include <fmt/format.h>

#include <numeric>
#include <utility>
#include <vector>

#include "sectile/run.h"
#include "src/base/catch_exceptions.h"
#include "src/image/moved_image.h"
#include "src/plan/any_plan.h"
#include "src/plan/output_image.h"
#include "src/run/pipeline.h"

namespace sectile {

using namespace internal;

namespace {

// One file for all outputs of the network, or one for each.
Result<std::unique_ptr<ImageSink>> create_each(const Plan& plan, const ImageInfo& output,
                                               std::span<const std::string> paths,
                                               const CreateOptions& options) {
  if (paths.size() == 1) return create_image(paths[0], output, options);
  const auto method = plan.model().method(plan.method());
  if (!method) return fail(method.error());
  const auto& channels = (*method)->output_channels;
  if (channels.size() != paths.size()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] the network has {} outputs and {} files were named: name one "
                            "for all, or one for each",
                            channels.size(), paths.size()));
  }
  std::vector<std::unique_ptr<ImageSink>> sinks;
  int first = 1;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    ImageInfo info = output;
    info.bands = static_cast<int>(channels[i]);
    std::vector<int> bands(static_cast<std::size_t>(info.bands));
    std::iota(bands.begin(), bands.end(), first);
    first += info.bands;
    info.metadata = with_bands(std::move(info.metadata), bands);
    auto sink = create_image(paths[i], info, options);
    if (!sink) return fail(sink.error());
    sinks.push_back(std::move(*sink));
  }
  return join_images(std::move(sinks));
}

// A format with larger blocks than the first plan took for granted leaves less for the rest.
Result<PlannedFiles> plan_files(const Model& model, const ImageInfo& image,
                                std::span<const std::string> paths, const PlanOptions& options,
                                const CreateOptions& create) {
  auto plan = make_any_plan(model, image, {options});
  if (!plan) return fail(plan.error());
  auto sink = create_each(*plan, plan->output_info(), paths, create);
  if (!sink) return fail(sink.error());
  const std::int64_t sink_bytes = (*sink)->info().held_bytes;
  if (sink_bytes > plan->output_info().held_bytes) {
    plan = make_any_plan(model, image, {options, sink_bytes});
    if (!plan) return fail(plan.error());
  }
  return PlannedFiles{*plan, std::move(*sink)};
}

}  // namespace

Result<PlannedFiles> plan_to_files(const Model& model, const ImageInfo& image,
                                   std::span<const std::string> paths, const PlanOptions& options,
                                   const CreateOptions& create) {
  return catch_exceptions("[plan]",
                          [&] { return plan_files(model, image, paths, options, create); });
}

Result<std::unique_ptr<ImageSink>> create_files(const Plan& plan, const ImageInfo& image,
                                                std::span<const std::string> paths,
                                                const CreateOptions& create) {
  return catch_exceptions("[run]", [&]() -> Result<std::unique_ptr<ImageSink>> {
    if (auto status = check_ends(plan.data(), image, plan.output_info()); !status) {
      return fail(status.error());
    }
    return create_each(plan, output_for(plan.data(), image), paths, create);
  });
}

Result<PlannedFiles> plan_to_file(const Model& model, const ImageInfo& image,
                                  const std::string& path, const PlanOptions& options,
                                  const CreateOptions& create) {
  return plan_to_files(model, image, {&path, 1}, options, create);
}

}  // namespace sectile
