// Plan: what a run will do, decided before anything is allocated.
//
// A plan cuts the output, or the window of it that was asked for, into lanes that cover it once.
//
// In tile mode a lane is computed by one run of the network over one tile of the input. All tiles
// have one size, start on the network's grid and end at the image's edge where they touch it, so
// that the network's own padding is the true one; rows that a tile's inner edge spoils are cropped.
// The whole image can be one tile.
// In stream mode lanes are ranges of columns. Each walks down the image, some rows a step, and
// keeps of every layer the rows that its next step needs: nothing is computed twice but what the
// lanes' inner edges need of each other.
//
// In approximate mode, taken only when it is asked for, a network that cannot be cut is run as it
// was exported, over overlapping tiles of that size whose outputs are blended. The result has not
// the bits of a whole-image run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/planned.h"
#include "sectile/result.h"

namespace sectile::internal {
struct PlanData;
}

namespace [[gnu::visibility("default")]] sectile {

// Immutable, and bound to the model, method, image and options that it was made for. Cheap to copy:
// copies share one state, and keep the model alive.
// Thread safety: const members from any thread.
class Plan {
 public:
  Plan(const Plan&) = default;  // no move: a plan is never empty
  Plan& operator=(const Plan&) = default;
  ~Plan() = default;

  const Model& model() const;
  const std::string& method() const;
  Mode mode() const;  // never automatic
  // The input that the plan was made for: run() takes the same size, bands and pixel type.
  const ImageInfo& input_info() const;
  // The output: what create_image needs to know (size, bands, pixel type, georeference).
  const ImageInfo& output_info() const;

  OutputKind output_kind() const;
  std::optional<double> threshold() const;

  // In the order in which they run; at least one. What follows is of the last one, where it does
  // not say otherwise.
  const std::vector<PlannedPass>& passes() const;
  // Where they keep images for each other: `none`, where they do not. In a file: how many bytes
  // there are in its folder at a time, at most.
  KeepMode keep() const;
  std::int64_t temp_bytes() const;

  Size image_size() const;    // of the input
  Size output_size() const;   // of what is made: the window's
  Rect window() const;        // pixels of the output that are made (PlanOptions::window)
  Rect input_window() const;  // pixels of the input that are read for that
  // The image that the network is made for: larger at the bottom and right (edge repeated) for
  // networks that do not accept the image's own size.
  Size extended_size() const;
  Size tile_size() const;  // input pixels of one run: of a tile, or of a step in the widest lane
  // The tiles along y, top to bottom, and along x, where they lie in the whole image. In stream
  // mode: the steps (the image rows that one takes up, the output rows that it makes; either may be
  // empty), and the lanes. In approximate mode outputs overlap, and may reach beyond the image.
  // Of a pass that reads what others kept, the input's pixels are those of that.
  const std::vector<AxisTile>& rows() const;
  const std::vector<AxisTile>& columns() const;
  std::int64_t lanes() const;
  // Of all lanes and passes: how often the network runs. In tile mode each lane has one.
  std::int64_t steps() const;
  // Sessions build their indirection tables in each run: less memory, more time.
  bool transient_tables() const;
  int workers() const;
  int threads() const;  // of each worker: several where the whole image is one tile
  // Work of the plan, all passes : work of one whole-image run.
  double compute_ratio() const;
  std::int64_t lag_rows() const;  // of a stream: image rows read before the output rows beside them
  // Why streaming was ruled out; empty if it was possible or not considered.
  const std::string& why_not_streamed() const;
  Size overlap() const;  // of approximate mode: input pixels that neighbours share at least
  // Whether the output may have other bits than that of a whole-image run. In approximate mode too
  // it has the same when one tile is the whole image.
  bool approximate() const;

  const PlannedMemory& memory() const;  // of the pass that needs the most
  std::int64_t predicted_peak_bytes() const { return memory().total(); }
  std::int64_t memory_limit_bytes() const;  // what the plan was made for
  const std::vector<PlanAlternative>& alternatives() const;

  // A table for people: what will happen, what takes how much memory, what else was considered.
  std::string to_string() const;

  // For the library's own use.
  explicit Plan(std::shared_ptr<const internal::PlanData> data) : data_(std::move(data)) {}
  const internal::PlanData& data() const { return *data_; }
  const std::shared_ptr<const internal::PlanData>& shared_data() const { return data_; }

 private:
  std::shared_ptr<const internal::PlanData> data_;
};

// Errors: not_found (method), unsupported and not_exact (the message names the node and the
// reason), invalid_argument (bands that differ from the network's channels, a tile below the
// smallest useful one: the message names it, an image too small for the network, Mode::approximate
// for a network that can be cut exactly), over_budget.
Result<Plan> make_plan(const Model& model, const ImageInfo& image, const PlanOptions& options = {});

}  // namespace sectile
