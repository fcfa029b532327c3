#include "cli/hints.h"

#include <array>

namespace sectile::cli {

namespace {

struct Hint {
  const char* part_of_op;
  const char* advice;
};

// The first row whose text is part of the operator's name gives the hint.
constexpr std::array kHints = {
    Hint{"GlobalAvgPooling", "leave out the global pool, or use one over a window of fixed size"},
    Hint{"mean", "leave out the mean, or use a pool over a window of fixed size"},
    Hint{"norm", "use batch norm, which the export folds into the convolutions"},
    Hint{"SoftMax", "take the softmax over the channels"},
    Hint{"Softmax", "take the softmax over the channels"},
    Hint{"BatchMatrixMultiply", "replace attention over the image by convolutions"},
    Hint{"Attention", "replace attention over the image by convolutions"},
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
  for (const Hint& hint : kHints) {
    if (blocker.op.find(hint.part_of_op) != std::string::npos) return hint.advice;
  }
  return verdict == Verdict::not_exact
             ? "replace it by operators that look at a neighbourhood of fixed size"
             : "replace it by convolutions, pools, pointwise operators or bilinear upsampling by 2";
}

}  // namespace sectile::cli
