#include "src/runtime/executorch_session.h"

#include <executorch/extension/threadpool/threadpool_guard.h>
#include <executorch/runtime/core/evalue.h>
#include <fmt/format.h>

#include <cassert>
#include <cstring>
#include <utility>

#include "src/base/catch_exceptions.h"
#include "src/base/escaped.h"
#include "src/base/half.h"
#include "src/runtime/own_kernels.h"
#include "src/runtime/runtime_log.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {
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

Status check_signature(const et::MethodMeta& meta, std::size_t inputs, std::size_t outputs) {
  if (meta.num_inputs() == inputs && meta.num_outputs() == outputs) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("[load] the method {} has {} inputs and {} outputs, not {} and {}",
                          meta.name(), meta.num_inputs(), meta.num_outputs(), inputs, outputs));
}

// `infos` is &MethodMeta::input_tensor_meta or its counterpart for outputs.
Result<std::vector<TensorBinding>> match_all(
    const char* role, const et::MethodMeta& meta, const std::vector<TensorSpec>& specs,
    et::Result<et::TensorInfo> (et::MethodMeta::*infos)(std::size_t) const) {
  const RuntimeErrors errors;
  std::vector<TensorBinding> ports;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto info = (meta.*infos)(i);
    if (!info.ok()) {
      const std::string what = fmt::format("[load] the program's {}", role);
      return fail(errors.describe(what, info.error(), ErrorCode::unsupported));
    }
    auto port = TensorBinding::match(role, specs[i], *info);
    if (!port) return fail(port.error());
    ports.push_back(*port);
  }
  return ports;
}

}  // namespace

Result<std::unique_ptr<ExecutorchSession>> ExecutorchSession::create(
    std::shared_ptr<const ServedProgram> program, const std::string& method,
    const std::vector<TensorSpec>& inputs, const std::vector<TensorSpec>& outputs,
    Threading threading) {
  const RuntimeErrors errors;
  const auto meta = program->program->method_meta(method.c_str());
  if (!meta.ok()) {
    return fail(errors.describe("[load] the method " + method, meta.error(), ErrorCode::corrupt));
  }
  std::unique_ptr<ExecutorchSession> session(
      new ExecutorchSession(std::move(program), method, threading));
  if (Status fits = session->match_ports(*meta, inputs, outputs); !fits) return fail(fits.error());
  if (Status ready = session->backend_options_.prepare(); !ready) return fail(ready.error());
  if (Status ready = session->allocate_arenas(*meta); !ready) return fail(ready.error());
  if (Status ready = session->load_method(); !ready) return fail(ready.error());
  if (Status ready = session->check_outputs_are_computed(); !ready) return fail(ready.error());
  return session;
}

ExecutorchSession::ExecutorchSession(std::shared_ptr<const ServedProgram> program,
                                     const std::string& method, Threading threading)
    : program_(std::move(program)), method_name_(method), threading_(threading) {}

ExecutorchSession::~ExecutorchSession() {
  assert(!is_running_);
  const RuntimeErrors quiet;
  method_.reset();
}

Status ExecutorchSession::match_ports(const et::MethodMeta& meta,
                                      const std::vector<TensorSpec>& inputs,
                                      const std::vector<TensorSpec>& outputs) {
  if (Status fits = check_signature(meta, inputs.size(), outputs.size()); !fits) return fits;
  auto input_ports = match_all("input", meta, inputs, &et::MethodMeta::input_tensor_meta);
  if (!input_ports) return fail(input_ports.error());
  auto output_ports = match_all("output", meta, outputs, &et::MethodMeta::output_tensor_meta);
  if (!output_ports) return fail(output_ports.error());
  inputs_ = std::move(*input_ports);
  outputs_ = std::move(*output_ports);
  input_specs_ = inputs;
  output_specs_ = outputs;
  return {};
}

Status ExecutorchSession::run(std::span<const std::byte* const> inputs,
                              std::span<std::byte* const> outputs) {
  if (inputs.size() != inputs_.size() || outputs.size() != outputs_.size()) {
    return fail(ErrorCode::internal,
                fmt::format("[run] {} needs {} inputs and {} outputs, not {} and {}", method_name_,
                            inputs_.size(), outputs_.size(), inputs.size(), outputs.size()));
  }
  [[maybe_unused]] const bool was_running = is_running_.exchange(true);
  assert(!was_running);
  Status done = catch_exceptions("[run]", [&] { return run_method(inputs, outputs); });
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
    auto arena = TileBuffer::allocate_bytes(*size_bytes + 1);
    if (!arena) return fail(arena.error());
    auto* bytes = reinterpret_cast<std::uint8_t*>(arena->bytes());
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

et::Error ExecutorchSession::set_input(std::size_t index, const std::byte* data) {
  executorch::aten::TensorImpl tensor = inputs_[index].tensor_over(data);
  return method_->set_input(et::EValue(executorch::aten::Tensor(&tensor)), index);
}

// A program that returns its very input has one tensor for both: pointing its output at the
// caller's buffer would leave that buffer unwritten. Such an output moves when the input is set;
// any other stays without data until it is given some.
Status ExecutorchSession::check_outputs_are_computed() {
  const std::byte probe{};  // only its address is used
  bool computed = true;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].is_planned()) continue;
    computed = computed && set_input(i, &probe) == et::Error::Ok;
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const void* data = method_->get_output(i).toTensor().const_data_ptr();
    computed = computed && (outputs_[i].is_planned() || data == nullptr);
  }
  if (computed) return {};
  return fail(ErrorCode::unsupported, context("[load] the input itself is the output of"));
}

Status ExecutorchSession::run_method(std::span<const std::byte* const> inputs,
                                     std::span<std::byte* const> outputs) {
  if (!method_) {
    if (Status loaded = load_method(); !loaded) return loaded;
  }
  const PoolChoice pool(threading_);
  const StandAt place(position_);
  const RuntimeErrors errors;
  const auto failed = [&](const char* what, et::Error error) {
    return fail(errors.describe(context(what), error, ErrorCode::internal));
  };
  et::Error error = et::Error::Ok;
  for (std::size_t i = 0; i < inputs.size() && error == et::Error::Ok; ++i) {
    error = set_input(i, inputs[i]);
  }
  if (error != et::Error::Ok) return failed("[run] cannot set the input of", error);
  for (std::size_t i = 0; i < outputs.size() && error == et::Error::Ok; ++i) {
    if (outputs_[i].is_planned()) continue;
    error = method_->set_output_data_ptr(outputs[i], outputs_[i].size_bytes(), i);
  }
  if (error != et::Error::Ok) return failed("[run] cannot set the output of", error);
  error = method_->execute();
  if (error != et::Error::Ok) return failed("[run] cannot execute", error);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (Status finished = finish_output(i, outputs[i]); !finished) return finished;
  }
  return {};
}

Status ExecutorchSession::finish_output(std::size_t index, std::byte* output) {
  const TensorBinding& port = outputs_[index];
  const executorch::aten::Tensor& tensor = method_->get_output(index).toTensor();
  if (!port.has_dims_of(tensor) || tensor.const_data_ptr() == nullptr) {
    return fail(ErrorCode::internal, context("[run] cannot find the whole output of"));
  }
  if (port.is_planned()) std::memcpy(output, tensor.const_data_ptr(), port.size_bytes());
  return {};
}

std::string ExecutorchSession::context(const char* what) const {
  const auto describe = [](const std::vector<TensorSpec>& specs) {
    if (specs.size() != 1) return fmt::format("{} tensors", specs.size());
    return fmt::format("{} channels, {}", specs[0].channels, to_string(specs[0].size));
  };
  return fmt::format("{} the method {} ({}, to {})", what, escaped(method_name_),
                     describe(input_specs_), describe(output_specs_));
}

Result<std::unique_ptr<ExecutorchTileSession>> ExecutorchTileSession::over(
    std::unique_ptr<ExecutorchSession> ports) {
  std::unique_ptr<ExecutorchTileSession> session(new ExecutorchTileSession(std::move(ports)));
  const auto halves = [](const TensorSpec& spec) {
    return TileBuffer::allocate_bytes(spec.type == DataType::f16 ? spec.bytes() : 0);
  };
  auto input = halves(session->input());
  if (!input) return fail(input.error());
  auto output = halves(session->output());
  if (!output) return fail(output.error());
  session->input_halves_ = std::move(*input);
  session->output_halves_ = std::move(*output);
  return session;
}

Status ExecutorchTileSession::run(std::span<const float> input, std::span<float> output) {
  const auto fits = [](const TensorSpec& spec, std::size_t values) {
    return static_cast<std::size_t>(spec.values()) == values;
  };
  if (!fits(ports_->inputs()[0], input.size()) || !fits(ports_->outputs()[0], output.size())) {
    return fail(ErrorCode::internal,
                fmt::format("{} takes {} values to {}, not {} to {}", ports_->context("[run]"),
                            ports_->inputs()[0].values(), ports_->outputs()[0].values(),
                            input.size(), output.size()));
  }
  const bool half_input = ports_->inputs()[0].type == DataType::f16;
  const bool half_output = ports_->outputs()[0].type == DataType::f16;
  if (half_input) to_halves(input, input_halves_.bytes());
  const auto* const in =
      half_input ? input_halves_.bytes() : reinterpret_cast<const std::byte*>(input.data());
  auto* const out =
      half_output ? output_halves_.bytes() : reinterpret_cast<std::byte*>(output.data());
  if (Status done = ports_->run({&in, 1}, {&out, 1}); !done) return done;
  if (half_output) from_halves(out, output);
  return {};
}

}  // namespace sectile::internal
