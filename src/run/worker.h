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
  bool reads_data = true;  // false: the mask of the input says that it has none there
  bool shows_data = true;  // false: that of the output does, so anything may stand there
};

struct TaskSeconds {
  double compute = 0;
  double copy = 0;  // gather, crop and scatter
};

enum class Done { computed, left_out };

class Worker {
 public:
  virtual ~Worker() = default;
  // Loads now what runs would load later, where it stays loaded. Errors: those of loading a
  // session.
  virtual Status load() { return {}; }
  // Before the first work of a run. Errors: those of loading a session.
  virtual Status begin() = 0;
  // Leaves out what shows no data, and what is the same as before.
  // Errors: those of Session::run and of loading a session.
  virtual Result<Done> compute(const TileTask& work, TaskSeconds& seconds) = 0;
};

// Makes the worker of that index. Called on the worker's own thread.
using MakeWorker = std::function<Result<std::unique_ptr<Worker>>(int index)>;
using LoadSession = std::function<Result<std::unique_ptr<Session>>()>;

// `scale` is that of the network.
MakeWorker tile_workers(Scale scale, LoadSession load_session);
// Workers of which TileTask::output takes the whole output of each tile, wherever that lies.
MakeWorker whole_tile_workers(LoadSession load_session);

}  // namespace sectile::internal
