#include "sectile/plan.h"

#include <memory>
#include <utility>

#include "src/plan/plan_data.h"
#include "src/plan/plan_text.h"

namespace sectile {

const Model& Plan::model() const { return *data_->model; }
const std::string& Plan::method() const { return data_->method; }
Mode Plan::mode() const { return data_->mode; }
const ImageInfo& Plan::input_info() const { return data_->input_image; }
const ImageInfo& Plan::output_info() const { return data_->output_image; }
OutputKind Plan::output_kind() const { return data_->output_kind; }
std::optional<double> Plan::threshold() const { return data_->threshold; }
Size Plan::image_size() const { return data_->image; }
Size Plan::output_size() const { return data_->written.size(); }
Rect Plan::window() const { return data_->written; }
Rect Plan::input_window() const { return data_->input_window; }
Size Plan::extended_size() const { return data_->extended; }
Size Plan::tile_size() const { return data_->tile; }
const std::vector<AxisTile>& Plan::rows() const { return data_->rows; }
const std::vector<AxisTile>& Plan::columns() const { return data_->columns; }
std::int64_t Plan::lanes() const { return data_->lanes(); }
const std::vector<PlannedPass>& Plan::passes() const { return data_->passes; }
KeepMode Plan::keep() const { return data_->keep; }
std::int64_t Plan::temp_bytes() const { return data_->temp_bytes; }
std::int64_t Plan::steps() const { return data_->all_steps(); }
bool Plan::transient_tables() const { return data_->transient_tables; }
int Plan::workers() const { return data_->workers; }
int Plan::threads() const { return data_->threads; }
double Plan::compute_ratio() const { return data_->compute_ratio; }
std::int64_t Plan::lag_rows() const { return data_->lag_rows; }
const std::string& Plan::why_not_streamed() const { return data_->why_not_streamed; }
Size Plan::overlap() const { return data_->overlap; }
bool Plan::approximate() const { return data_->approximate(); }
const PlannedMemory& Plan::memory() const { return data_->memory; }
std::int64_t Plan::memory_limit_bytes() const { return data_->memory_limit_bytes; }
const std::vector<PlanAlternative>& Plan::alternatives() const { return data_->alternatives; }
std::string Plan::to_string() const { return internal::plan_text(*data_); }

namespace internal {

void take_network_output(PlanData& plan) {
  plan.output_kind = OutputKind::values;
  plan.threshold.reset();
  plan.output_image.bands = plan.network_bands;
  plan.output_image.pixel_type = PixelType::f32;
  plan.output_image.bits = 0;
  plan.output_image.labels = false;
  plan.output_image.metadata.bands.clear();
  if (!plan.stages.empty()) take_network_output(plan.stages.back());
}

Plan bind_plan(PlanData data, const Model& model, const ImageInfo& image) {
  for (PlanData& stage : data.stages) {
    stage.model = model;
    stage.input_image = image;
    stage.trim_heap = data.trim_heap;
  }
  data.model = model;
  data.input_image = image;
  return Plan(std::make_shared<const PlanData>(std::move(data)));
}

}  // namespace internal

}  // namespace sectile
