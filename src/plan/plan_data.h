// PlanData: what a Plan holds.
//
// Thread safety: plain data.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/plan.h"

namespace sectile::internal {

// Fields are described where Plan gives access to them.
struct PlanData {
  std::optional<Model> model;  // set in every plan of make_plan
  ImageInfo input_image;
  std::string method;
  Mode mode = Mode::whole;
  Size image;
  Size extended;
  Size output;   // all of it
  Rect written;  // of it, into the sink
  Rect window;   // of that, what is made: all that shows data
  Scale scale;   // output pixels per pixel of the image
  Rect part;     // of the extended image: what the network is run on, to make that
  Rect input_window;
  Size tile;
  std::vector<AxisTile> rows;
  std::vector<AxisTile> columns;
  bool transient_tables = false;
  int workers = 1;
  int threads = 1;
  std::int64_t strips = 2;  // that exist at a time, of rows read and of rows to be written
  double compute_ratio = 1;
  PlannedMemory memory;
  std::int64_t memory_limit_bytes = 0;
  std::vector<PlanAlternative> alternatives;
  std::int64_t lag_rows = 0;
  std::string why_not_streamed;
  Size overlap;
  ImageInfo output_image;
  int network_bands = 1;  // of the network's output, which output_image is made of
  OutputKind output_kind = OutputKind::values;
  std::optional<double> threshold;
  std::vector<ClassInfo> classes;
  bool trim_heap = false;  // PlanOptions::host
  double seconds = 0;      // predicted
  double work = 0;         // multiply-adds
  // Of a method that takes statistics: a plan for each of its stages, in the order in which they
  // run; what stands beside them is the last one's. Empty: all of it is run at once.
  std::vector<PlanData> stages;
  std::vector<PlannedPass> passes;
  // Of a stage: which it is.
  std::optional<std::size_t> stage;
  KeepMode keep = KeepMode::none;
  std::string temp_folder;      // of KeepMode::file
  std::int64_t temp_bytes = 0;  // that are in it at a time, at most
  StatisticsMode statistics = StatisticsMode::exact;

  bool approximate() const { return !output_image.approximation.empty(); }
  std::int64_t lanes() const { return mode == Mode::stream ? std::ssize(columns) : steps(); }
  std::int64_t steps() const { return std::ssize(rows) * std::ssize(columns); }
  // Of all stages.
  std::int64_t all_steps() const {
    if (stages.empty()) return steps();
    std::int64_t sum = 0;
    for (const PlanData& each : stages) sum += each.steps();
    return sum;
  }
};

// Makes it a plan whose output is the network's own: f32, of its bands, as it gives them.
void take_network_output(PlanData& plan);

// The plan for runs of that model over images like that one.
Plan bind_plan(PlanData data, const Model& model, const ImageInfo& image);

}  // namespace sectile::internal
