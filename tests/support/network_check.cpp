#include "tests/support/network_check.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <random>
#include <regex>
#include <utility>

#include "sectile/sectile.h"
#include "src/graph/infer.h"
#include "src/model/model_data.h"
#include "src/plan/axis.h"
#include "src/program/write_program.h"
#include "tests/program/temp_folder.h"
#include "tests/support/halves.h"
#include "tests/support/random_graph.h"
#include "tests/support/random_layers.h"

namespace sectile::internal::test {

namespace {

constexpr double kRefusedShare = 0.1;
constexpr double kPositiveShare = 0.1;
constexpr double kStatisticsShare = 0.25;
constexpr std::int64_t kMemoryBytes = std::int64_t{2} << 30;

// Noise; in every fourth image a part is 0 or -0.
std::vector<float> noise(std::int64_t values, RandomNumbers& random) {
  std::mt19937_64 engine(random.bits());
  std::uniform_real_distribution<float> uniform(-1, 1);
  const bool zeros = random.chance(0.25);
  std::vector<float> out(static_cast<std::size_t>(values));
  for (float& value : out) {
    value = uniform(engine);
    if (zeros && value < 0.2F) value = value < 0 ? -0.0F : 0.0F;
  }
  return out;
}

struct Image {
  ImageInfo info;
  std::vector<float> pixels;
};

class Checker {
 public:
  Checker(std::uint64_t seed, DataType type, const std::function<void(const std::string&)>& on_plan)
      : random_(seed), type_(type), on_plan_(on_plan) {
    check_.seed = seed;
  }

  NetworkCheck check() {
    RandomGraphOptions options{.seed = random_.bits()};
    options.refused = random_.chance(kRefusedShare) && type_ == DataType::f32;
    options.positive = random_.chance(kPositiveShare);
    options.plain_resizes = type_ == DataType::f16;
    options.statistics = random_.chance(kStatisticsShare) && type_ == DataType::f32;
    auto network = make_random_network(options);
    if (!network) {
      fails(network.error().message);
      return std::move(check_);
    }
    network_ = std::move(*network);
    if (type_ == DataType::f16) network_.program = in_halves(std::move(network_.program));
    check_file();
    return std::move(check_);
  }

 private:
  void note(Outcome outcome, const std::string& what) {
    check_.outcome = outcome;
    check_.problem = what + "\n" + describe(network_.program.graph());
  }
  void fails(const std::string& what) { note(Outcome::fails, what); }
  bool going_on() const { return check_.outcome == Outcome::exact; }

  void check_file() {
    const std::vector<MethodToWrite> methods{
        {"forward", &network_.program.method, &network_.program.graph()}};
    const auto memory = random_.chance(0.5) ? IoMemory::planned : IoMemory::caller;
    const auto content = write_program(methods, network_.program.weights, memory);
    if (!content) return fails(content.error().message);
    const TempFolder folder;
    const auto model = Model::open(folder.write("network.pte", **content), {.fixed_sizes = true});
    if (!model) return fails(model.error().message);
    const MethodInfo& method = model->methods()[0];
    if (method.verdict != Verdict::exact) return check_refusal(method.blockers);
    check_images(*model);
    const bool to_be_refused = !network_.refusal.empty();
    if (going_on() && to_be_refused && check_.refusals.empty()) {
      fails("it was not refused: " + network_.refusal);
    }
  }

  void check_refusal(const std::vector<Blocker>& blockers) {
    if (blockers.empty()) return fails("it is refused without a reason");
    const Blocker& first = blockers.front();
    const bool expected =
        !network_.refusal.empty() && first.why.find(network_.refusal) != std::string::npos;
    if (!expected) return fails("it is refused without a cause: " + first.op + ": " + first.why);
    check_.outcome = Outcome::refused;
    check_.refusals.push_back(first.op + ": " + general_reason(first.why));
  }

  void check_images(const Model& model) {
    const MethodData& data = model.data().methods[0];
    const Reach furthest = model.methods()[0].reach;
    const Size reach{furthest.top + furthest.bottom, furthest.left + furthest.right};
    const Size grid{data.footprint->y.grid, data.footprint->x.grid};
    // Room for inner tiles; less than what a stream lags; a few rows or columns.
    const Size room{reach.height + 6 * grid.height + random_.number(0, 40),
                    reach.width + 6 * grid.width + random_.number(0, 40)};
    check_image(model, room, true);
    check_image(model, {random_.number(1, reach.height + 1), random_.number(1, room.width)}, false);
    check_image(model, {random_.number(1, 3), random_.number(1, 40)}, false);
    check_image(model, {random_.number(1, 40), random_.number(1, 3)}, false);
  }

  void check_image(const Model& model, Size size, bool must_fit) {
    if (!going_on()) return;
    const MethodData& data = model.data().methods[0];
    const auto extended = extended_size(*data.method->graph, *data.footprint, size);
    if (!extended && extended.error().code == ErrorCode::unsupported) {
      refuse_size(model, size, ErrorCode::unsupported);
      const Size next = next_by_whole_steps(*data.method->graph, *data.footprint, size);
      if (next == size) return fails(extended.error().message);
      return check_image(model, next, must_fit);
    }
    const auto shapes =
        extended ? infer_shapes(*data.method->graph, *extended) : fail(extended.error());
    if (!shapes) {
      if (must_fit) return fails(to_string(size) + ": " + shapes.error().message);
      return refuse_size(model, size, ErrorCode::invalid_argument);
    }
    Image image = make_image(model, size);
    const auto y = axis_geometry(*data.method->graph, data.footprint->y, Axis::y, *shapes);
    const auto x = axis_geometry(*data.method->graph, data.footprint->x, Axis::x, *shapes);
    check_plan(model, image, tiles(smallest_tile_of(data, *extended)));
    check_plan(model, image,
               tiles(larger_of(
                   smallest_tile_of(data, *extended),
                   {tile_length(y, random_.number(1, 4)), tile_length(x, random_.number(1, 4))})));
    check_plan(model, image, steps(y.grid));
    check_plan(model, image, steps(y.grid * random_.number(1, 12)));
    if (must_fit) check_plan(model, image, any_plan());
  }

  static Size larger_of(Size a, Size b) {
    return {std::max(a.height, b.height), std::max(a.width, b.width)};
  }
  // Of all stages, the largest.
  static Size smallest_tile_of(const MethodData& data, Size extended) {
    Size smallest = smallest_tile_of(*data.method->graph, *data.footprint, extended);
    for (const MethodStage& stage : data.stages) {
      const Size own = smallest_tile_of(*stage.method.graph, stage.footprint, extended);
      smallest = larger_of(smallest, own);
    }
    return smallest;
  }
  static Size smallest_tile_of(const Graph& graph, const Footprint& footprint, Size extended) {
    const auto shapes = infer_shapes(graph, extended);
    return {smallest_tile(axis_geometry(graph, footprint.y, Axis::y, *shapes)),
            smallest_tile(axis_geometry(graph, footprint.x, Axis::x, *shapes))};
  }

  // A size that no shape fits, or that is not run, has to be refused by the front door too.
  void refuse_size(const Model& model, Size size, ErrorCode code) {
    const Image image = make_image(model, size);
    const auto plan = make_plan(model, image.info, any_plan());
    if (plan) return fails(to_string(size) + " is planned where no shapes fit");
    refused(plan.error(), code);
  }

  Image make_image(const Model& model, Size size) {
    Image image;
    image.info.size = size;
    image.info.bands = static_cast<int>(model.methods()[0].input.channels);
    image.info.pixel_type = PixelType::f32;
    image.pixels = noise(size.area() * image.info.bands, random_);
    return image;
  }

  PlanOptions any_plan() {
    PlanOptions options;
    options.threads = static_cast<int>(random_.number(1, 4));
    options.memory_bytes = kMemoryBytes;
    static constexpr std::array kKeeps = {KeepMode::automatic, KeepMode::none, KeepMode::memory,
                                          KeepMode::file};
    options.keep = random_.pick(kKeeps);
    return options;
  }
  PlanOptions tiles(Size tile) {
    PlanOptions options = any_plan();
    options.tile = tile;
    return options;
  }
  PlanOptions steps(std::int64_t rows) {
    PlanOptions options = any_plan();
    options.step_rows = rows;
    return options;
  }

  void check_plan(const Model& model, Image& image, const PlanOptions& options) {
    if (!going_on()) return;
    const auto plan = make_plan(model, image.info, options);
    if (!plan) {
      if (!options.step_rows) return fails(to_string(image.info.size) + plan.error().message);
      return refused(plan.error(), ErrorCode::unsupported);
    }
    const std::string what = to_string(image.info.size) + ", " + sectile::to_string(plan->mode()) +
                             " " + to_string(plan->tile_size()) + ", " +
                             std::to_string(plan->lanes()) + " lanes: ";
    if (on_plan_) on_plan_(what);
    MemorySource source(image.info, image.pixels);
    const auto report = verify(model, *plan, source);
    if (!report) return fails(what + report.error().message);
    if (report->values != plan->output_size().area() * plan->output_info().bands) {
      return fails(what + "not all values were compared");
    }
    if (report->differing > 0) {
      return note(Outcome::differs, what + std::to_string(report->differing) + " of " +
                                        std::to_string(report->values) + " values differ");
    }
    count(plan->mode());
  }

  void count(Mode mode) {
    ++(mode == Mode::stream ? check_.streamed : mode == Mode::tile ? check_.tiled : check_.whole);
  }

  void refused(const Error& error, ErrorCode expected) {
    if (error.code != expected || error.message.empty()) return fails(error.message);
    const std::string reason = general_reason(error.message);
    if (std::ranges::find(check_.refusals, reason) == check_.refusals.end()) {
      check_.refusals.push_back(reason);
    }
  }

  RandomNumbers random_;
  DataType type_;
  const std::function<void(const std::string&)>& on_plan_;
  RandomNetwork network_;
  NetworkCheck check_;
};

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::exact:
      return "exact";
    case Outcome::refused:
      return "refused";
    case Outcome::differs:
      return "differs";
    case Outcome::fails:
      return "fails";
  }
  return "fails";
}

std::string general_reason(const std::string& message) {
  static const std::regex area(R"(^\[\w+\] )");
  static const std::regex node(R"(node \d+ \((\w+)\))");
  static const std::regex number(R"(\b\d+(x\d+)*\b|0x[0-9a-f]+)");
  std::string text = std::regex_replace(message, area, "");
  text = std::regex_replace(text, node, "$1");
  text = std::regex_replace(text, number, "N");
  static const std::regex axis(R"(neither N (rows|columns) nor)");
  return std::regex_replace(text, axis, "neither N rows or columns nor");
}

NetworkCheck check_network(std::uint64_t seed,
                           const std::function<void(const std::string&)>& on_plan) {
  return Checker(seed, DataType::f32, on_plan).check();
}

NetworkCheck check_network_in_halves(std::uint64_t seed) {
  return Checker(seed, DataType::f16, {}).check();
}

}  // namespace sectile::internal::test
