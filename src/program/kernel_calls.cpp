#include "src/program/kernel_calls.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "src/graph/passes/data_movement.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;
using Argument = KernelCall::Argument;

constexpr std::int64_t kMostPadding = 1 << 16;
constexpr std::size_t kImageDims = 4;

class CallReader {
 public:
  CallReader(MethodGraphBuilder& builder, const OperatorRule& rule, const ValueIndices& arguments)
      : builder_(builder), rule_(rule), arguments_(arguments) {
    node_.op = rule.op;
  }

  // The outputs, and what the call returns, are the last arguments.
  Status read() {
    const std::size_t outputs = rule_.kernel->outputs;
    const std::size_t inputs = rule_.kernel->arguments.size();
    if (arguments_.size() != inputs + outputs + 1) {
      return unsupported("it has more or fewer arguments than Sectile knows of");
    }
    const ValueIndex out = argument(inputs);
    if (auto status = choose_order(out); !status) return status;
    for (std::size_t i = 0; i < inputs; ++i) {
      auto taken = take(i);
      if (!taken) return fail(taken.error());
      call_.arguments.push_back(std::move(*taken));
    }
    if (auto status = move_padding(); !status) return status;
    call_.arguments.emplace_back(KernelCall::Output{});
    for (std::size_t i = 1; i < outputs; ++i) {
      call_.arguments.emplace_back(KernelCall::Unread{i - 1});
    }
    node_.attributes = std::move(call_);
    if (!makes_windows()) return builder_.define(out, std::move(node_));
    node_.op = rule_.kernel->row_major;
    return define_row_major(builder_, std::move(node_), out);
  }

 private:
  ValueIndex argument(std::size_t index) const {
    return arguments_.Get(static_cast<std::uint32_t>(index));
  }

  // Inputs are brought into the output's order; where dims come or go, or the last ones count, all
  // lie plainly.
  Status choose_order(ValueIndex out) {
    const auto made = tensor_at(builder_, out);
    const auto in = tensor_at(builder_, argument(0));
    if (!made || !in) return fail(made ? in.error() : made.error());
    order_ = made->dim_order;
    const bool drops_dims = rule_.kernel->dims_argument != SIZE_MAX;
    if (!drops_dims && builder_.is_image(argument(0)) && in->sizes.size() > made->sizes.size()) {
      return fail(ErrorCode::corrupt, "its input has more dims than its output");
    }
    const bool must_be_plain = in->sizes.size() != made->sizes.size() || rule_.order_matters;
    if (!must_be_plain || order_ == plain_order(order_.size())) return {};
    return unsupported("it makes values in another order than their dims'");
  }

  // Whether the value is of the kind that the letter stands for (KernelFormat::arguments).
  static bool fits(const et::EValue& value, char kind) {
    const bool is_whole = value.val_as_Int() != nullptr;
    const bool is_fraction = value.val_as_Double() != nullptr;
    if (value.val_as_Null() != nullptr) return std::islower(kind) == 0;
    switch (std::tolower(kind)) {
      case 't':
        return value.val_as_Tensor() != nullptr;
      case 'n':
        return is_whole || is_fraction;
      case 'd':
        return is_fraction;
      case 'i':
        return is_whole;
      case 'b':
        return value.val_as_Bool() != nullptr;
      case 'l':
        return value.val_as_IntList() != nullptr;
      default:
        return false;
    }
  }

  bool makes_windows() const { return !rule_.kernel->row_major.empty(); }

  // Of an input with so many dims.
  std::vector<std::uint8_t> order_for(std::size_t dims) const {
    return dims == order_.size() ? order_ : plain_order(dims);
  }

  Result<Argument> take(std::size_t index) {
    const ValueIndex value = argument(index);
    const et::EValue* given = builder_.values().at(value);
    if (given == nullptr) return fail(ErrorCode::corrupt, "an argument of a kernel does not exist");
    if (!fits(*given, rule_.kernel->arguments[index])) {
      return unsupported("one of its arguments is of a kind that Sectile does not pass on");
    }
    if (index == rule_.kernel->dims_argument) return take_dims(value);
    if (given->val_as_Null() != nullptr) return KernelCall::None{};
    if (given->val_as_Tensor() != nullptr) return take_tensor(value);
    if (const auto* flag = given->val_as_Bool()) return flag->bool_val();
    if (const auto* number = given->val_as_Int()) return number->int_val();
    if (const auto* number = given->val_as_Double()) return number->double_val();
    if (auto list = builder_.values().integers(value)) return std::move(*list);
    return unsupported("one of its arguments is of a kind that Sectile does not pass on");
  }

  Result<Argument> take_tensor(ValueIndex index) {
    const auto tensor = tensor_at(builder_, index);
    if (!tensor) return fail(tensor.error());
    const bool is_image = builder_.is_image(index);
    const bool is_windows = makes_windows() && node_.inputs.empty();
    if (is_windows && tensor->sizes.size() != kImageDims) {
      return unsupported("it takes windows of no image of rows and columns");
    }
    const auto order = is_windows ? row_major_order() : order_for(tensor->sizes.size());
    const auto id =
        is_image ? builder_.image_in_order(index, order) : take_constant(index, *tensor);
    if (!id) return fail(id.error());
    node_.inputs.push_back(*id);
    return KernelCall::Input{node_.inputs.size() - 1};
  }

  // A constant's dims are not moved.
  Result<ValueId> take_constant(ValueIndex index, const ProgramTensor& tensor) {
    const bool plain = order_ == plain_order(order_.size()) &&
                       tensor.dim_order == plain_order(tensor.sizes.size());
    if (!plain && Shape{tensor.sizes}.elements() != 1) {
      return unsupported("its constant lies in another order than its image");
    }
    return builder_.constant(index);
  }

  Result<Argument> take_dims(ValueIndex index) {
    const auto in = tensor_at(builder_, argument(0));
    if (!in) return fail(in.error());
    const ProgramTensor placed{in->dtype, in->sizes, order_for(in->sizes.size())};
    const auto one = builder_.values().integer(index);
    const auto dims = one ? KernelCall::Integers{*one} : builder_.values().integers(index);
    if (!dims) return KernelCall::None{};
    KernelCall::Integers places;
    for (const std::int64_t dim : *dims) {
      const auto place = place_of(placed, dim);
      if (!place) return fail(place.error());
      places.push_back(static_cast<std::int64_t>(*place));
    }
    if (one) return places.front();
    return places;
  }

  // KernelFormat::padding_argument.
  Status move_padding() {
    const KernelFormat& format = *rule_.kernel;
    if (format.padding_argument == SIZE_MAX) return {};
    auto* padding = std::get_if<KernelCall::Integers>(&call_.arguments[format.padding_argument]);
    if (padding == nullptr || padding->size() != 2) {
      return unsupported("its padding is not known for rows and columns");
    }
    const KernelCall::Integers none = {0, 0};
    if (*padding == none) return {};
    const bool counts =
        format.counts_padding == SIZE_MAX || std::get<bool>(call_.arguments[format.counts_padding]);
    if (!counts) return unsupported("its average leaves out the padding");
    if (std::ranges::min(*padding) < 0 || std::ranges::max(*padding) > kMostPadding) {
      return fail(ErrorCode::corrupt, "its padding is out of range");
    }
    node_.inputs[0] = surround(builder_.graph(), node_.inputs[0], (*padding)[0], (*padding)[1]);
    *padding = none;
    return {};
  }

  MethodGraphBuilder& builder_;
  const OperatorRule& rule_;
  const ValueIndices& arguments_;
  std::vector<std::uint8_t> order_;  // of the output's dims
  Node node_;
  KernelCall call_;
};

}  // namespace

std::vector<std::uint8_t> row_major_order() { return {0, 2, 3, 1}; }

Status define_row_major(MethodGraphBuilder& builder, Node node, ValueIndex out) {
  const auto tensor = tensor_at(builder, out);
  if (!tensor) return fail(tensor.error());
  if (tensor->sizes.size() != kImageDims) return unsupported("it makes no image");
  auto& graph = builder.graph();
  Value made;
  made.shape.dims = physical_dims({tensor->dtype, tensor->sizes, row_major_order()});
  made.type = type_of(*tensor);
  graph.values.push_back(std::move(made));
  node.output = static_cast<ValueId>(graph.values.size() - 1);
  graph.nodes.push_back(std::move(node));
  return builder.define_as(out, transpose(graph, graph.nodes.back().output, {0, 3, 1, 2}));
}

Status read_call(MethodGraphBuilder& builder, const OperatorRule& rule,
                 const ValueIndices& arguments) {
  return CallReader(builder, rule, arguments).read();
}

}  // namespace sectile::internal
