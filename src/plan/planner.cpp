#include "src/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "src/base/integers.h"
#include "src/plan/axis.h"

namespace sectile {

namespace {

// Time is traded for memory: a plan that holds a tenth less of what the whole image would need (or of
// kMostReferenceBytes, when that is less) may take 4 % longer.
constexpr double kTimeForMemory = 0.4;
constexpr double kMostReferenceBytes = 4.0 * (std::int64_t{1} << 30);
constexpr std::int64_t kMiB = std::int64_t{1} << 20;
// Bands in flight: one being filled, one being computed; the next may start before the last tile of
// one is done.
constexpr std::int64_t kBands = 2;

struct Candidate {
  Size tile;
  std::int64_t tiles = 1;
  std::int64_t bands = 1;           // in memory at a time
  std::int64_t tallest_output = 1;  // rows of the tallest output band
  int workers = 1;
  double seconds = 0;  // predicted time, in units of work
  std::int64_t peak_bytes = 0;
};

// Lengths worth trying along one axis: the whole, the fewest tiles, and a ladder of common sizes.
std::vector<std::int64_t> lengths_to_try(const AxisGeometry& axis) {
  std::set<std::int64_t> lengths{axis.length, smallest_tile(axis)};
  constexpr std::int64_t kFewTiles = 24;
  for (std::int64_t count = 2; count <= kFewTiles; ++count)
    lengths.insert(tile_length(axis, count));
  for (std::int64_t most = 64; most < axis.length; most += std::max<std::int64_t>(32, most / 8)) {
    const std::int64_t length = fit_tile(axis, most);
    if (length > 0) lengths.insert(length);
  }
  return {lengths.begin(), lengths.end()};
}

// Session memory and work grow with the tile's area; two sizes give the line.
class CostLine {
 public:
  static Result<CostLine> fit(const PlanInput& input) {
    CostLine line;
    const Size whole{input.y.length, input.x.length};
    const Size small{smallest_tile(input.y), smallest_tile(input.x)};
    const auto at_whole = input.tile_costs(whole);
    if (!at_whole) return fail(at_whole.error());
    const auto at_small = small == whole ? at_whole : input.tile_costs(small);
    if (!at_small) return fail(at_small.error());
    const auto area = static_cast<double>(std::max<std::int64_t>(1, whole.area() - small.area()));
    line.work_per_px_ = at_whole->work / static_cast<double>(whole.area());
    line.bytes_per_px_ =
        static_cast<double>(at_whole->session_bytes - at_small->session_bytes) / area;
    line.fixed_bytes_ = static_cast<double>(at_small->session_bytes) -
                        line.bytes_per_px_ * static_cast<double>(small.area());
    return line;
  }
  double work(Size tile) const { return work_per_px_ * static_cast<double>(tile.area()); }
  std::int64_t session_bytes(Size tile) const {
    return static_cast<std::int64_t>(fixed_bytes_ +
                                     bytes_per_px_ * static_cast<double>(tile.area()));
  }

 private:
  double work_per_px_ = 0;
  double bytes_per_px_ = 0;
  double fixed_bytes_ = 0;
};

// One axis cut into tiles of one length.
struct Cut {
  std::int64_t length = 0;
  std::int64_t count = 1;
  std::int64_t longest_output = 1;
};

Cut cut(const AxisGeometry& axis, std::int64_t length) {
  Cut cut{length, tile_count(axis, length), 1};
  for (const Span& span : place_tiles(axis, length)) {
    cut.longest_output = std::max(cut.longest_output, span.output.size());
  }
  return cut;
}

std::int64_t peak_bytes(const PlanInput& input, const Candidate& candidate,
                        std::int64_t session_bytes) {
  return input.process_bytes + candidate.workers * session_bytes +
         candidate.bands * (candidate.tile.height * input.input_row_bytes +
                            candidate.tallest_output * input.output_row_bytes);
}

Candidate make_candidate(const Cut& rows, const Cut& columns, int workers) {
  Candidate candidate;
  candidate.tile = {rows.length, columns.length};
  candidate.tiles = rows.count * columns.count;
  candidate.bands = std::min(kBands, rows.count);
  candidate.tallest_output = rows.longest_output;
  candidate.workers = static_cast<int>(std::min<std::int64_t>(workers, candidate.tiles));
  return candidate;
}

// The last round may leave workers idle: time counts rounds, not tiles.
void predict(const PlanInput& input, double work, std::int64_t session_bytes,
             Candidate& candidate) {
  candidate.seconds = static_cast<double>(ceil_div(candidate.tiles, candidate.workers)) * work;
  candidate.peak_bytes = peak_bytes(input, candidate, session_bytes);
}

std::vector<Cut> cuts_to_try(const AxisGeometry& axis) {
  std::vector<Cut> cuts;
  for (const std::int64_t length : lengths_to_try(axis)) cuts.push_back(cut(axis, length));
  return cuts;
}

std::vector<Candidate> all_candidates(const PlanInput& input, const PlanRequest& request,
                                      const CostLine& line) {
  std::vector<Candidate> candidates;
  const auto columns_to_try = cuts_to_try(input.x);
  for (const Cut& rows : cuts_to_try(input.y)) {
    for (const Cut& columns : columns_to_try) {
      for (int workers = 1; workers <= request.workers; ++workers) {
        Candidate candidate = make_candidate(rows, columns, workers);
        predict(input, line.work(candidate.tile), line.session_bytes(candidate.tile), candidate);
        candidates.push_back(candidate);
      }
    }
  }
  return candidates;
}

Result<Size> requested_tile(const PlanInput& input, Size most) {
  const Size tile{fit_tile(input.y, most.height), fit_tile(input.x, most.width)};
  if (tile.height > 0 && tile.width > 0) return tile;
  const Size least{smallest_tile(input.y), smallest_tile(input.x)};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("[plan] a tile of {} is too small for this network: the smallest useful one for "
                  "this image is {}",
                  to_string(most), to_string(least)));
}

std::unexpected<Error> over_budget(std::int64_t least_bytes, std::int64_t memory_bytes) {
  return fail(ErrorCode::over_budget,
              fmt::format("[plan] {} MiB of memory do not do: the least that would is {}M",
                          memory_bytes / kMiB, ceil_div(least_bytes, kMiB)));
}

// What the whole image would need, as one tile. REQUIRES: one candidate is that.
double reference_bytes(const PlanInput& input, const std::vector<Candidate>& candidates) {
  const Size whole{input.y.length, input.x.length};
  const auto found = std::ranges::find(candidates, whole, &Candidate::tile);
  return std::min(kMostReferenceBytes,
                  static_cast<double>(found->peak_bytes - input.process_bytes));
}

// The best score within the memory. More memory never makes the choice slower: a plan that it lets in
// holds more than those there were, so it can only win by its time.
Result<Candidate> choose(const PlanInput& input, std::vector<Candidate> candidates,
                         std::int64_t memory_bytes) {
  const double fastest = std::ranges::min_element(candidates, {}, &Candidate::seconds)->seconds;
  const double reference = reference_bytes(input, candidates);
  const auto score = [&](const Candidate& candidate) {
    return candidate.seconds / fastest +
           kTimeForMemory * static_cast<double>(candidate.peak_bytes) / reference;
  };
  const auto leanest = std::ranges::min_element(candidates, {}, &Candidate::peak_bytes);
  if (leanest->peak_bytes > memory_bytes) return over_budget(leanest->peak_bytes, memory_bytes);
  std::erase_if(candidates, [&](const Candidate& c) { return c.peak_bytes > memory_bytes; });
  return *std::ranges::min_element(candidates, {}, score);
}

// In tile mode one tile is the whole image only where nothing smaller can be cut.
void avoid_whole(std::vector<Candidate>& candidates) {
  const auto is_tiled = [](const Candidate& candidate) { return candidate.tiles > 1; };
  const bool can_be_cut = std::ranges::any_of(candidates, is_tiled);
  for (Candidate& candidate : candidates) {
    if (can_be_cut && !is_tiled(candidate)) candidate.seconds = std::numeric_limits<double>::max();
  }
}

Result<Layout> lay_out(const PlanInput& input, const PlanRequest& request, Size tile, int workers) {
  const auto costs = input.tile_costs(tile);
  if (!costs) return fail(costs.error());
  const auto whole = input.tile_costs({input.y.length, input.x.length});
  if (!whole) return fail(whole.error());
  Candidate candidate =
      make_candidate(cut(input.y, tile.height), cut(input.x, tile.width), workers);
  predict(input, costs->work, costs->session_bytes, candidate);
  if (candidate.peak_bytes > request.memory_bytes) {
    return over_budget(candidate.peak_bytes, request.memory_bytes);
  }
  Layout layout;
  layout.tile = tile;
  layout.rows = place_tiles(input.y, tile.height);
  layout.columns = place_tiles(input.x, tile.width);
  layout.workers = candidate.workers;
  layout.compute_ratio = static_cast<double>(candidate.tiles) * costs->work / whole->work;
  layout.predicted_peak_bytes = candidate.peak_bytes;
  return layout;
}

// With a tile given, memory can still be saved by fewer workers.
Result<Layout> lay_out_within_budget(const PlanInput& input, const PlanRequest& request,
                                     Size tile) {
  Result<Layout> layout = lay_out(input, request, tile, request.workers);
  for (int workers = request.workers - 1; workers >= 1 && !layout; --workers) {
    if (layout.error().code != ErrorCode::over_budget) break;
    layout = lay_out(input, request, tile, workers);
  }
  return layout;
}

}  // namespace

Result<Layout> choose_layout(const PlanInput& input, const PlanRequest& request) {
  if (request.mode == Mode::whole) {
    return lay_out_within_budget(input, request, {input.y.length, input.x.length});
  }
  if (request.tile) {
    const auto tile = requested_tile(input, *request.tile);
    if (!tile) return fail(tile.error());
    return lay_out_within_budget(input, request, *tile);
  }
  const auto line = CostLine::fit(input);
  if (!line) return fail(line.error());
  auto candidates = all_candidates(input, request, *line);
  if (request.mode == Mode::tile) avoid_whole(candidates);
  const auto chosen = choose(input, std::move(candidates), request.memory_bytes);
  if (!chosen) return fail(chosen.error());
  return lay_out_within_budget(input, request, chosen->tile);
}

}  // namespace sectile
