#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sectile/run.h"
#include "src/base/catch_exceptions.h"
#include "src/base/count_text.h"
#include "src/model/find_exact_method.h"

namespace sectile {

using namespace internal;

namespace {

bool has_one_size(const MethodInfo& method) {
  return std::ranges::all_of(method.input_scales, [](Size scale) { return scale == Size{1, 1}; });
}

// Bands that were taken from one image too many and another too few would meet the wrong pixels.
Status check_bands(const MethodInfo& method,
                   const std::vector<std::unique_ptr<ImageSource>>& images) {
  const auto& channels = method.input_channels;
  if (images.size() != channels.size()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[join] the network '{}' has {} inputs of several sizes and {} images "
                            "were given",
                            method.name, channels.size(), images.size()));
  }
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (images[i] == nullptr) {
      return fail(ErrorCode::invalid_argument, fmt::format("[join] image {} is missing", i + 1));
    }
    const int bands = images[i]->info().bands;
    if (bands == channels[i]) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("[join] input {} has {} and the network '{}' takes {} there", i + 1,
                            count_text(bands, "band"), method.name, channels[i]));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ImageSource>> join_inputs(const Model& model, const std::string& method,
                                                 std::vector<std::unique_ptr<ImageSource>> images) {
  return catch_exceptions("[join]", [&]() -> Result<std::unique_ptr<ImageSource>> {
    if (images.size() <= 1) return join_images(std::move(images));
    const auto info = model.method(method);
    if (!info) return fail(info.error());
    if (const auto exact = find_exact_method(model, method); !exact) return fail(exact.error());
    if (has_one_size(**info)) return join_images(std::move(images));
    if (auto status = check_bands(**info, images); !status) return fail(status.error());
    return join_images(std::move(images), (*info)->input_scales);
  });
}

}  // namespace sectile
