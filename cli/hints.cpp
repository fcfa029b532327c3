#include "cli/hints.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace sectile::cli {

namespace {

struct Hint {
  const char* part;
  const char* advice;
};

constexpr const char* kNorm =
    "use batch norm, whose running statistics the export folds into the convolutions";
constexpr const char* kAttention = "replace attention over the image by convolutions";

// The first row whose text is part of the reason gives the hint.
constexpr std::array kHintsByReason = {
    Hint{"merges the image's rows", kAttention},
    Hint{"varies over the image's rows", "leave out what is added or multiplied by position"},
};

// Else the first row whose text is part of the operator's name.
constexpr std::array kHintsByOperator = {
    Hint{"GlobalAvgPooling", "leave out the global pool, or use one over a window of fixed size"},
    Hint{"mean", "leave out the mean over the image, or use a pool over a window of fixed size"},
    Hint{"norm", kNorm},
    Hint{"SoftMax", "take the softmax over the channels"},
    Hint{"Softmax", "take the softmax over the channels"},
    Hint{"BatchMatrixMultiply", kAttention},
    Hint{"Attention", kAttention},
    Hint{"FullyConnected", "replace the fully connected layer by a 1x1 convolution"},
    Hint{"Resize", "resize by 2, 4, ... without align_corners, or use a transposed convolution"},
    Hint{"upsample", "upsample by a whole factor, or bilinearly by a power of two"},
    Hint{"slice_scatter", "pad with zeros, mirrored or repeated edges, not circularly"},
    Hint{"_empty_dim_order", "pad with zeros, mirrored or repeated edges, not circularly"},
    Hint{"avg_pool2d", "pool with count_include_pad=False, or without padding"},
    Hint{"Convert", "quantise the network statically, or export it in f32 or f16"},
    Hint{"16", "export the network in f32 or f16"},
    Hint{"dim_order", "leave out changes of data type inside the network: x * 2.0, not x * 2"},
    Hint{"Slice", "leave out cropping; a convolution with padding keeps the size"},
    Hint{"tensor",
         "export a network from images (1 x channels x rows x columns) to images; inputs a whole "
         "number of times as large as the smallest"},
    Hint{"Backend", "export the network with XnnpackPartitioner alone"},
    Hint{"arguments", "export a method from images to images"},
    Hint{"aten::",
         "export with XnnpackPartitioner; where it stays outside XNNPACK, replace the operator"},
};

}  // namespace

std::string hint_for(const Blocker& blocker, Verdict verdict) {
  for (const Hint& hint : kHintsByReason) {
    if (blocker.why.contains(hint.part)) return hint.advice;
  }
  for (const Hint& hint : kHintsByOperator) {
    if (blocker.op.contains(hint.part)) return hint.advice;
  }
  return verdict == Verdict::not_exact
             ? "replace it by operators that look at a neighbourhood of fixed size"
             : "replace it by convolutions, pools, pointwise operators or bilinear upsampling by 2";
}

std::vector<std::string> ways_out(const Model& model, const MethodInfo& method) {
  const auto tile = approximate_tile(model, method.name);
  if (!tile) return {};
  const std::string size = to_string(*tile);
  return {
      fmt::format("--approximate runs it in overlapping tiles of {}, blended: not the bits of "
                  "a whole-image run",
                  size),
      fmt::format("an image of exactly {} is one such tile: the bits of a whole-image run", size)};
}

Error with_way_out(Error error, const Model& model, const std::string& method) {
  const auto info = model.method(method);
  const bool refused = error.code == ErrorCode::not_exact || error.code == ErrorCode::unsupported;
  if (!info || !refused) return error;
  const auto ways = ways_out(model, **info);
  if (!ways.empty()) error.message += "; " + ways.front();
  return error;
}

}  // namespace sectile::cli
