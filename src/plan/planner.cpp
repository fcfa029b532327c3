#include "src/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/base/integers.h"
#include "src/plan/axis.h"

namespace sectile {

namespace {

// Time is traded for memory: a plan that holds a tenth less of what the whole image would need (or
// of kMostReferenceBytes, when that is less) may take 4 % longer.
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
  double work = 0;     // of one tile
  double seconds = 0;  // predicted time, in units of work
  std::int64_t peak_bytes = 0;
  bool exact = false;  // from the tile's own costs, not from the line through two of them
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
  candidate.work = work;
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

// Replaces the prediction from the line by the tile's own.
// Errors: invalid_argument when the network does not accept the tile.
Status make_exact(const PlanInput& input, Candidate& candidate) {
  const auto costs = input.tile_costs(candidate.tile);
  if (!costs) return fail(costs.error());
  predict(input, costs->work, costs->session_bytes, candidate);
  candidate.exact = true;
  return {};
}

Result<Candidate> whole_image(const PlanInput& input) {
  Candidate whole = make_candidate(cut(input.y, input.y.length), cut(input.x, input.x.length), 1);
  if (auto status = make_exact(input, whole); !status) return fail(status.error());
  return whole;
}

class Chooser {
 public:
  Chooser(const PlanInput& input, const Candidate& whole, std::int64_t memory_bytes)
      : input_(input),
        reference_bytes_(std::min(kMostReferenceBytes,
                                  static_cast<double>(whole.peak_bytes - input.process_bytes))),
        memory_bytes_(memory_bytes) {}

  // The best score within the memory. More memory never makes the choice slower: a plan that it
  // lets in holds more than those there were, so it can only win by its time. What is asked of a
  // candidate is asked of its exact costs: those of few candidates are computed.
  Result<Candidate> choose(std::vector<Candidate> candidates) const {
    Error last{ErrorCode::internal, "[plan] there is no plan"};
    while (!candidates.empty()) {
      const auto best = pick(candidates);
      if (!best->exact) {
        if (auto status = make_exact(input_, *best); !status) {
          last = status.error();
          candidates.erase(best);
        }
        continue;
      }
      if (best->peak_bytes <= memory_bytes_) return *best;
      return over_budget(best->peak_bytes, memory_bytes_);
    }
    return fail(last);
  }

 private:
  // The best that fits, or the leanest when none does.
  std::vector<Candidate>::iterator pick(std::vector<Candidate>& candidates) const {
    const double fastest = std::ranges::min_element(candidates, {}, &Candidate::seconds)->seconds;
    return std::ranges::min_element(candidates, {}, [&](const Candidate& candidate) {
      const bool fits = candidate.peak_bytes <= memory_bytes_;
      const auto memory = static_cast<double>(candidate.peak_bytes) / reference_bytes_;
      return fits ? std::pair{0, candidate.seconds / fastest + kTimeForMemory * memory}
                  : std::pair{1, memory};
    });
  }

  const PlanInput& input_;
  double reference_bytes_;
  std::int64_t memory_bytes_;
};

// In tile mode one tile is the whole image only where nothing smaller can be cut.
void avoid_whole(std::vector<Candidate>& candidates) {
  const auto is_whole = [](const Candidate& candidate) { return candidate.tiles == 1; };
  if (!std::ranges::all_of(candidates, is_whole)) std::erase_if(candidates, is_whole);
}

// One tile size, with as many workers as asked for or fewer: memory can be saved by that, too.
Result<std::vector<Candidate>> candidates_of(const PlanInput& input, const PlanRequest& request,
                                             Size tile) {
  const Cut rows = cut(input.y, tile.height);
  const Cut columns = cut(input.x, tile.width);
  std::vector<Candidate> candidates;
  for (int workers = 1; workers <= request.workers; ++workers) {
    candidates.push_back(make_candidate(rows, columns, workers));
    if (auto status = make_exact(input, candidates.back()); !status) return fail(status.error());
  }
  return candidates;
}

Result<std::vector<Candidate>> candidates_for(const PlanInput& input, const PlanRequest& request) {
  if (request.mode == Mode::whole) {
    return candidates_of(input, request, {input.y.length, input.x.length});
  }
  if (request.tile) {
    const auto tile = requested_tile(input, *request.tile);
    if (!tile) return fail(tile.error());
    return candidates_of(input, request, *tile);
  }
  const auto line = CostLine::fit(input);
  if (!line) return fail(line.error());
  auto candidates = all_candidates(input, request, *line);
  if (request.mode == Mode::tile) avoid_whole(candidates);
  return candidates;
}

TileLayout lay_out(const PlanInput& input, const Candidate& chosen, const Candidate& whole) {
  TileLayout layout;
  layout.tile = chosen.tile;
  layout.rows = place_tiles(input.y, chosen.tile.height);
  layout.columns = place_tiles(input.x, chosen.tile.width);
  layout.workers = chosen.workers;
  layout.compute_ratio = static_cast<double>(chosen.tiles) * chosen.work / whole.work;
  layout.predicted_peak_bytes = chosen.peak_bytes;
  return layout;
}

}  // namespace

Result<TileLayout> choose_layout(const PlanInput& input, const PlanRequest& request) {
  const auto whole = whole_image(input);
  if (!whole) return fail(whole.error());
  auto candidates = candidates_for(input, request);
  if (!candidates) return fail(candidates.error());
  const auto chosen = Chooser(input, *whole, request.memory_bytes).choose(std::move(*candidates));
  if (!chosen) return fail(chosen.error());
  return lay_out(input, *chosen, *whole);
}

}  // namespace sectile
