#include "src/program/method_calls.h"

#include <cstdint>
#include <utility>

#include "src/base/escaped.h"
#include "src/program/errors.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;
using Plan = et::ExecutionPlan;

Result<std::string> kernel_name(const Plan& plan, const et::KernelCall& call) {
  const auto* operators = plan.operators();
  if (operators == nullptr || call.op_index() < 0 ||
      static_cast<std::uint32_t>(call.op_index()) >= operators->size()) {
    return corrupt("a kernel call names no operator");
  }
  const et::Operator* op = operators->Get(static_cast<std::uint32_t>(call.op_index()));
  std::string name = op->name() ? op->name()->str() : "?";
  if (op->overload() && op->overload()->size() > 0) name += "." + op->overload()->str();
  return escaped(name);
}

Result<Call> read_call(const Plan& plan, const et::Instruction& instruction) {
  Call call;
  call.delegate = instruction.instr_args_as_DelegateCall();
  call.kernel = instruction.instr_args_as_KernelCall();
  if (call.kernel != nullptr) {
    auto name = kernel_name(plan, *call.kernel);
    if (!name) return fail(name.error());
    call.name = std::move(*name);
  } else if (call.delegate == nullptr) {
    call.name = et::EnumNameInstructionArguments(instruction.instr_args_type());
  }
  return call;
}

}  // namespace

Result<std::vector<Call>> read_calls(const Plan& plan) {
  std::vector<Call> calls;
  if (plan.chains() == nullptr) return calls;
  for (const et::Chain* chain : *plan.chains()) {
    if (chain->instructions() == nullptr) continue;
    for (const et::Instruction* instruction : *chain->instructions()) {
      auto call = read_call(plan, *instruction);
      if (!call) return fail(call.error());
      calls.push_back(std::move(*call));
    }
  }
  return calls;
}

Result<const et::BackendDelegate*> delegate_of(const Plan& plan, const et::DelegateCall& call) {
  const auto* delegates = plan.delegates();
  if (delegates == nullptr || call.delegate_index() < 0 ||
      static_cast<std::uint32_t>(call.delegate_index()) >= delegates->size()) {
    return corrupt("a delegate call names no delegate");
  }
  const auto* delegate = delegates->Get(static_cast<std::uint32_t>(call.delegate_index()));
  if (delegate->id() == nullptr) return corrupt("a delegate has no name");
  return delegate;
}

}  // namespace sectile::internal
