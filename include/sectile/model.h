// Model: an ExecuTorch program (.pte) that was read and analysed, but whose weights were not
// loaded.
//
// Opening reads the program into memory, decodes the network of every method and derives its
// footprint: how far each output pixel reaches into the input, the grid on which tiles must start,
// the scale between input and output, and whether it can be cut with equal bits.
// Thread safety: a Model is immutable and cheap to copy; copies share the program's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sectile/footprint.h"
#include "sectile/geometry.h"
#include "sectile/result.h"

namespace sectile::internal {
class ModelData;
}  // namespace sectile::internal

namespace [[gnu::visibility("default")]] sectile {

struct TensorInfo {
  std::string dtype;  // "f32", ...
  std::int64_t channels = 0;
  std::int64_t height = 0;  // as exported; Sectile runs any size
  std::int64_t width = 0;
};

struct MethodInfo {
  std::string name;
  // Several inputs are taken, and several outputs given, as one image, channel after channel. The
  // image has the rows and columns of the smallest input. One that has r rows and s columns for
  // each of those is there with r * s channels for each of its own: channel (c * r + dy) * s + dx
  // at (y, x) is its channel c at (r * y + dy, s * x + dx).
  TensorInfo input;
  TensorInfo output;
  std::vector<std::int64_t> input_channels;  // of each input, its own
  std::vector<Size> input_scales;            // r and s of each input
  std::vector<std::int64_t> output_channels;
  Reach reach;  // of all passes, the furthest
  // Over the image. A network that takes statistics of the whole image (the mean of a
  // squeeze-excite) has one more for each that depends on another.
  int passes = 1;
  Alignment align;
  Scale scale;
  Verdict verdict = Verdict::unsupported;
  std::vector<Blocker> blockers;  // empty exactly when the verdict is `exact`
  // What the program leaves open, and how it is taken: a sentence each, with the node.
  std::vector<std::string> assumptions;
};

struct OpenOptions {
  // A program has the numbers that its network had at the exported size. Some may be fixed or may
  // follow the image's size (a window as large as the exported image, "the lower half"), and a
  // method with such a number is refused: BlockerReason::exported_size, or that of the operation
  // over the whole image that it would be. Other methods run, and leave open what becomes of the
  // last rows at some sizes (whether a pool leaves them out, how many are padded or dropped to make
  // an image fit): images of those sizes are refused, with `unsupported`. True: all numbers are
  // fixed, and the rows are left out.
  bool fixed_sizes = false;
};

class Model {
 public:
  Model(const Model&) = default;  // no move: a model is never empty
  Model& operator=(const Model&) = default;
  ~Model() = default;

  // Reads the file once. What happens to it later (truncated, replaced, removed) does not matter.
  // Errors: not_found, io (not a file, or it was changed while it was read), corrupt (not a
  // program, or damaged), unsupported (a program in a format of other versions; the message says
  // which can be read), over_budget (no memory for it). A program that Sectile cannot run opens all
  // the same: its methods say why in their verdict.
  static Result<Model> open(const std::string& path, const OpenOptions& options = {});

  // A program that is in memory already, at any alignment: it is copied, so that the caller need
  // not keep it, and may change it, after the call. `name` takes the path's place in messages.
  // Errors: corrupt, unsupported, over_budget.
  static Result<Model> open(std::span<const std::byte> bytes, std::string name = "program bytes",
                            const OpenOptions& options = {});
  // The same without the copy, where the vector's capacity is 64 bytes more than its size. Those
  // bytes are needed: XNNPACK's kernels read past the end of the weights.
  static Result<Model> open(std::vector<std::byte>&& bytes, std::string name = "program bytes",
                            const OpenOptions& options = {});

  const std::string& path() const;  // or the name of a program that was in memory
  std::span<const MethodInfo> methods() const;
  // What the program says of itself: the text that its constant method "sectile" returns. Nothing
  // of it is checked, and nothing follows from it. Empty: there is none.
  const std::string& facts() const;

  // The method of that name; with an empty name the only one, or else "forward".
  // Errors: not_found; the message names the methods there are.
  Result<const MethodInfo*> method(const std::string& name = "") const;

  const internal::ModelData& data() const { return *data_; }  // for the library's own use

 private:
  explicit Model(std::shared_ptr<const internal::ModelData> data) : data_(std::move(data)) {}
  std::shared_ptr<const internal::ModelData> data_;
};

// What a network that can be streamed needs for that.
struct StreamInfo {
  // Image rows read before the output rows beside them; in the last pass, where there are several.
  std::int64_t lag_rows = 0;
  // Of the rows kept between steps; in the pass that keeps the most.
  std::int64_t history_bytes_per_column = 0;
};

// Derived when it is asked for: it takes a moment for networks of hundreds of layers.
// Errors: not_found (no such method), unsupported and not_exact (why it cannot be cut or streamed;
// the message names the node).
Result<StreamInfo> stream_info(const Model& model, const std::string& method = "");

// The part of an image of that size that a window of the method's output is computed from: it has
// the window's reach, cut off at the image's borders, and what mirrored edges are copied from. No
// pixel outside has any influence on the window. Empty when it is computed from no pixel at all.
// Errors: not_found (no such method), unsupported and not_exact (it cannot be cut),
// invalid_argument (an image too small for the network, a window that is empty or does not lie in
// the output).
Result<Rect> input_window(const Model& model, Rect output_window, Size image_size,
                          const std::string& method = "");

// The tile with which a method that cannot be cut exactly is run approximately (Mode::approximate):
// the size it was exported for.
// Errors: not_found (no such method), invalid_argument (it can be cut exactly), unsupported (why
// not: it takes or gives anything but one f32 image, or calls what Sectile does not run).
Result<Size> approximate_tile(const Model& model, const std::string& method = "");

}  // namespace sectile
