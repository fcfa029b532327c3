// Kernels of ExecuTorch's own that make each value from the same value of their inputs: functions,
// comparisons and choices that XNNPACK does not have.
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

namespace sectile::internal {
namespace {

constexpr KernelFormat kOne{.arguments = "t"};
constexpr KernelFormat kTwo{.arguments = "tt"};
constexpr KernelFormat kThree{.arguments = "ttt"};
constexpr KernelFormat kNumber{.arguments = "tn"};
constexpr KernelFormat kTwoNumbers{.arguments = "tnn"};
constexpr KernelFormat kThreeNumbers{.arguments = "tnnn"};
constexpr KernelFormat kBounds{.arguments = "tNN"};
constexpr KernelFormat kScaledSum{.arguments = "ttn"};

template <DataType in, DataType out>
Status types(const NodeView& view) {
  for (std::size_t i = 0; i < view.node.inputs.size(); ++i) {
    if (auto status = operators::require_type(view.input(i), in); !status) return status;
  }
  return operators::require_type(view.output(), out);
}

// where(condition, a, b)
Status choice_types(const NodeView& view) {
  if (auto status = operators::require_type(view.input(0), DataType::boolean); !status) {
    return status;
  }
  for (const std::size_t i : {1U, 2U}) {
    if (auto status = operators::require_type(view.input(i), DataType::f32); !status) return status;
  }
  return operators::require_type(view.output(), DataType::f32);
}

// Portable kernels call the C library for every value: measured beside the multiply-adds of wide
// convolutions.
double cost(const NodeView& view) {
  constexpr double kPerValue = 100;
  return kPerValue * static_cast<double>(view.output_shape().elements());
}

constexpr OperatorRule rule(std::string_view name, Status (*types)(const NodeView&),
                            const KernelFormat& format = kOne) {
  return {.op = name,
          .kernel = &format,
          .shape = operators::pointwise_shape,
          .reach = operators::same_range,
          .scale = operators::unit_scale,
          .cost = cost,
          .memory = operators::no_memory,
          .crop = {operators::exact_part<operators::same_range>},
          .limits = "of f32; a constant may vary over channels",
          .refusals = {.not_exact = BlockerReason::position_dependent,
                       .unsupported = BlockerReason::different_scales},
          .types = types};
}

constexpr auto kOfFloats = types<DataType::f32, DataType::f32>;
constexpr auto kCompares = types<DataType::f32, DataType::boolean>;
constexpr auto kOfBools = types<DataType::boolean, DataType::boolean>;

constexpr std::array kRules = {rule("aten::abs.out", kOfFloats),
                               rule("aten::acos.out", kOfFloats),
                               rule("aten::acosh.out", kOfFloats),
                               rule("aten::asin.out", kOfFloats),
                               rule("aten::asinh.out", kOfFloats),
                               rule("aten::atan.out", kOfFloats),
                               rule("aten::atanh.out", kOfFloats),
                               rule("aten::ceil.out", kOfFloats),
                               rule("aten::cos.out", kOfFloats),
                               rule("aten::cosh.out", kOfFloats),
                               rule("aten::erf.out", kOfFloats),
                               rule("aten::exp.out", kOfFloats),
                               rule("aten::expm1.out", kOfFloats),
                               rule("aten::floor.out", kOfFloats),
                               rule("aten::log.out", kOfFloats),
                               rule("aten::log10.out", kOfFloats),
                               rule("aten::log1p.out", kOfFloats),
                               rule("aten::log2.out", kOfFloats),
                               rule("aten::neg.out", kOfFloats),
                               rule("aten::reciprocal.out", kOfFloats),
                               rule("aten::relu.out", kOfFloats),
                               rule("aten::round.out", kOfFloats),
                               rule("aten::rsqrt.out", kOfFloats),
                               rule("aten::sigmoid.out", kOfFloats),
                               rule("aten::sign.out", kOfFloats),
                               rule("aten::sin.out", kOfFloats),
                               rule("aten::sinh.out", kOfFloats),
                               rule("aten::sqrt.out", kOfFloats),
                               rule("aten::tan.out", kOfFloats),
                               rule("aten::tanh.out", kOfFloats),
                               rule("aten::trunc.out", kOfFloats),
                               rule("aten::elu.out", kOfFloats, kThreeNumbers),
                               rule("aten::hardtanh.out", kOfFloats, kTwoNumbers),
                               rule("aten::leaky_relu.out", kOfFloats, kNumber),
                               rule("aten::clamp.out", kOfFloats, kBounds),
                               rule("aten::pow.Tensor_Scalar_out", kOfFloats, kNumber),
                               rule("aten::fmod.Scalar_out", kOfFloats, kNumber),
                               rule("aten::remainder.Scalar_out", kOfFloats, kNumber),
                               rule("aten::add.out", kOfFloats, kScaledSum),
                               rule("aten::sub.out", kOfFloats, kScaledSum),
                               rule("aten::mul.out", kOfFloats, kTwo),
                               rule("aten::div.out", kOfFloats, kTwo),
                               rule("aten::maximum.out", kOfFloats, kTwo),
                               rule("aten::minimum.out", kOfFloats, kTwo),
                               rule("aten::atan2.out", kOfFloats, kTwo),
                               rule("aten::pow.Tensor_Tensor_out", kOfFloats, kTwo),
                               rule("aten::fmod.Tensor_out", kOfFloats, kTwo),
                               rule("aten::remainder.Tensor_out", kOfFloats, kTwo),
                               rule("aten::gt.Scalar_out", kCompares, kNumber),
                               rule("aten::ge.Scalar_out", kCompares, kNumber),
                               rule("aten::lt.Scalar_out", kCompares, kNumber),
                               rule("aten::le.Scalar_out", kCompares, kNumber),
                               rule("aten::eq.Scalar_out", kCompares, kNumber),
                               rule("aten::ne.Scalar_out", kCompares, kNumber),
                               rule("aten::gt.Tensor_out", kCompares, kTwo),
                               rule("aten::ge.Tensor_out", kCompares, kTwo),
                               rule("aten::lt.Tensor_out", kCompares, kTwo),
                               rule("aten::le.Tensor_out", kCompares, kTwo),
                               rule("aten::eq.Tensor_out", kCompares, kTwo),
                               rule("aten::ne.Tensor_out", kCompares, kTwo),
                               rule("aten::logical_and.out", kOfBools, kTwo),
                               rule("aten::logical_or.out", kOfBools, kTwo),
                               rule("aten::logical_xor.out", kOfBools, kTwo),
                               rule("aten::logical_not.out", kOfBools),
                               rule("aten::where.self_out", choice_types, kThree)};
}  // namespace

std::span<const OperatorRule> elementwise_kernels_rules() { return kRules; }

}  // namespace sectile::internal
