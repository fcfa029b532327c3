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
constexpr KernelFormat kTensorBounds{.arguments = "tTT"};
constexpr KernelFormat kScaledSum{.arguments = "ttn"};
constexpr KernelFormat kFilled{.arguments = "tnI"};

Status compared(const NodeView& view) {
  return operators::require_types(view, DataType::f32, DataType::boolean);
}

Status logical(const NodeView& view) {
  return operators::require_types(view, DataType::boolean, DataType::boolean);
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

constexpr auto kFloats = operators::floats_alone;

constexpr std::array kRules = {rule("aten::abs.out", kFloats),
                               rule("aten::acos.out", kFloats),
                               rule("aten::acosh.out", kFloats),
                               rule("aten::asin.out", kFloats),
                               rule("aten::asinh.out", kFloats),
                               rule("aten::atan.out", kFloats),
                               rule("aten::atanh.out", kFloats),
                               rule("aten::ceil.out", kFloats),
                               rule("aten::cos.out", kFloats),
                               rule("aten::cosh.out", kFloats),
                               rule("aten::erf.out", kFloats),
                               rule("aten::exp.out", kFloats),
                               rule("aten::expm1.out", kFloats),
                               rule("aten::floor.out", kFloats),
                               rule("aten::log.out", kFloats),
                               rule("aten::log10.out", kFloats),
                               rule("aten::log1p.out", kFloats),
                               rule("aten::log2.out", kFloats),
                               rule("aten::neg.out", kFloats),
                               rule("aten::reciprocal.out", kFloats),
                               rule("aten::relu.out", kFloats),
                               rule("aten::round.out", kFloats),
                               rule("aten::rsqrt.out", kFloats),
                               rule("aten::sigmoid.out", kFloats),
                               rule("aten::sign.out", kFloats),
                               rule("aten::sin.out", kFloats),
                               rule("aten::sinh.out", kFloats),
                               rule("aten::sqrt.out", kFloats),
                               rule("aten::tan.out", kFloats),
                               rule("aten::tanh.out", kFloats),
                               rule("aten::trunc.out", kFloats),
                               rule("aten::elu.out", kFloats, kThreeNumbers),
                               rule("aten::hardtanh.out", kFloats, kTwoNumbers),
                               rule("aten::leaky_relu.out", kFloats, kNumber),
                               rule("aten::clamp.out", kFloats, kBounds),
                               rule("aten::pow.Tensor_Scalar_out", kFloats, kNumber),
                               rule("aten::fmod.Scalar_out", kFloats, kNumber),
                               rule("aten::remainder.Scalar_out", kFloats, kNumber),
                               rule("aten::mul.Scalar_out", kFloats, kNumber),
                               rule("aten::div.Scalar_out", kFloats, kNumber),
                               rule("aten::add.Scalar_out", kFloats, kTwoNumbers),
                               rule("aten::sub.Scalar_out", kFloats, kTwoNumbers),
                               rule("aten::rsub.Scalar_out", kFloats, kTwoNumbers),
                               rule("aten::full_like.out", kFloats, kFilled),
                               rule("aten::add.out", kFloats, kScaledSum),
                               rule("aten::sub.out", kFloats, kScaledSum),
                               rule("aten::mul.out", kFloats, kTwo),
                               rule("aten::div.out", kFloats, kTwo),
                               rule("aten::maximum.out", kFloats, kTwo),
                               rule("aten::minimum.out", kFloats, kTwo),
                               rule("aten::atan2.out", kFloats, kTwo),
                               rule("aten::pow.Tensor_Tensor_out", kFloats, kTwo),
                               rule("aten::fmod.Tensor_out", kFloats, kTwo),
                               rule("aten::remainder.Tensor_out", kFloats, kTwo),
                               rule("aten::gt.Scalar_out", compared, kNumber),
                               rule("aten::ge.Scalar_out", compared, kNumber),
                               rule("aten::lt.Scalar_out", compared, kNumber),
                               rule("aten::le.Scalar_out", compared, kNumber),
                               rule("aten::eq.Scalar_out", compared, kNumber),
                               rule("aten::ne.Scalar_out", compared, kNumber),
                               rule("aten::gt.Tensor_out", compared, kTwo),
                               rule("aten::ge.Tensor_out", compared, kTwo),
                               rule("aten::lt.Tensor_out", compared, kTwo),
                               rule("aten::le.Tensor_out", compared, kTwo),
                               rule("aten::eq.Tensor_out", compared, kTwo),
                               rule("aten::ne.Tensor_out", compared, kTwo),
                               rule("aten::logical_and.out", logical, kTwo),
                               rule("aten::logical_or.out", logical, kTwo),
                               rule("aten::logical_xor.out", logical, kTwo),
                               rule("aten::logical_not.out", logical),
                               rule("aten::bitwise_and.Tensor_out", logical, kTwo),
                               rule("aten::bitwise_or.Tensor_out", logical, kTwo),
                               rule("aten::bitwise_xor.Tensor_out", logical, kTwo),
                               rule("aten::bitwise_not.out", logical),
                               rule("aten::isnan.out", compared),
                               rule("aten::isinf.out", compared),
                               rule("aten::clamp.Tensor_out", kFloats, kTensorBounds),
                               rule("aten::where.self_out", choice_types, kThree)};
}  // namespace

std::span<const OperatorRule> elementwise_kernels_rules() { return kRules; }

}  // namespace sectile::internal
