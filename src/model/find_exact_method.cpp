#include "src/model/find_exact_method.h"

#include <fmt/format.h>

namespace sectile::internal {

Result<const MethodData*> find_exact_method(const Model& model, const std::string& name) {
  const auto info = model.method(name);
  if (!info) return fail(info.error());
  if ((*info)->verdict == Verdict::exact) {
    return &model.data().methods[static_cast<std::size_t>(*info - model.methods().data())];
  }
  const Blocker& first = (*info)->blockers.front();
  const bool named = first.node.find(first.op) != std::string::npos;
  const std::string where = named ? first.node : fmt::format("{}: {}", first.node, first.op);
  const bool not_exact = (*info)->verdict == Verdict::not_exact;
  return fail(not_exact ? ErrorCode::not_exact : ErrorCode::unsupported,
              fmt::format("[model] {}: method '{}' cannot be run with equal bits: {}: {}",
                          model.path(), (*info)->name, where, first.why));
}

}  // namespace sectile::internal
