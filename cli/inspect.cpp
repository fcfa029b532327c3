// sectile inspect: what a program is, and its footprint.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/facts_text.h"
#include "cli/hints.h"
#include "cli/json.h"
#include "cli/model_facts.h"
#include "cli/options.h"
#include "cli/text.h"
#include "sectile/model.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Example:
  sectile inspect denoise.pte

For each method: its input and output; how far an output pixel reaches into the input (reach); the
grid on which tiles start (alignment); output pixels per input pixel (scale); and the verdict:
  exact        any image, in tiles, with the bits of one whole-image run; "in 3 passes": statistics
               of the whole image (the mean of a squeeze-excite) are added up by earlier passes
  not_exact    a value depends on the whole image, so tiles would show; refused
  unsupported  Sectile has no rule for a part of the program; refused
A refused program is information, not a failure: the exit is 0. In JSON its reach, align and scale
are null; alternatives, of each blocker and of the method, say what can be done. "4 + 1 at 2x2" are
two inputs, the second twice as wide and high; all of the above counts pixels of the smallest.
What the model says of itself follows: in a file beside it (net.json beside net.pte), or in the
text that its constant method "sectile" returns; in JSON facts, null where there are none.)";

struct InspectOptions {
  ModelArgument model;
  bool json = false;
};

// "3 + 1 at 4x4": the second has so many columns and rows for one of the image's.
std::string parts_text(const std::vector<std::int64_t>& channels, const std::vector<Size>& scales) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const bool scaled = i < scales.size() && scales[i] != Size{1, 1};
    parts.push_back(std::to_string(channels[i]) + (scaled ? " at " + to_string(scales[i]) : ""));
  }
  return parts.size() > 1 ? fmt::format(" ({})", fmt::join(parts, " + ")) : "";
}

std::string tensor_text(const TensorInfo& tensor, const std::string& parts) {
  return fmt::format("{}, {}{}, exported at {}", tensor.dtype,
                     count_text(tensor.channels, "channel"), parts,
                     to_string(Size{tensor.height, tensor.width}));
}

std::string ratio_text(Ratio ratio) {
  return ratio.den == 1 ? std::to_string(ratio.num) : fmt::format("{}/{}", ratio.num, ratio.den);
}

void print_footprint(const MethodInfo& method) {
  const Reach& reach = method.reach;
  fmt::print("  reach      top {}, left {}, bottom {}, right {} input pixels\n", reach.top,
             reach.left, reach.bottom, reach.right);
  fmt::print("  alignment  tiles start at multiples of {}, {}\n", count_text(method.align.y, "row"),
             count_text(method.align.x, "column"));
  fmt::print("  scale      vertical {}, horizontal {} output pixels per input pixel\n",
             ratio_text(method.scale.y), ratio_text(method.scale.x));
}

void print_stream(const Model& model, const MethodInfo& method) {
  const auto stream = stream_info(model, method.name);
  if (!stream) {
    fmt::print("  stream     no: {}\n", stream.error().message);
    return;
  }
  fmt::print("  stream     {}output follows {} behind the input; {} kept for each column\n",
             method.passes > 1 ? "each pass; in the last one " : "",
             count_text(stream->lag_rows, "row"), bytes_text(stream->history_bytes_per_column));
}

void print_blockers(const MethodInfo& method) {
  for (const Blocker& blocker : method.blockers) {
    // Some nodes are called after their operator.
    const bool named = blocker.node.find(blocker.op) != std::string::npos;
    fmt::print("  blocker    {}: {}\n",
               named ? blocker.node : fmt::format("{}: {}", blocker.node, blocker.op), blocker.why);
    fmt::print("             hint: {}\n", hint_for(blocker, method.verdict));
  }
}

void print_assumptions(const MethodInfo& method) {
  for (const std::string& sentence : method.assumptions) {
    fmt::print("  assumed    {}\n", sentence);
  }
}

void print_ways_out(const Model& model, const MethodInfo& method) {
  for (const std::string& way : ways_out(model, method)) fmt::print("  instead    {}\n", way);
}

void print_method(const Model& model, const MethodInfo& method) {
  const bool exact = method.verdict == Verdict::exact;
  const std::string passes = method.passes > 1 ? fmt::format(" in {} passes", method.passes) : "";
  fmt::print("\n{}\n  verdict    {}{}\n", method.name, to_string(method.verdict), passes);
  fmt::print("  input      {}\n  output     {}\n",
             tensor_text(method.input, parts_text(method.input_channels, method.input_scales)),
             tensor_text(method.output, parts_text(method.output_channels, {})));
  if (exact) {
    print_footprint(method);
    print_stream(model, method);
    print_assumptions(method);
  }
  print_blockers(method);
  print_ways_out(model, method);
}

Result<Exit> inspect(const InspectOptions& options) {
  const auto model = options.model.open();
  if (!model) return fail(model.error());
  const auto facts = read_model_facts(*model);
  if (!facts) return fail(facts.error());
  if (options.json) {
    Json json = inspect_json(*model);
    json["facts"] = facts_json(*facts);
    print(json);
    return Exit::done;
  }
  fmt::print("{}: {}\n", model->path(),
             count_text(static_cast<std::int64_t>(model->methods().size()), "method"));
  for (const MethodInfo& method : model->methods()) print_method(*model, method);
  fmt::print("{}", facts_text(*facts));
  return Exit::done;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("inspect", "Say what a program is, and its footprint");
  command->footer(kFooter);
  auto options = std::make_shared<InspectOptions>();
  add_model(*command, options->model);
  add_json(*command, options->json);
  command->callback([&action, options] { action = [options] { return inspect(*options); }; });
}

}  // namespace sectile::cli
