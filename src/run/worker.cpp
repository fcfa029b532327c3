#include "src/run/worker.h"

#include <optional>
#include <utility>

#include "src/run/stopwatch.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {

namespace {

class TileWorker final : public Worker {
 public:
  // Without a scale all of a tile's output is kept.
  TileWorker(std::optional<Scale> scale, std::unique_ptr<Session> session, TileBuffer input,
             TileBuffer output)
      : scale_(scale),
        session_(std::move(session)),
        input_(std::move(input)),
        output_(std::move(output)) {}

  Status begin() override { return {}; }

  Result<Done> compute(const TileTask& work, TaskSeconds& seconds) override {
    if (!work.shows_data) return Done::left_out;
    {
      const Stopwatch watch(seconds.copy);
      gather(work.input, {work.rows.input, work.columns.input}, session_->input().layout,
             input_.values());
    }
    {
      const Stopwatch watch(seconds.compute);
      session_->stand_at({work.rows.input.begin, work.columns.input.begin});
      auto status = session_->run(input_.values(), output_.values());
      if (!status) return fail(status.error());
    }
    const Stopwatch watch(seconds.copy);
    scatter(output_.values(), session_->output().layout, output_tile(work),
            {work.rows.output, work.columns.output}, work.output);
    return Done::computed;
  }

 private:
  // Where the network's output for this tile lies in the output image.
  Rect output_tile(const TileTask& work) const {
    if (!scale_) return {work.rows.output, work.columns.output};
    const Size size = session_->output().size;
    const std::int64_t y = work.rows.input.begin * scale_->y.num / scale_->y.den;
    const std::int64_t x = work.columns.input.begin * scale_->x.num / scale_->x.den;
    return {{y, y + size.height}, {x, x + size.width}};
  }

  std::optional<Scale> scale_;
  std::unique_ptr<Session> session_;
  TileBuffer input_;
  TileBuffer output_;
};

MakeWorker workers(std::optional<Scale> scale, LoadSession load_session) {
  return [scale, load = std::move(load_session)](int /*index*/) -> Result<std::unique_ptr<Worker>> {
    auto session = load();
    if (!session) return fail(session.error());
    auto input = TileBuffer::allocate((*session)->input().values());
    if (!input) return fail(input.error());
    auto output = TileBuffer::allocate((*session)->output().values());
    if (!output) return fail(output.error());
    return std::make_unique<TileWorker>(scale, std::move(*session), std::move(*input),
                                        std::move(*output));
  };
}

}  // namespace

MakeWorker tile_workers(Scale scale, LoadSession load_session) {
  return workers(scale, std::move(load_session));
}

MakeWorker whole_tile_workers(LoadSession load_session) {
  return workers({}, std::move(load_session));
}

}  // namespace sectile::internal
