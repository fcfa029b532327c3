#include "src/runtime/loaded_program.h"

#include <executorch/runtime/core/memory_allocator.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/catch_exceptions.h"
#include "src/runtime/executorch_session.h"
#include "src/runtime/runtime_log.h"

namespace sectile::internal {
namespace {

namespace et = executorch::runtime;

std::vector<std::string> method_names(const et::Program& program) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < program.num_methods(); ++i) {
    const auto name = program.get_method_name(i);
    if (name.ok()) names.emplace_back(*name);
  }
  return names;
}

class ExecutorchProgram final : public LoadedProgram {
 public:
  explicit ExecutorchProgram(std::shared_ptr<const ServedProgram> program)
      : program_(std::move(program)), methods_(method_names(*program_->program)) {}

  Result<std::unique_ptr<Session>> load(const std::string& method, const TensorSpec& input,
                                        const TensorSpec& output, Threading threading) override {
    auto ports = create(method, {input}, {output}, threading);
    if (!ports) return fail(ports.error());
    return ExecutorchTileSession::over(std::move(*ports));
  }

  Result<std::unique_ptr<MultiIoSession>> load_multi_io(const std::string& method,
                                                        const std::vector<TensorSpec>& inputs,
                                                        const std::vector<TensorSpec>& outputs,
                                                        Threading threading) override {
    return create(method, inputs, outputs, threading);
  }

 private:
  Result<std::unique_ptr<ExecutorchSession>> create(const std::string& method,
                                                    const std::vector<TensorSpec>& inputs,
                                                    const std::vector<TensorSpec>& outputs,
                                                    Threading threading) {
    if (std::ranges::find(methods_, method) == methods_.end()) {
      return fail(ErrorCode::not_found,
                  fmt::format("[load] the program has no method {}; it has {}", method,
                              fmt::join(methods_, ", ")));
    }
    return catch_exceptions("[load]", [&] {
      return ExecutorchSession::create(program_, method, inputs, outputs, threading);
    });
  }

  std::shared_ptr<const ServedProgram> program_;
  std::vector<std::string> methods_;
};

Result<std::shared_ptr<LoadedProgram>> serve(std::shared_ptr<const VirtualFile> file) {
  const RuntimeErrors errors;
  auto served = std::make_shared<ServedProgram>(std::move(file));
  auto program = et::Program::load(&served->loader, et::Program::Verification::InternalConsistency);
  if (!program.ok()) {
    const std::string what = fmt::format("[load] ExecuTorch refuses the program of {} bytes",
                                         served->file->size_bytes());
    return fail(errors.describe(what, program.error(), ErrorCode::corrupt));
  }
  served->program.emplace(std::move(*program));
  return std::make_shared<ExecutorchProgram>(std::move(served));
}

}  // namespace

Result<std::shared_ptr<LoadedProgram>> load_program(std::shared_ptr<const VirtualFile> file) {
  return catch_exceptions("[load]", [&] { return serve(std::move(file)); });
}

}  // namespace sectile::internal
