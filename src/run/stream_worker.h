// Workers of stream mode: each walks down a lane of its own.
#pragma once

#include <functional>

#include "src/run/stream_lane.h"
#include "src/run/worker.h"

namespace sectile::internal {

// `make_lane` makes the lane of that index at its first step; called again for each run.
MakeWorker stream_workers(std::function<Result<StreamLane>(int index)> make_lane);

}  // namespace sectile::internal
