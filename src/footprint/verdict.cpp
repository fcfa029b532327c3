#include "sectile/footprint.h"

namespace sectile {

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact:
      return "exact";
    case Verdict::not_exact:
      return "not_exact";
    case Verdict::unsupported:
      return "unsupported";
  }
  return "unsupported";
}

const char* to_string(BlockerReason reason) {
  switch (reason) {
    case BlockerReason::whole_image_pool:
      return "whole_image_pool";
    case BlockerReason::whole_image_norm:
      return "whole_image_norm";
    case BlockerReason::whole_image_softmax:
      return "whole_image_softmax";
    case BlockerReason::attention:
      return "attention";
    case BlockerReason::position_dependent:
      return "position_dependent";
    case BlockerReason::fully_connected:
      return "fully_connected";
    case BlockerReason::exported_size:
      return "exported_size";
    case BlockerReason::resize_factor:
      return "resize_factor";
    case BlockerReason::slice_end:
      return "slice_end";
    case BlockerReason::padding:
      return "padding";
    case BlockerReason::pool_padding:
      return "pool_padding";
    case BlockerReason::data_type:
      return "data_type";
    case BlockerReason::type_conversion:
      return "type_conversion";
    case BlockerReason::side_by_side:
      return "side_by_side";
    case BlockerReason::wrapped_edges:
      return "wrapped_edges";
    case BlockerReason::different_scales:
      return "different_scales";
    case BlockerReason::interface:
      return "interface";
    case BlockerReason::other_backend:
      return "other_backend";
    case BlockerReason::outside_xnnpack:
      return "outside_xnnpack";
    case BlockerReason::newer:
      return "newer";
    case BlockerReason::other:
      return "other";
  }
  return "other";
}

}  // namespace sectile
