#include "src/plan/tile_candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "src/base/integers.h"
#include "src/cost/machine_model.h"
#include "src/plan/axis.h"
#include "src/plan/prediction.h"
#include "src/plan/run_memory.h"

namespace sectile::internal {

namespace {

// One axis cut into tiles of one length.
struct AxisCut {
  std::int64_t length = 0;
  std::int64_t count = 1;
  std::int64_t longest_output = 1;
};

AxisCut cut(const AxisGeometry& axis, std::int64_t length) {
  return {length, tile_count(axis, length), longest_output(axis, length)};
}

// Lengths worth trying along one axis: the smallest, the whole, and in between a ladder on which
// each step is a seventh longer.
std::vector<AxisCut> cuts_to_try(const AxisGeometry& axis) {
  const std::int64_t smallest = smallest_tile(axis);
  std::set<std::int64_t> lengths{smallest, axis.length};
  constexpr std::int64_t kFewTiles = 6;
  for (std::int64_t count = 2; count <= kFewTiles; ++count)
    lengths.insert(tile_length(axis, count));
  for (std::int64_t most = smallest; most < axis.length; most += std::max(axis.grid, most / 7)) {
    lengths.insert(fit_tile(axis, most));
  }
  std::vector<AxisCut> cuts;
  for (const std::int64_t length : lengths) cuts.push_back(cut(axis, length));
  return cuts;
}

Candidate predict(const PlanInput& input, const AxisCut& rows, const AxisCut& columns, int workers,
                  bool transient_tables, const TileCosts& costs) {
  Candidate candidate;
  candidate.tile = {rows.length, columns.length};
  candidate.tiles = rows.count * columns.count;
  candidate.workers = static_cast<int>(std::min<std::int64_t>(workers, candidate.tiles));
  candidate.threads = candidate.tiles == 1 ? workers : 1;
  candidate.transient_tables = transient_tables;
  candidate.work = static_cast<double>(candidate.tiles) * costs.work;
  PlannedMemory& memory = candidate.memory;
  memory = memory_of(input, costs.session, candidate.workers);
  memory.process_bytes += (candidate.threads - 1) * kMemoryModel.pool_thread_bytes;
  candidate.strips = std::min(kTileStrips, rows.count);
  memory.strip_bytes = candidate.strips * (rows.length * input.input_row_bytes +
                                           rows.longest_output * input.output_row_bytes);
  // The last round may leave workers idle: time counts rounds, not tiles. Reading the first
  // strip and writing the last one overlap with nothing.
  const auto rounds = static_cast<double>(ceil_div(candidate.tiles, candidate.workers));
  const double tile_seconds = kTimeModel.computing(costs.work) + costs.traffic_seconds +
                              kTimeModel.calling(costs.nodes) * candidate.threads;
  candidate.seconds = rounds * tile_seconds / candidate.threads +
                      (transient_tables ? rounds : 1) * costs.indirection_seconds +
                      first_touch_seconds(memory) +
                      input.file_seconds / static_cast<double>(rows.count);
  return candidate;
}

// Memory and work grow with the tile's area; two sizes give the line.
class CostLine {
 public:
  // Errors: those of the costs.
  static Result<CostLine> fit(const PlanInput& input, NetworkCosts& network,
                              bool transient_tables) {
    CostLine line;
    const Size whole{input.y.length, input.x.length};
    const Size small{smallest_tile(input.y), smallest_tile(input.x)};
    const auto at_whole = network.tile(whole, transient_tables);
    if (!at_whole) return fail(at_whole.error());
    const auto at_small = small == whole ? at_whole : network.tile(small, transient_tables);
    if (!at_small) return fail(at_small.error());
    line.small_px_ = static_cast<double>(small.area());
    line.span_px_ = std::max(1.0, static_cast<double>(whole.area()) - line.small_px_);
    line.small_ = *at_small;
    line.whole_ = *at_whole;
    return line;
  }

  // An estimate; all memory is said to be workspace.
  TileCosts at(Size tile) const {
    const double share = (static_cast<double>(tile.area()) - small_px_) / span_px_;
    const auto between = [&](double small, double whole) {
      return small + share * (whole - small);
    };
    TileCosts costs;
    costs.nodes = whole_.nodes;
    costs.work = between(small_.work, whole_.work);
    costs.traffic_seconds = between(small_.traffic_seconds, whole_.traffic_seconds);
    costs.indirection_seconds = between(small_.indirection_seconds, whole_.indirection_seconds);
    costs.session.workspace_bytes = static_cast<std::int64_t>(between(
        static_cast<double>(small_.session.total()), static_cast<double>(whole_.session.total())));
    return costs;
  }

 private:
  double small_px_ = 0;
  double span_px_ = 1;
  TileCosts small_;
  TileCosts whole_;
};

// Errors: those of the costs.
Result<std::vector<Candidate>> estimate_all(const PlanInput& input, NetworkCosts& network,
                                            const PlanRequest& request) {
  std::vector<Candidate> estimates;
  const auto rows_to_try = cuts_to_try(input.y);
  const auto columns_to_try = cuts_to_try(input.x);
  for (const bool transient_tables : {false, true}) {
    const auto line = CostLine::fit(input, network, transient_tables);
    if (!line) return fail(line.error());
    for (const AxisCut& rows : rows_to_try) {
      for (const AxisCut& columns : columns_to_try) {
        const TileCosts costs = line->at({rows.length, columns.length});
        for (int workers = 1; workers <= request.workers; ++workers) {
          estimates.push_back(predict(input, rows, columns, workers, transient_tables, costs));
        }
      }
    }
  }
  return estimates;
}

// Of the candidates that hold about the same memory, the few fastest; of the leanest, more, so that
// the smallest limit that works is found.
std::vector<Candidate> best_of_each_memory(std::vector<Candidate> estimates) {
  constexpr std::size_t kLeanest = 16;
  constexpr std::size_t kOfEach = 2;
  constexpr double kStep = 1.08;
  std::ranges::stable_sort(estimates, {}, [](const Candidate& c) { return c.memory.total(); });
  std::vector<Candidate> kept(
      estimates.begin(),
      estimates.begin() + static_cast<std::ptrdiff_t>(std::min(kLeanest, estimates.size())));
  const auto step_of = [](const Candidate& candidate) {
    return std::floor(std::log(static_cast<double>(candidate.memory.total())) / std::log(kStep));
  };
  for (auto begin = estimates.begin(); begin != estimates.end();) {
    const auto end = std::find_if(begin, estimates.end(), [&](const Candidate& candidate) {
      return step_of(candidate) != step_of(*begin);
    });
    std::ranges::stable_sort(begin, end, {}, &Candidate::seconds);
    for (auto it = begin; it != end && it < begin + kOfEach; ++it) kept.push_back(*it);
    begin = end;
  }
  return kept;
}

// Drops those that a leaner one beats by so much that no exact cost would change it.
void drop_beaten(std::vector<Candidate>& candidates) {
  constexpr double kEstimateMargin = 1.1;
  std::ranges::stable_sort(candidates, {}, [](const Candidate& c) { return c.memory.total(); });
  double fastest = candidates.front().seconds;
  std::erase_if(candidates, [&](const Candidate& candidate) {
    const bool beaten = candidate.seconds > kEstimateMargin * fastest;
    fastest = std::min(fastest, candidate.seconds);
    return beaten;
  });
}

// Replaces estimates by the tiles' own costs.
class ExactCosts {
 public:
  ExactCosts(const PlanInput& input, NetworkCosts& network) : input_(input), network_(network) {}

  // Errors: invalid_argument when the network does not accept the tile.
  Result<Candidate> of(Size tile, int workers, bool transient_tables) {
    const auto key = std::tuple(tile.height, tile.width, transient_tables);
    auto known = costs_.find(key);
    if (known == costs_.end())
      known = costs_.emplace(key, network_.tile(tile, transient_tables)).first;
    if (!known->second) return fail(known->second.error());
    return predict(input_, cut(input_.y, tile.height), cut(input_.x, tile.width), workers,
                   transient_tables, *known->second);
  }

 private:
  const PlanInput& input_;
  NetworkCosts& network_;
  std::map<std::tuple<std::int64_t, std::int64_t, bool>, Result<TileCosts>> costs_;
};

// A size that the network does not accept is left out; when none is left, its error tells why.
Result<std::vector<Candidate>> make_exact(const PlanInput& input, NetworkCosts& network,
                                          const std::vector<Candidate>& estimates) {
  ExactCosts exact(input, network);
  std::vector<Candidate> candidates;
  Error last{ErrorCode::internal, "[plan] there is no plan"};
  for (const Candidate& estimate : estimates) {
    auto candidate = exact.of(estimate.tile, estimate.workers, estimate.transient_tables);
    if (candidate) {
      candidates.push_back(*candidate);
    } else {
      last = candidate.error();
    }
  }
  if (candidates.empty()) return fail(last);
  return candidates;
}

// One tile size, with and without transient tables, with as many workers as asked for or fewer:
// memory can be saved by that, too. The whole image takes all threads.
Result<std::vector<Candidate>> candidates_of(const PlanInput& input, NetworkCosts& network,
                                             const PlanRequest& request, Size tile) {
  ExactCosts exact(input, network);
  std::vector<Candidate> candidates;
  const int fewest = request.mode == Mode::whole ? request.workers : 1;
  for (const bool transient_tables : {false, true}) {
    for (int workers = fewest; workers <= request.workers; ++workers) {
      auto candidate = exact.of(tile, workers, transient_tables);
      if (!candidate) return fail(candidate.error());
      candidates.push_back(*candidate);
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

// In tile mode one tile is the whole image only where nothing smaller can be cut.
void avoid_whole(std::vector<Candidate>& candidates) {
  const auto is_whole = [](const Candidate& candidate) { return candidate.tiles == 1; };
  if (!std::ranges::all_of(candidates, is_whole)) std::erase_if(candidates, is_whole);
}

}  // namespace

Result<Candidate> whole_image(const PlanInput& input, NetworkCosts& network, int threads) {
  return ExactCosts(input, network).of({input.y.length, input.x.length}, threads, false);
}

Result<std::vector<Candidate>> tile_candidates(const PlanInput& input, NetworkCosts& network,
                                               const PlanRequest& request) {
  if (request.mode == Mode::whole) {
    return candidates_of(input, network, request, {input.y.length, input.x.length});
  }
  if (request.tile) {
    const auto tile = requested_tile(input, *request.tile);
    if (!tile) return fail(tile.error());
    return candidates_of(input, network, request, *tile);
  }
  auto estimates = estimate_all(input, network, request);
  if (!estimates) return fail(estimates.error());
  if (request.mode == Mode::tile) avoid_whole(*estimates);
  auto kept = best_of_each_memory(std::move(*estimates));
  drop_beaten(kept);
  return make_exact(input, network, kept);
}

}  // namespace sectile::internal
