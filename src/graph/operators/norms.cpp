// Instance and group norm: they take the mean and the deviation of each channel over the whole
// image, and apply them to each pixel. ExecuTorch's kernels do both at once; stages of a run do one
// after the other, with a kernel of Sectile's own for the second (src/base/moments.h).
//
// Of the kernels the image is planar, and they add up its rows one after the other, and the
// channels of a group.
#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "src/base/moments.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/passes/data_movement.h"

namespace sectile::internal {
namespace {
using Argument = KernelCall::Argument;

constexpr std::string_view kMoments = "Moments";
constexpr std::string_view kInstanceNorm = "aten::_native_batch_norm_legit.no_stats_out";
constexpr std::string_view kGroupNorm = "aten::native_group_norm.out";

std::int64_t channels_of(const Shape& planar) {
  return planar.dims.size() > 1 ? planar.dims[1] : 1;
}

Status require_planar_image(const Shape& image) {
  if (is_planar_image(image)) return {};
  return fail(ErrorCode::not_exact,
              fmt::format("it normalises {}, which is not one image of rows and columns",
                          to_string(image)));
}

// A number for each channel, or none at all.
Status require_numbers(const NodeView& view, std::span<const Shape> inputs) {
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i].dims == std::vector{channels_of(inputs[0])}) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("{} has weights of shape {} for {} channels", view.node.op,
                            to_string(inputs[i]), channels_of(inputs[0])));
  }
  return {};
}

Result<Shape> instance_shape(const NodeView& view, std::span<const Shape> inputs) {
  if (auto status = require_planar_image(inputs[0]); !status) return fail(status.error());
  if (auto status = require_numbers(view, inputs); !status) return fail(status.error());
  return inputs[0];
}

// ---- group norm: input, weights, biases, batch, channels, pixels, groups, epsilon

constexpr std::size_t kBatch = 3;
constexpr std::size_t kChannels = 4;
constexpr std::size_t kPixels = 5;
constexpr std::size_t kGroups = 6;

std::int64_t integer_at(const NodeView& view, std::size_t index) {
  return *operators::kernel_argument<std::int64_t>(view, index);
}

std::int64_t pixels_of(const Shape& image) { return image.length(Axis::y) * image.length(Axis::x); }

Result<Shape> group_shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& image = inputs[0];
  if (auto status = require_planar_image(image); !status) return fail(status.error());
  if (auto status = require_numbers(view, inputs); !status) return fail(status.error());
  const Shape exported{view.input(0).shape.dims, 2, 3};
  if (integer_at(view, kBatch) != 1 || integer_at(view, kChannels) != channels_of(image) ||
      integer_at(view, kPixels) != pixels_of(exported)) {
    return fail(ErrorCode::corrupt, fmt::format("it is of {} channels of {} pixels, and given {}",
                                                integer_at(view, kChannels),
                                                integer_at(view, kPixels), to_string(exported)));
  }
  const std::int64_t groups = integer_at(view, kGroups);
  if (groups >= 1 && channels_of(image) % groups == 0) return image;
  return fail(ErrorCode::corrupt,
              fmt::format("{} channels make no {} groups", channels_of(image), groups));
}

void fit_pixels(const NodeView& view, Node& node) {
  std::get<KernelCall>(node.attributes).arguments[kPixels] = pixels_of(view.input(0).shape);
}

std::vector<Shape> instance_unread(const NodeView& view) {
  const Shape shape{{channels_of(view.input(0).shape)}, -1, -1};
  return {shape, shape};
}
std::vector<Shape> group_unread(const NodeView& view) {
  const Shape shape{{1, integer_at(view, kGroups)}, -1, -1};
  return {shape, shape};
}

// ---- apart

ValueId weights_or(const NodeView& view, std::size_t argument, float number, Graph& graph) {
  const auto* given = operators::kernel_argument<KernelCall::Input>(view, argument);
  if (given != nullptr) return view.node.inputs[given->index];
  const std::int64_t channels = channels_of(view.input(0).shape);
  const std::vector<float> numbers(static_cast<std::size_t>(channels), number);
  return add_numbers(graph, {channels}, numbers);
}

void take_apart(const NodeView& view, const Normalization& norm, std::int64_t group_channels,
                Graph& graph) {
  constexpr std::size_t kWeights = 1;
  constexpr std::size_t kBiases = 2;
  const ValueId image = view.node.inputs[0];
  Node sums;
  sums.op = kMoments;
  sums.inputs = {image};
  sums.attributes = ChannelGroups{group_channels};
  sums.output = add_like(
      graph, image, {{1, 1, 1, Moments::numbers_of(channels_of(view.input(0).shape))}, -1, -1});
  graph.nodes.push_back(sums);
  const ValueId turned = transpose(graph, image, {0, 2, 3, 1});
  Node applied;
  applied.op = kNormalize;
  applied.inputs = {turned, sums.output, weights_or(view, kWeights, 1, graph),
                    weights_or(view, kBiases, 0, graph)};
  applied.attributes = KernelCall{{KernelCall::Input{0}, KernelCall::Input{1}, KernelCall::Input{2},
                                   KernelCall::Input{3}, norm.numbers(), KernelCall::Output{}}};
  applied.output = add_like(graph, turned, graph.shape(turned));
  graph.nodes.push_back(applied);
  finish_lowering(view, graph, transpose(graph, applied.output, {0, 3, 1, 2}));
}

void take_instance_apart(const NodeView& view, Graph& graph) {
  constexpr std::size_t kEpsilon = 5;
  const double epsilon = *operators::kernel_argument<double>(view, kEpsilon);
  take_apart(view, {Normalization::Kernel::instance_norm, epsilon}, 1, graph);
}

void take_group_apart(const NodeView& view, Graph& graph) {
  constexpr std::size_t kEpsilon = 7;
  const bool has_weights = view.node.inputs.size() > 1;
  const auto kernel = has_weights ? Normalization::Kernel::group_norm
                                  : Normalization::Kernel::group_norm_without_weights;
  const double epsilon = *operators::kernel_argument<double>(view, kEpsilon);
  take_apart(view, {kernel, epsilon}, channels_of(view.input(0).shape) / integer_at(view, kGroups),
             graph);
}

// ---- the rules

double cost(const NodeView& view) {
  constexpr double kPerValue = 6;
  return kPerValue * static_cast<double>(view.input(0).shape.elements());
}

constexpr KernelFormat kInstanceFormat{
    .arguments = "tTTbdd", .outputs = 3, .unread = instance_unread};
constexpr KernelFormat kGroupFormat{.arguments = "tTTiiiid", .outputs = 3, .unread = group_unread};

constexpr OperatorRule norm(std::string_view op, const KernelFormat& format,
                            Result<Shape> (*shape)(const NodeView&, std::span<const Shape>)) {
  return {.op = op,
          .kernel = &format,
          .shape = shape,
          .reach = operators::same_range,
          .scale = operators::unit_scale,
          .cost = cost,
          .memory = operators::no_memory,
          .limits = "of f32, over a whole image, in a pass of its own",
          .refusals = {.not_exact = BlockerReason::whole_image_norm,
                       .unsupported = BlockerReason::whole_image_norm},
          .types = operators::floats_alone,
          .order_matters = true};
}

constexpr OperatorRule instance_norm() {
  OperatorRule rule = norm(kInstanceNorm, kInstanceFormat, instance_shape);
  rule.take_apart = take_instance_apart;
  return rule;
}

constexpr OperatorRule group_norm() {
  OperatorRule rule = norm(kGroupNorm, kGroupFormat, group_shape);
  rule.fit = fit_pixels;
  rule.take_apart = take_group_apart;
  return rule;
}

Result<Shape> moments_shape(const NodeView&, std::span<const Shape> inputs) {
  return Shape{{1, 1, 1, Moments::numbers_of(channels_of(inputs[0]))}, -1, -1};
}

constexpr OperatorRule moments() {
  return {.op = kMoments,
          .shape = moments_shape,
          .reach = operators::same_range,
          .scale = operators::unit_scale,
          .cost = cost,
          .memory = operators::no_memory,
          .limits = "not XNNPACK's: what a norm takes of an image",
          .types = operators::floats_alone,
          .statistic = Statistic::moments};
}

// By Sectile's own kernel. Programs that are read cannot hold it.
constexpr KernelFormat kNormalizeFormat{.arguments = "ttttl", .is_own = true};

constexpr OperatorRule normalize() {
  return {.op = kNormalize,
          .kernel = &kNormalizeFormat,
          .shape = operators::same_shape,
          .reach = operators::same_range,
          .scale = operators::unit_scale,
          .cost = cost,
          .memory = operators::no_memory,
          .crop = {operators::exact_part<operators::same_range>},
          .types = operators::floats_alone};
}

constexpr std::array kRules = {instance_norm(), group_norm(), moments(), normalize()};
}  // namespace

std::span<const OperatorRule> norms_rules() { return kRules; }

}  // namespace sectile::internal
