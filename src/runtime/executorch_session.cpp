#include "src/runtime/executorch_session.h"

#include <executorch/extension/threadpool/threadpool_guard.h>
#include <executorch/runtime/core/evalue.h>
#include <fmt/format.h>

#include <cassert>
#include <cstring>
#include <utility>

#include "src/runtime/guarded.h"
#include "src/runtime/runtime_log.h"

namespace sectile {
namespace {

namespace et = executorch::runtime;

// While it lives, ExecuTorch gives this thread no pool: XNNPACK binds "no pool" into the methods
// loaded under it, and the other kernels run where they are called.
class PoolChoice {
 public:
  explicit PoolChoice(Threading threading) {
    if (threading == Threading::caller) no_pool_.emplace();
  }

 private:
  std::optional<executorch::extension::threadpool::NoThreadPoolGuard> no_pool_;
};

Status check_signature(const et::MethodMeta& meta) {
  if (meta.num_inputs() == 1 && meta.num_outputs() == 1) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("[load] the method {} has {} inputs and {} outputs, not one of each",
                          meta.name(), meta.num_inputs(), meta.num_outputs()));
}

Result<ImagePort> match_input(const et::MethodMeta& meta, const TensorSpec& spec,
                              const RuntimeErrors& errors) {
  const auto info = meta.input_tensor_meta(0);
  if (info.ok()) return ImagePort::match("input", spec, *info);
  return fail(errors.describe("[load] the program's input", info.error(), ErrorCode::unsupported));
}

Result<ImagePort> match_output(const et::MethodMeta& meta, const TensorSpec& spec,
                               const RuntimeErrors& errors) {
  const auto info = meta.output_tensor_meta(0);
  if (info.ok()) return ImagePort::match("output", spec, *info);
  return fail(errors.describe("[load] the program's output", info.error(), ErrorCode::unsupported));
}

}  // namespace

Result<std::unique_ptr<Session>> ExecutorchSession::create(
    std::shared_ptr<const ServedProgram> program, const std::string& method,
    const TensorSpec& input_spec, const TensorSpec& output_spec, Threading threading) {
  const RuntimeErrors errors;
  const auto meta = program->program->method_meta(method.c_str());
  if (!meta.ok()) {
    return fail(errors.describe("[load] the method " + method, meta.error(), ErrorCode::corrupt));
  }
  if (Status fits = check_signature(*meta); !fits) return fail(fits.error());
  auto input = match_input(*meta, input_spec, errors);
  if (!input) return fail(input.error());
  auto output = match_output(*meta, output_spec, errors);
  if (!output) return fail(output.error());
  std::unique_ptr<ExecutorchSession> session(
      new ExecutorchSession(std::move(program), method, *input, *output, threading));
  if (Status ready = session->backend_options_.prepare(); !ready) return fail(ready.error());
  if (Status ready = session->allocate_arenas(*meta); !ready) return fail(ready.error());
  if (Status ready = session->load_method(); !ready) return fail(ready.error());
  if (Status ready = session->check_output_is_computed(); !ready) return fail(ready.error());
  return session;
}

ExecutorchSession::ExecutorchSession(std::shared_ptr<const ServedProgram> program,
                                     const std::string& method, ImagePort input, ImagePort output,
                                     Threading threading)
    : program_(std::move(program)),
      method_name_(method),
      input_(input),
      output_(output),
      threading_(threading) {}

ExecutorchSession::~ExecutorchSession() { assert(!is_running_); }

Status ExecutorchSession::run(std::span<const float> input, std::span<float> output) {
  if (input.size_bytes() != input_.size_bytes() || output.size_bytes() != output_.size_bytes()) {
    return fail(
        ErrorCode::internal,
        fmt::format("[run] {} needs {} values in and {} out, not {} and {}", method_name_,
                    input_.spec().values(), output_.spec().values(), input.size(), output.size()));
  }
  [[maybe_unused]] const bool was_running = is_running_.exchange(true);
  assert(!was_running);
  Status done = guarded("[run]", [&] { return run_method(input.data(), output.data()); });
  is_running_ = false;
  // A delegate that failed half way is not used again: the next run starts with a new method.
  if (!done) method_.reset();
  return done;
}

Status ExecutorchSession::allocate_arenas(const et::MethodMeta& meta) {
  for (std::size_t i = 0; i < meta.num_memory_planned_buffers(); ++i) {
    const auto size_bytes = meta.memory_planned_buffer_size(i);
    const auto device = meta.memory_planned_buffer_device(i);
    if (!size_bytes.ok() || *size_bytes < 0 || !device.ok()) {
      return fail(ErrorCode::corrupt, context("[load] cannot read the arena sizes of"));
    }
    if (!device->is_cpu()) {
      return fail(ErrorCode::unsupported,
                  context("[load] only the processor's memory can be planned by"));
    }
    constexpr std::int64_t value_bytes = sizeof(float);
    auto arena = TileBuffer::allocate(*size_bytes / value_bytes + 1);
    if (!arena) return fail(arena.error());
    auto* bytes = reinterpret_cast<std::uint8_t*>(arena->values().data());
    arena_spans_.emplace_back(bytes, static_cast<std::size_t>(*size_bytes));
    arenas_.push_back(std::move(*arena));
  }
  planned_memory_.emplace(
      et::Span<et::Span<std::uint8_t>>(arena_spans_.data(), arena_spans_.size()));
  memory_.emplace(&method_allocator_, &*planned_memory_, &scratch_allocator_);
  return {};
}

Status ExecutorchSession::load_method() {
  method_.reset();
  method_allocator_.reset();
  scratch_allocator_.reset();
  const PoolChoice pool(threading_);
  const RuntimeErrors errors;
  auto loaded = program_->program->load_method(method_name_.c_str(), &*memory_,
                                               /*event_tracer=*/nullptr, /*named_data_map=*/nullptr,
                                               backend_options_.map());
  if (!loaded.ok()) {
    return fail(
        errors.describe(context("[load] cannot load"), loaded.error(), ErrorCode::internal));
  }
  method_.emplace(std::move(*loaded));
  return {};
}

// A program that returns its very input has one tensor for both: pointing its output at the
// caller's buffer would leave that buffer unwritten. Such an output moves when the input is set;
// any other stays without data until it is given some.
Status ExecutorchSession::check_output_is_computed() {
  if (input_.is_planned() || output_.is_planned()) return {};
  const float probe = 0;  // only its address is used
  executorch::aten::TensorImpl tensor = input_.tensor_over(&probe);
  const et::Error error = method_->set_input(et::EValue(executorch::aten::Tensor(&tensor)), 0);
  if (error == et::Error::Ok && method_->get_output(0).toTensor().const_data_ptr() == nullptr) {
    return {};
  }
  return fail(ErrorCode::unsupported, context("[load] the input itself is the output of"));
}

Status ExecutorchSession::run_method(const float* input, float* output) {
  if (!method_) {
    if (Status loaded = load_method(); !loaded) return loaded;
  }
  const PoolChoice pool(threading_);
  const RuntimeErrors errors;
  const auto failed = [&](const char* what, et::Error error) {
    return fail(errors.describe(context(what), error, ErrorCode::internal));
  };
  executorch::aten::TensorImpl tensor = input_.tensor_over(input);
  et::Error error = method_->set_input(et::EValue(executorch::aten::Tensor(&tensor)), 0);
  if (error != et::Error::Ok) return failed("[run] cannot set the input of", error);
  if (!output_.is_planned()) {
    error = method_->set_output_data_ptr(output, output_.size_bytes(), 0);
    if (error != et::Error::Ok) return failed("[run] cannot set the output of", error);
  }
  error = method_->execute();
  if (error != et::Error::Ok) return failed("[run] cannot execute", error);
  return finish_output(output);
}

Status ExecutorchSession::finish_output(float* output) {
  const executorch::aten::Tensor& tensor = method_->get_output(0).toTensor();
  if (!output_.has_dims_of(tensor) || tensor.const_data_ptr() == nullptr) {
    return fail(ErrorCode::internal, context("[run] cannot find the whole output of"));
  }
  if (output_.is_planned()) std::memcpy(output, tensor.const_data_ptr(), output_.size_bytes());
  return {};
}

std::string ExecutorchSession::context(const char* what) const {
  return fmt::format("{} the method {} ({} channels, {}, to {} channels, {})", what, method_name_,
                     input_.spec().channels, to_string(input_.spec().size), output_.spec().channels,
                     to_string(output_.spec().size));
}

}  // namespace sectile
