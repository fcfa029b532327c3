#include "src/program/foreign_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "src/graph/operator.h"
#include "src/program/adaptive_pool.h"

namespace sectile::internal {

namespace {

enum class Mixes {
  no,
  yes,
  by_dims,  // unless it reduces the channels alone
  by_parts  // unless each of its values is the mean of some pixels
};

struct ForeignKernel {
  std::string_view begin;  // of its name
  BlockerReason reason;
  Mixes mixes = Mixes::no;
};

// The first row that fits a kernel holds.
constexpr std::array kKernels = {
    ForeignKernel{"aten::native_group_norm", BlockerReason::whole_image_norm, Mixes::yes},
    ForeignKernel{"aten::_native_batch_norm_legit", BlockerReason::whole_image_norm, Mixes::yes},
    ForeignKernel{"aten::native_layer_norm", BlockerReason::whole_image_norm},
    ForeignKernel{"aten::_adaptive_avg_pool2d", BlockerReason::whole_image_pool, Mixes::by_parts},
    ForeignKernel{"aten::adaptive_max_pool2d", BlockerReason::whole_image_pool, Mixes::yes},
    ForeignKernel{"aten::mean", BlockerReason::whole_image_pool, Mixes::by_dims},
    ForeignKernel{"aten::sum", BlockerReason::whole_image_pool, Mixes::by_dims},
    ForeignKernel{"aten::amax", BlockerReason::whole_image_pool, Mixes::by_dims},
    ForeignKernel{"aten::amin", BlockerReason::whole_image_pool, Mixes::by_dims},
    ForeignKernel{"aten::var", BlockerReason::whole_image_pool, Mixes::by_dims},
    ForeignKernel{"aten::upsample", BlockerReason::resize_factor},
    ForeignKernel{"aten::avg_pool2d", BlockerReason::pool_padding},
    ForeignKernel{"aten::slice_scatter", BlockerReason::padding},
    ForeignKernel{"aten::index.", BlockerReason::resize_factor},
    ForeignKernel{"dim_order_ops::_empty_dim_order", BlockerReason::padding},
    ForeignKernel{"dim_order_ops::", BlockerReason::type_conversion},
    ForeignKernel{"aten::_to_copy", BlockerReason::type_conversion}};

const ForeignKernel* find_kernel(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kKernels, [&](const ForeignKernel& kernel) { return name.starts_with(kernel.begin); });
  return found == kKernels.end() ? nullptr : found;
}

// The dims that a reduction takes together are its second argument.
bool reduces_channels_alone(const MethodValues& values, const ValueIndices& arguments) {
  const auto dims = arguments.size() > 1 ? values.integers(arguments.Get(1)) : std::nullopt;
  constexpr std::int64_t kFromTheEnd = -3;
  return dims && !dims->empty() && std::ranges::all_of(*dims, [](std::int64_t dim) {
           return dim == 1 || dim == kFromTheEnd;
         });
}

// Of products the graph alone tells whether they lie in windows.
bool is_decisive(const Blocker& blocker) {
  if (blocker.op == kMatrixProduct) return false;
  constexpr std::array kReasons = {BlockerReason::whole_image_pool, BlockerReason::whole_image_norm,
                                   BlockerReason::whole_image_softmax, BlockerReason::attention};
  return std::ranges::find(kReasons, blocker.reason) != kReasons.end();
}

}  // namespace

bool mixes_whole_image(const MethodValues& values, std::string_view kernel,
                       const ValueIndices* arguments) {
  const ForeignKernel* found = find_kernel(kernel);
  if (found == nullptr || found->mixes == Mixes::no) return false;
  if (found->mixes == Mixes::yes || arguments == nullptr) return true;
  if (found->mixes == Mixes::by_parts) return !adaptive_window(values, *arguments);
  return !reduces_channels_alone(values, *arguments);
}

bool pools_whole_image(const MethodValues& values, std::string_view kernel,
                       const ValueIndices* arguments) {
  const ForeignKernel* found = find_kernel(kernel);
  return found != nullptr && found->mixes == Mixes::by_parts &&
         mixes_whole_image(values, kernel, arguments);
}

BlockerReason reason_for_kernel(std::string_view kernel, bool mixes_whole_image) {
  const ForeignKernel* found = find_kernel(kernel);
  const bool fits = found != nullptr && (found->mixes != Mixes::by_dims || mixes_whole_image);
  return fits ? found->reason : BlockerReason::outside_xnnpack;
}

std::vector<Blocker> merged(std::vector<Blocker> blockers) {
  std::vector<Blocker> merged;
  std::vector<int> counts;
  for (Blocker& blocker : blockers) {
    const auto same = std::ranges::find_if(merged, [&](const Blocker& other) {
      return other.node == blocker.node && other.op == blocker.op && other.why == blocker.why;
    });
    if (same != merged.end()) {
      ++counts[static_cast<std::size_t>(same - merged.begin())];
    } else {
      merged.push_back(std::move(blocker));
      counts.push_back(1);
    }
  }
  for (std::size_t i = 0; i < merged.size(); ++i) {
    if (counts[i] > 1) merged[i].node += fmt::format(", {} times", counts[i]);
  }
  std::ranges::stable_partition(merged, is_decisive);
  return merged;
}

}  // namespace sectile::internal
