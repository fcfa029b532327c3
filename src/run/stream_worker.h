// Workers of stream mode: each walks down a lane of its own.
#pragma once

#include <functional>

#include "src/run/stream_lane.h"
#include "src/run/worker.h"

namespace sectile::internal {

// `make_lane` makes the lane of that index. Called once where lanes are kept, else for each run.
MakeWorker stream_workers(std::function<Result<StreamLane>(int index)> make_lane, bool keep_lanes);

}  // namespace sectile::internal
