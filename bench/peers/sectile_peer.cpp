// Contender: Sectile, over its public headers. Further arguments: mode=auto|whole|tile|stream,
// memory=BYTES (what the run may hold beside pictures that lie in memory; 0: Sectile's default).
#include <sectile/sectile.h>

#include <cmath>
#include <memory>
#include <optional>

#include "contender.h"

namespace {

using peers::Case;

template <typename T>
T must(sectile::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

sectile::Mode mode_of(const std::string& name) {
  using enum sectile::Mode;
  for (const auto mode : {automatic, whole, tile, stream}) {
    if (name == sectile::to_string(mode)) return mode;
  }
  throw std::runtime_error("there is no mode '" + name + "'");
}

class SectilePeer final : public peers::Contender {
 public:
  explicit SectilePeer(const Case& c) : case_(c) {}

  std::string load() override {
    model_ = must(sectile::Model::open(case_.text("program")));
    open_source();
    sectile::PlanOptions options;
    options.threads = static_cast<int>(case_.number("threads"));
    options.mode = mode_of(case_.text("mode"));
    if (const auto limit = case_.number("memory"); limit > 0) {
      options.memory_bytes = limit + static_cast<std::int64_t>(pixels_.size() * sizeof(float));
    }
    const double seconds = peers::seconds_of(
        [&] { plan_ = must(sectile::make_plan(*model_, source_->info(), options)); });
    return about(seconds);
  }

  double run() override {
    if (case_.from_file_to_file()) return peers::seconds_of([&] { run_files(); });
    sink_.reset();
    sink_.emplace(plan_->output_info());
    return peers::seconds_of([&] { must(sectile::run(*model_, *plan_, *source_, *sink_)); });
  }

  std::span<const float> output() const override { return sink_->pixels(); }

 private:
  std::string about(double planning_seconds) const {
    const auto rounded = [](double value) { return std::to_string(std::llround(value)); };
    return std::string(sectile::to_string(plan_->mode())) + " " +
           sectile::to_string(plan_->tile_size()) + ", " + std::to_string(plan_->lanes()) +
           " lanes, " + std::to_string(plan_->workers()) + " workers, predicted " +
           rounded(static_cast<double>(plan_->predicted_peak_bytes()) / 0x1p20) +
           " MiB, planned in " + rounded(planning_seconds * 1e3) + " ms";
  }

  void open_source() {
    if (case_.from_file_to_file()) {
      source_ = must(sectile::open_image(case_.text("input"), {.limit_gdal_cache = true}));
      return;
    }
    pixels_ = peers::read_raw(case_);
    const sectile::ImageInfo info{.size = {case_.number("height"), case_.number("width")},
                                  .bands = static_cast<int>(case_.number("channels")),
                                  .pixel_type = sectile::PixelType::f32};
    source_ = std::make_unique<sectile::MemorySource>(info, pixels_);
  }

  void run_files() {
    open_source();
    // As the others write theirs.
    const sectile::CreateOptions options{.overwrite = true, .driver_options = {"COMPRESS=NONE"}};
    const auto sink =
        must(sectile::create_image(case_.text("output"), plan_->output_info(), options));
    must(sectile::run(*model_, *plan_, *source_, *sink));
  }

  const Case& case_;
  std::optional<sectile::Model> model_;
  std::vector<float> pixels_;
  std::unique_ptr<sectile::ImageSource> source_;
  std::optional<sectile::Plan> plan_;
  std::optional<sectile::MemorySink> sink_;
};

}  // namespace

int main(int argc, char** argv) { return peers::converse<SectilePeer>(argc, argv); }
