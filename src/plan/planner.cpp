#include "src/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/integers.h"
#include "src/plan/tile_candidates.h"

namespace sectile::internal {

namespace {

// A plan that holds a tenth less of what the whole image would need (or of kMostReferenceBytes,
// when that is less) may take 4 % longer.
constexpr double kTimeForMemory = 0.4;
constexpr double kMostReferenceBytes = 4.0 * (std::int64_t{1} << 30);

std::int64_t bytes_of(const Candidate& candidate) { return candidate.memory.total(); }

const Candidate& fastest_of(const std::vector<Candidate>& candidates) {
  return *std::ranges::min_element(candidates, {}, &Candidate::seconds);
}
const Candidate& leanest_of(const std::vector<Candidate>& candidates) {
  return *std::ranges::min_element(candidates, {}, bytes_of);
}

bool fits(const Candidate& candidate, const PlanRequest& request) {
  return candidate.memory.least_limit() <= request.memory_bytes;
}

// The best score of those that fit. The scores do not depend on the memory allowed: a candidate
// that more memory lets in holds more than those there were, so it can only win by its time.
const Candidate* choose(const std::vector<Candidate>& candidates, const Candidate& whole,
                        const PlanRequest& request) {
  const Weighing weighing{fastest_of(candidates).seconds, whole.memory, request.spare_memory};
  const auto score = [&](const Candidate& candidate) {
    return weighing.score(candidate.seconds, candidate.memory);
  };
  const Candidate* best = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!fits(candidate, request)) continue;
    if (best == nullptr || score(candidate) < score(*best)) best = &candidate;
  }
  return best;
}

Mode mode_of(const PlanInput& input, const Candidate& candidate) {
  if (candidate.stream) return Mode::stream;
  return candidate.tile == Size{input.y.length, input.x.length} ? Mode::whole : Mode::tile;
}

}  // namespace

std::pair<double, double> Weighing::score(double seconds, const PlannedMemory& memory) const {
  const double reference_bytes =
      std::min(kMostReferenceBytes, static_cast<double>(whole.total() - whole.process_bytes));
  const double rate = spare_memory ? kTimeForMemory : 0;
  const auto bytes = static_cast<double>(memory.total());
  return {seconds / fastest_seconds + rate * bytes / reference_bytes, bytes};
}

Error over_budget(const PlannedMemory& leanest, std::int64_t memory_bytes, int runs) {
  constexpr std::int64_t kMiB = std::int64_t{1} << 20;
  const std::int64_t least_bytes =
      leanest.process_bytes + runs * (leanest.least_limit() - leanest.process_bytes);
  const std::string share =
      runs == 1 ? "" : fmt::format(", the share of each of {} runs at a time", runs);
  return {
      ErrorCode::over_budget,
      fmt::format("[plan] no plan fits in {} MiB{}; the smallest limit that works is --memory {}M",
                  memory_bytes / kMiB, share, ceil_div(least_bytes, kMiB))};
}

Result<Choice> choose_plan(const PlanInput& input, NetworkCosts& network,
                           const PlanRequest& request) {
  const auto whole = whole_image(input, network, request.workers);
  if (!whole) return fail(whole.error());
  const auto candidates = make_candidates(input, network, request);
  if (!candidates) return fail(candidates.error());
  const Candidate* chosen = choose(*candidates, *whole, request);
  if (chosen == nullptr) {
    return fail(
        over_budget(leanest_of(*candidates).memory, request.memory_bytes, request.concurrent_runs));
  }
  const auto compare = [&](const char* name, const Candidate& other) {
    return PlanAlternative{name,
                           mode_of(input, other),
                           other.tile,
                           other.workers,
                           other.threads,
                           other.transient_tables,
                           other.seconds / chosen->seconds,
                           bytes_of(other),
                           fits(other, request)};
  };
  return Choice{*chosen,
                chosen->work / whole->work,
                {compare("chosen", *chosen), compare("fastest", fastest_of(*candidates)),
                 compare("leanest", leanest_of(*candidates)), compare("whole image", *whole)}};
}

}  // namespace sectile::internal
