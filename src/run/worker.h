// Worker: computes the parts of a run that fall to one thread. TileWorker: one tile after the
// other, in any order.
//
// Thread safety: a worker belongs to one thread at a time.
#pragma once

#include <functional>
#include <memory>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/run/planes.h"
#include "src/runtime/session.h"

namespace sectile::internal {

// One tile of a plan, or one step of a lane: output[rows.output, columns.output) from the strip of
// the input that holds rows.input.
struct TileTask {
  AxisTile rows;
  AxisTile columns;
  ConstPlanes input;
  Planes output;
};

struct TaskSeconds {
  double compute = 0;
  double copy = 0;  // gather, crop and scatter
};

class Worker {
 public:
  virtual ~Worker() = default;
  // Loads now what runs would load later, where it stays loaded. Errors: those of loading a
  // session.
  virtual Status load() { return {}; }
  // Before the first work of a run. Errors: those of loading a session.
  virtual Status begin() = 0;
  // Errors: those of Session::run and of loading a session.
  virtual Status compute(const TileTask& work, TaskSeconds& seconds) = 0;
};

// Makes the worker of that index. Called on the worker's own thread.
using MakeWorker = std::function<Result<std::unique_ptr<Worker>>(int index)>;
using LoadSession = std::function<Result<std::unique_ptr<Session>>()>;

// `scale` is that of the network.
MakeWorker tile_workers(Scale scale, LoadSession load_session);
// Workers of which TileTask::output takes the whole output of each tile, wherever that lies.
MakeWorker whole_tile_workers(LoadSession load_session);

}  // namespace sectile::internal
