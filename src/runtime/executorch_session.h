// ExecutorchSession: a Session over one ExecuTorch Method.
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
#include "src/runtime/image_port.h"
#include "src/runtime/session.h"
#include "src/runtime/virtual_file_loader.h"
#include "src/runtime/xnnpack_options.h"

namespace sectile {

// A program and the file that it reads from, in the order in which they must be destroyed.
struct ServedProgram {
  explicit ServedProgram(std::shared_ptr<const VirtualFile> from)
      : file(std::move(from)), loader(*file) {}

  std::shared_ptr<const VirtualFile> file;
  VirtualFileLoader loader;
  std::optional<executorch::runtime::Program> program;
};

class ExecutorchSession final : public Session {
 public:
  // Errors: unsupported, corrupt, internal, over_budget. REQUIRES: the program has the method.
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<const ServedProgram> program,
                                                 const std::string& method, const TensorSpec& input,
                                                 const TensorSpec& output, Threading threading);
  ~ExecutorchSession() override;

  const TensorSpec& input() const override { return input_.spec(); }
  const TensorSpec& output() const override { return output_.spec(); }
  Status run(std::span<const float> input, std::span<float> output) override;

 private:
  ExecutorchSession(std::shared_ptr<const ServedProgram> program, const std::string& method,
                    ImagePort input, ImagePort output, Threading threading);

  Status allocate_arenas(const executorch::runtime::MethodMeta& meta);
  Status load_method();
  Status run_method(const float* input, float* output);
  Status check_output_is_computed();
  Status finish_output(float* output);
  // "`what` the method forward (3 channels, 288x288, to 4 channels, 288x288)", for messages.
  std::string context(const char* what) const;

  // Members stand in the order of their dependence: the method goes first, the program last.
  std::shared_ptr<const ServedProgram> program_;
  std::string method_name_;
  ImagePort input_;
  ImagePort output_;
  Threading threading_;
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

}  // namespace sectile
