#include <atomic>
#include <utility>

#include "sectile/run.h"
#include "src/base/catch_exceptions.h"
#include "src/session/prepared_run.h"

namespace sectile {

using namespace internal;

struct Runner::State {
  explicit State(PreparedRun run) : prepared(std::move(run)) {}
  PreparedRun prepared;
  std::atomic<bool> is_running = false;
};

Runner::Runner(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runner::Runner(Runner&&) noexcept = default;
Runner& Runner::operator=(Runner&&) noexcept = default;
Runner::~Runner() = default;

Result<Runner> Runner::prepare(const Plan& plan) {
  return catch_exceptions("[run]", [&]() -> Result<Runner> {
    auto prepared = PreparedRun::create(plan.shared_data(), Reuse::many_times);
    if (!prepared) return fail(prepared.error());
    if (auto status = prepared->load(); !status) return fail(status.error());
    return Runner(std::make_unique<State>(std::move(*prepared)));
  });
}

Result<RunReport> Runner::run(ImageSource& source, ImageSink& sink, const RunOptions& options) {
  if (state_ == nullptr) {
    return fail(ErrorCode::invalid_argument, "[run] this runner was moved from: use the new one");
  }
  if (state_->is_running.exchange(true)) {
    return fail(ErrorCode::invalid_argument,
                "[run] the runner is running already: prepare one for each thread");
  }
  auto report =
      catch_exceptions("[run]", [&] { return state_->prepared.run(source, sink, options); });
  state_->is_running = false;
  return report;
}

}  // namespace sectile
