// TileProgram: a model's method rewritten to one size and served by ExecuTorch.
#pragma once

#include <memory>

#include "sectile/image.h"
#include "sectile/result.h"
#include "src/plan/plan_data.h"
#include "src/run/reference.h"
#include "src/run/worker.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/session/network.h"

namespace sectile::internal {

class TileProgram {
 public:
  // The network as the plan's tiles need it, and at the whole (extended) image's size.
  // Errors: invalid_argument (a size the network does not accept); internal.
  static Result<TileProgram> for_tiles(const Network& network, const PlanData& plan);
  static Result<TileProgram> for_whole_image(const Network& network, const PlanData& plan);

  // REQUIRES: this object outlives the workers.
  MakeWorker workers() const;

  // One run over the whole image of `source` by ExecuTorch's own thread pool. REQUIRES: the program
  // was made for that image's (extended) size. Errors: those of the source and of load_session.
  Result<WholeRun> prepare_whole_run(ImageSource& source, const InputScaling& scaling) const;

  const TensorSpec& input() const { return input_; }
  const TensorSpec& output() const { return output_; }
  const InputParts& parts() const { return parts_; }

 private:
  // Errors: internal, over_budget. From any thread; the session is for one thread at a time.
  Result<std::unique_ptr<Session>> load_session(Threading threading) const;
  static Result<TileProgram> make(const Network& network, Size tile, Size image,
                                  bool transient_tables);

  std::shared_ptr<LoadedProgram> program_;
  TensorSpec input_;
  TensorSpec output_;
  Scale scale_;
  InputParts parts_;
  int threads_ = 1;                   // of each worker
  std::shared_ptr<const void> pool_;  // held where there are several
};

}  // namespace sectile::internal
