// run, Runner, verify: carry a plan out, once or many times, and prove it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sectile/image.h"
#include "sectile/image_files.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/plan.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

// The images of a method's inputs as the one image that it takes; a single image is that one.
// Errors: not_found (no such method), unsupported and not_exact (it cannot be cut),
// invalid_argument (no image, or images, bands, sizes or pixel types that do not fit the inputs or
// each other).
Result<std::unique_ptr<ImageSource>> join_inputs(const Model& model, const std::string& method,
                                                 std::vector<std::unique_ptr<ImageSource>> images);

// A plan and the files that it writes.
struct PlannedFiles {
  Plan plan;
  std::unique_ptr<ImageSink> sink;
};

// Makes a plan and creates the output file for it: the plan counts what writing that format holds.
// The file appears under its name when the run has finished it.
// Errors: those of make_plan and create_image.
Result<PlannedFiles> plan_to_file(const Model& model, const ImageInfo& image,
                                  const std::string& path, const PlanOptions& options = {},
                                  const CreateOptions& create = {});
// The same with one file for each output of the network, or one for all.
Result<PlannedFiles> plan_to_files(const Model& model, const ImageInfo& image,
                                   std::span<const std::string> paths,
                                   const PlanOptions& options = {},
                                   const CreateOptions& create = {});

// Creates the files of a run of that plan over another image: no plan is made again.
// Errors: invalid_argument (an image of another size, bands or pixel type than the plan's), those
// of create_image.
Result<std::unique_ptr<ImageSink>> create_files(const Plan& plan, const ImageInfo& image,
                                                std::span<const std::string> paths,
                                                const CreateOptions& create = {});

// How far the tiles of an approximate run differ where they overlap: at each output value that
// several tiles gave, the largest less the smallest of them, as a share of the range of all that
// tiles gave in that band. So 0 is the same value, 1 the whole range; a value that is not finite
// counts as 1.
struct Disagreement {
  std::int64_t values = 0;  // that several tiles gave
  double rms = 0;           // root of the mean square over those
  double max = 0;
};

struct RunReport {
  double total_seconds = 0;
  double read_seconds = 0;          // of the reading thread
  double compute_seconds = 0;       // of the workers, added up
  double copy_seconds = 0;          // gather, crop and scatter, added up over the workers
  double write_seconds = 0;         // of the writing thread
  std::int64_t peak_rss_bytes = 0;  // of the process so far
  // Steps of the plan that were not computed, as they show no data or repeat the one before.
  std::int64_t steps_left_out = 0;
  std::optional<Disagreement> disagreement = {};  // of an approximate run of several tiles
};

// Reads the source, runs the plan, writes and finishes the sink. Reading goes on ahead of compute
// and writing follows it. The output's integer pixel types hold the network's output times the
// type's maximum.
// Errors: cancelled, io, corrupt, invalid_argument (a plan of another model; a source or sink of
// another size, other bands or another pixel type than the plan's), internal.
// The first error wins; the sink is then not finished.
Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options = {});

// Runs one plan any number of times: frames of a video, tiles of a mosaic, many files of one size.
// The program is read, rewritten, loaded and packed once. The bits are those of run().
// Thread safety: one thread at a time; a second run() during a first is refused.
class Runner {
 public:
  // Loads the sessions of all workers. A stream whose sessions do not all fit into the plan's limit
  // loads the others again in each run.
  // Errors: over_budget, internal.
  static Result<Runner> prepare(const Plan& plan);

  Runner(Runner&&) noexcept;
  Runner& operator=(Runner&&) noexcept;
  ~Runner();

  // Errors: those of run(). The runner can be used again after each of them.
  Result<RunReport> run(ImageSource& source, ImageSink& sink, const RunOptions& options = {});

 private:
  struct State;
  explicit Runner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct VerifyReport {
  std::int64_t values = 0;
  std::int64_t differing = 0;  // values whose bits differ
  double max_abs_diff = 0;
};

// Runs the plan and one whole-image run by ExecuTorch, and compares their float outputs bit by bit.
// Needs the memory of the whole-image run.
// Errors: those of run; invalid_argument (an approximate plan).
Result<VerifyReport> verify(const Model& model, const Plan& plan, ImageSource& source,
                            const RunOptions& options = {});

// Runs the plan, and as it stands in its file a second program that the same network was exported
// to at another size: `source` has that size. Compares their float outputs bit by bit. So it finds
// numbers that stand for the exported size, which verify cannot: there both sides have them.
// Errors: those of verify; unsupported (`other` takes or gives anything but one f32 or f16 image,
// or ExecuTorch cannot run it), invalid_argument (a plan for a window; a source of another size
// than `other`'s; a size that is not on the grid of the plan's model).
Result<VerifyReport> verify_against(const Model& model, const Plan& plan, const Model& other,
                                    ImageSource& source, const RunOptions& options = {});

}  // namespace sectile
