// ExecutorchSession: a MultiIoSession over one ExecuTorch Method, and the plain Session over it.
//
// Each session brings its own method allocator. XNNPACK's delegate keeps one workspace (and one
// lock) per allocator, so sessions never wait for each other; it finds the workspace by the
// allocator's address, through a weak pointer, so an address used again after its session is gone
// gets a new workspace.
//
// Thread safety: one thread at a time (asserted in debug builds).
#pragma once

#include <executorch/extension/memory_allocator/malloc_memory_allocator.h>
#include <executorch/runtime/core/hierarchical_allocator.h>
#include <executorch/runtime/executor/memory_manager.h>
#include <executorch/runtime/executor/method.h>
#include <executorch/runtime/executor/program.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/base/virtual_file.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/runtime/tensor_binding.h"
#include "src/runtime/tile_buffer.h"
#include "src/runtime/virtual_file_loader.h"
#include "src/runtime/xnnpack_options.h"

namespace sectile::internal {

// A program and the file that it reads from, in the order in which they must be destroyed.
struct ServedProgram {
  explicit ServedProgram(std::shared_ptr<const VirtualFile> from)
      : file(std::move(from)), loader(*file) {}

  std::shared_ptr<const VirtualFile> file;
  VirtualFileLoader loader;
  std::optional<executorch::runtime::Program> program;
};

class ExecutorchSession final : public MultiIoSession {
 public:
  // Errors: unsupported, corrupt, internal, over_budget. REQUIRES: the program has the method.
  static Result<std::unique_ptr<ExecutorchSession>> create(
      std::shared_ptr<const ServedProgram> program, const std::string& method,
      const std::vector<TensorSpec>& inputs, const std::vector<TensorSpec>& outputs,
      Threading threading);
  ~ExecutorchSession() override;

  const std::vector<TensorSpec>& inputs() const override { return input_specs_; }
  const std::vector<TensorSpec>& outputs() const override { return output_specs_; }
  void stand_at(Position position) override { position_ = position; }
  Status run(std::span<const std::byte* const> inputs,
             std::span<std::byte* const> outputs) override;

  // "`what` the method forward (3 channels, 288x288, to 4 channels, 288x288)", for messages.
  std::string context(const char* what) const;

 private:
  ExecutorchSession(std::shared_ptr<const ServedProgram> program, const std::string& method,
                    Threading threading);

  Status match_ports(const executorch::runtime::MethodMeta& meta,
                     const std::vector<TensorSpec>& inputs, const std::vector<TensorSpec>& outputs);
  Status allocate_arenas(const executorch::runtime::MethodMeta& meta);
  Status load_method();
  Status run_method(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs);
  executorch::runtime::Error set_input(std::size_t index, const std::byte* data);
  Status check_outputs_are_computed();
  Status finish_output(std::size_t index, std::byte* output);

  // Members stand in the order of their dependence: the method goes first, the program last.
  std::shared_ptr<const ServedProgram> program_;
  std::string method_name_;
  std::vector<TensorBinding> inputs_;
  std::vector<TensorBinding> outputs_;
  std::vector<TensorSpec> input_specs_;
  std::vector<TensorSpec> output_specs_;
  Threading threading_;
  Position position_;
  std::atomic<bool> is_running_ = false;
  XnnpackOptions backend_options_;
  executorch::extension::MallocMemoryAllocator method_allocator_;
  executorch::extension::MallocMemoryAllocator scratch_allocator_;
  std::vector<TileBuffer> arenas_;
  std::vector<executorch::runtime::Span<std::uint8_t>> arena_spans_;
  std::optional<executorch::runtime::HierarchicalAllocator> planned_memory_;
  std::optional<executorch::runtime::MemoryManager> memory_;
  std::optional<executorch::runtime::Method> method_;  // empty after a failed run
};

// A session of one input and one output.
class ExecutorchTileSession final : public Session {
 public:
  // REQUIRES: `ports` has one input and one output, of floats. Errors: over_budget.
  static Result<std::unique_ptr<ExecutorchTileSession>> over(
      std::unique_ptr<ExecutorchSession> ports);

  const TensorSpec& input() const override { return ports_->inputs()[0]; }
  const TensorSpec& output() const override { return ports_->outputs()[0]; }
  void stand_at(Position position) override { ports_->stand_at(position); }
  Status run(std::span<const float> input, std::span<float> output) override;

 private:
  explicit ExecutorchTileSession(std::unique_ptr<ExecutorchSession> ports)
      : ports_(std::move(ports)) {}

  std::unique_ptr<ExecutorchSession> ports_;
  // Of tensors that are not f32.
  TileBuffer input_halves_;
  TileBuffer output_halves_;
};

}  // namespace sectile::internal
