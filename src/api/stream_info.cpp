#include <algorithm>
#include <vector>

#include "sectile/model.h"
#include "src/base/catch_exceptions.h"
#include "src/base/integers.h"
#include "src/footprint/footprint.h"
#include "src/model/find_exact_method.h"
#include "src/plan/stream_networks.h"

namespace sectile {

using namespace internal;

namespace {

Result<StreamInfo> stream_info_of(const Graph& graph, const Footprint& footprint) {
  // Any image will do that is far larger than the network reaches, and by whole grid steps larger
  // than the exported one.
  constexpr Size kLarger{4096, 1024};
  constexpr std::int64_t kStepRows = 64;
  const Size exported = graph.image_size();
  const Size image{exported.height + round_up(kLarger.height, footprint.y.grid),
                   exported.width + round_up(kLarger.width, footprint.x.grid)};
  auto networks = StreamNetworkCache::over(graph, image);
  if (!networks) return fail(networks.error());
  const auto network = networks->of(networks->all_columns(), round_up(kStepRows, footprint.y.grid));
  if (!network) return fail(network.error());
  std::int64_t history_bytes = 0;
  for (const RowBuffer& buffer : (*network)->row_buffers()) {
    history_bytes += buffer.history_rows * buffer.row_bytes();
  }
  return StreamInfo{(*network)->lag_rows(),
                    ceil_div(history_bytes, (*network)->image().columns.size())};
}

Result<StreamInfo> stream_info_of(const std::vector<MethodStage>& stages) {
  StreamInfo all;
  for (const MethodStage& stage : stages) {
    const auto info = stream_info_of(*stage.method.graph, stage.footprint);
    if (!info) return info;
    all.lag_rows = info->lag_rows;
    all.history_bytes_per_column =
        std::max(all.history_bytes_per_column, info->history_bytes_per_column);
  }
  return all;
}

}  // namespace

Result<StreamInfo> stream_info(const Model& model, const std::string& method) {
  return catch_exceptions("[stream]", [&]() -> Result<StreamInfo> {
    const auto data = find_exact_method(model, method);
    if (!data) return fail(data.error());
    if (!(*data)->stages.empty()) return stream_info_of((*data)->stages);
    return stream_info_of(*(*data)->method->graph, *(*data)->footprint);
  });
}

}  // namespace sectile
