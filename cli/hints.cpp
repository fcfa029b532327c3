#include "cli/hints.h"

#include <fmt/format.h>

#include <utility>

namespace sectile::cli {

namespace {

const char* advice_on(BlockerReason reason) {
  switch (reason) {
    case BlockerReason::whole_image_pool:
      return "leave out the global pool or mean, or use a pool over a window of fixed size; if the "
             "window is fixed and as large as the exported image, say --fixed-sizes";
    case BlockerReason::whole_image_norm:
      return "use batch norm, whose running statistics the export folds into the convolutions";
    case BlockerReason::whole_image_softmax:
      return "take the softmax over the channels";
    case BlockerReason::attention:
      return "replace attention over the image by convolutions";
    case BlockerReason::position_dependent:
      return "leave out what is added or multiplied by position; bicubic resizing runs by 2, 4, "
             "... and 1/2, 1/4, ..., without align_corners";
    case BlockerReason::fully_connected:
      return "replace it by a 1x1 convolution, or by nn.Linear over the channels";
    case BlockerReason::exported_size:
      return "if the number is fixed, export at a size that it cannot be taken for, or say "
             "--fixed-sizes; if it follows the image's size, no tile can have the same bits";
    case BlockerReason::resize_factor:
      return "resize bilinearly in f32, or by a whole factor (nearest), or by 2, 4, ... without "
             "align_corners (bicubic)";
    case BlockerReason::slice_end:
      return "leave out cropping; a convolution with padding keeps the size";
    case BlockerReason::padding:
      return "pad with zeros, mirrored or repeated edges, not circularly";
    case BlockerReason::pool_padding:
      return "pool without ceil_mode, and with count_include_pad=False or without padding";
    case BlockerReason::data_type:
      return "quantise the network statically to i8, or export it in f32 or f16";
    case BlockerReason::type_conversion:
      return "leave out changes of data type inside the network: x * 2.0, not x * 2";
    case BlockerReason::side_by_side:
      return "join along channels, not along rows or columns";
    case BlockerReason::wrapped_edges:
      return "leave out the shift of the windows: a mask of -100 keeps the opposite edge out only "
             "where scores differ by less than 12";
    case BlockerReason::different_scales:
      return "bring the values that are joined to one size, by resizing or strides";
    case BlockerReason::interface:
      return "export a network from images (1 x channels x rows x columns) to images; inputs a "
             "whole number of times as large as the smallest";
    case BlockerReason::other_backend:
      return "export the network with XnnpackPartitioner alone";
    case BlockerReason::outside_xnnpack:
      return "export with XnnpackPartitioner; where it stays outside XNNPACK, replace the operator";
    case BlockerReason::newer:
      return "export with an ExecuTorch version that Sectile reads, or use a newer Sectile";
    case BlockerReason::other:
      break;
  }
  return nullptr;
}

}  // namespace

std::string hint_for(const Blocker& blocker, Verdict verdict) {
  if (const char* advice = advice_on(blocker.reason)) return advice;
  return verdict == Verdict::not_exact
             ? "replace it by operators that look at a neighbourhood of fixed size"
             : "replace it by convolutions, pools, pointwise operators or bilinear upsampling by 2";
}

std::vector<std::string> ways_out(const Model& model, const MethodInfo& method) {
  if (method.verdict == Verdict::exact) return {};
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
