#include "src/program/write_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "src/base/integers.h"
#include "src/graph/passes/lower.h"
#include "src/graph/passes/prune.h"
#include "src/program/container.h"
#include "src/program/xnnpack/delegate.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;

constexpr std::uint64_t kPlannedAlignmentBytes = 64;

const std::vector<std::uint8_t>& row_major_order() {
  static const std::vector<std::uint8_t> order{0, 2, 3, 1};
  return order;
}

et::ScalarType scalar_type(DataType type) {
  switch (type) {
    case DataType::f16:
      return et::ScalarType::HALF;
    case DataType::i8:
      return et::ScalarType::CHAR;
    default:
      return et::ScalarType::FLOAT;
  }
}

// The graph with the tensors of a method of several as its inputs and outputs.
Graph with_parts(const MethodToWrite& method) {
  Graph graph = *method.graph;
  const auto& inputs = method.method->input_parts;
  if (!inputs.empty()) {
    std::erase_if(graph.nodes, [&](const Node& node) {
      return std::ranges::find(inputs, node.output) != inputs.end();
    });
    graph.input = kNoValue;
    graph.extra_inputs = inputs;
  }
  if (!method.method->output_parts.empty()) {
    graph.output = kNoValue;
    graph.extra_outputs = method.method->output_parts;
  }
  return prune(graph).graph;
}

class ProgramWriter {
 public:
  ProgramWriter(std::shared_ptr<const MappedFile> weights, IoMemory memory)
      : weights_(std::move(weights)), memory_(memory) {}

  Status add(const MethodToWrite& method) {
    const Graph graph = lowered(memory_ == IoMemory::planned ? with_parts(method) : *method.graph);
    const auto keys = add_constants(graph);
    auto delegate = encode_delegate(graph, keys);
    if (!delegate) return fail(delegate.error());
    const auto bytes = std::make_shared<const std::vector<std::byte>>(std::move(*delegate));
    const auto segment = add_segment(*bytes, bytes);
    program_.execution_plan.push_back(make_plan(method, graph, segment));
    return {};
  }

  std::shared_ptr<const VirtualFile> finish() {
    const auto head = std::make_shared<const std::vector<std::byte>>(make_head());
    auto file = std::make_shared<VirtualFile>();
    file->append(*head, head);
    for (const Segment& segment : segments_) {
      file->append(segment.bytes, segment.owner, kSegmentAlignmentBytes);
    }
    return file;
  }

 private:
  struct Segment {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
  };

  std::uint32_t add_segment(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
    auto entry = std::make_unique<et::DataSegmentT>();
    entry->offset = segment_end_bytes_;
    entry->size = bytes.size();
    segment_end_bytes_ = align_up(segment_end_bytes_ + bytes.size(), kSegmentAlignmentBytes);
    program_.segments.push_back(std::move(entry));
    segments_.push_back({bytes, std::move(owner)});
    return static_cast<std::uint32_t>(segments_.size() - 1);
  }

  // One segment and one name for the same bytes, however many values of however many methods use
  // them.
  std::map<ValueId, std::string> add_constants(const Graph& graph) {
    std::map<ValueId, std::string> keys;
    for (ValueId id = 0; id < graph.values.size(); ++id) {
      const auto& constant = graph.values[id].constant;
      if (!constant) continue;
      const Place place{constant->offset_bytes, constant->size_bytes, constant->bytes};
      auto [entry, added] = names_.try_emplace(place);
      if (added) {
        entry->second = unused_name(*constant);
        add_named_data(*constant, entry->second);
      }
      keys.emplace(id, entry->second);
    }
    return keys;
  }

  // Two ranges never share a name: XNNPACK would be given the first one's bytes for both.
  std::string unused_name(const Constant& constant) {
    std::string name = constant.key;
    if (name.empty() && !constant.bytes.empty()) name = fmt::format("number-{}", names_.size());
    if (name.empty()) name = fmt::format("constant-{}", constant.offset_bytes);
    while (!used_names_.insert(name).second) name += '+';
    return name;
  }

  void add_named_data(const Constant& constant, const std::string& key) {
    auto named = std::make_unique<et::NamedDataT>();
    named->key = key;
    if (constant.bytes.empty()) {
      named->segment_index = add_segment(
          weights_->bytes().subspan(constant.offset_bytes, constant.size_bytes), weights_);
    } else {
      const auto bytes = std::make_shared<const std::vector<std::byte>>(constant.bytes);
      named->segment_index = add_segment(*bytes, bytes);
    }
    program_.named_data.push_back(std::move(named));
  }

  std::unique_ptr<et::EValueT> make_tensor(const std::vector<std::uint8_t>& dim_order,
                                           const Value& of) {
    auto tensor = std::make_unique<et::TensorT>();
    tensor->scalar_type = scalar_type(of.type);
    tensor->dim_order = dim_order;
    tensor->sizes.resize(of.shape.dims.size());
    for (std::size_t i = 0; i < of.shape.dims.size(); ++i) {
      tensor->sizes[dim_order[i]] = static_cast<std::int32_t>(of.shape.dims[i]);
    }
    if (memory_ == IoMemory::planned) {
      auto place = std::make_unique<et::AllocationDetailsT>();
      place->memory_id = 1;
      place->memory_offset_low = static_cast<std::uint32_t>(planned_bytes_);
      place->memory_offset_high = static_cast<std::uint32_t>(planned_bytes_ >> 32);
      tensor->allocation_info = std::move(place);
      const auto bytes = static_cast<std::uint64_t>(of.size_bytes());
      planned_bytes_ = align_up(planned_bytes_ + bytes, kPlannedAlignmentBytes);
    }
    auto value = std::make_unique<et::EValueT>();
    value->val.type = et::KernelTypes::Tensor;
    value->val.value = tensor.release();
    return value;
  }

  static std::unique_ptr<et::BackendDelegateT> make_delegate(std::uint32_t segment) {
    auto delegate = std::make_unique<et::BackendDelegateT>();
    delegate->id = kXnnpackBackend;
    delegate->processed = std::make_unique<et::BackendDelegateDataReferenceT>();
    delegate->processed->location = et::DataLocation::SEGMENT;
    delegate->processed->index = segment;
    return delegate;
  }

  static std::unique_ptr<et::ChainT> make_chain(std::size_t arguments) {
    auto call = std::make_unique<et::DelegateCallT>();
    call->delegate_index = 0;
    call->args.resize(arguments);
    std::iota(call->args.begin(), call->args.end(), 0);
    auto instruction = std::make_unique<et::InstructionT>();
    instruction->instr_args.type = et::InstructionArguments::DelegateCall;
    instruction->instr_args.value = call.release();
    auto chain = std::make_unique<et::ChainT>();
    chain->instructions.push_back(std::move(instruction));
    return chain;
  }

  std::unique_ptr<et::ExecutionPlanT> make_plan(const MethodToWrite& method, const Graph& graph,
                                                std::uint32_t segment) {
    planned_bytes_ = 0;
    auto plan = std::make_unique<et::ExecutionPlanT>();
    plan->name = method.name;
    plan->container_meta_type = std::make_unique<et::ContainerMetadataT>();
    plan->container_meta_type->encoded_inp_str = method.method->input_tree;
    plan->container_meta_type->encoded_out_str = method.method->output_tree;
    for (const ValueId id : graph.all_inputs()) {
      const bool extra = memory_ == IoMemory::caller && id != graph.input;
      plan->inputs.push_back(static_cast<std::int32_t>(plan->values.size()));
      plan->values.push_back(make_tensor(
          extra ? row_major_order() : method.method->inputs[0].dim_order, graph.values[id]));
    }
    for (const ValueId id : graph.all_outputs()) {
      const bool extra = memory_ == IoMemory::caller && id != graph.output;
      plan->outputs.push_back(static_cast<std::int32_t>(plan->values.size()));
      plan->values.push_back(make_tensor(
          extra ? row_major_order() : method.method->outputs[0].dim_order, graph.values[id]));
    }
    plan->chains.push_back(make_chain(plan->values.size()));
    plan->delegates.push_back(make_delegate(segment));
    plan->non_const_buffer_sizes = {0};
    if (memory_ == IoMemory::planned) {
      plan->non_const_buffer_sizes.push_back(static_cast<std::int64_t>(planned_bytes_));
    }
    return plan;
  }

  // The FlatBuffer with the extended header in it: 32 bytes after the first 8, and the root that
  // much further on.
  std::vector<std::byte> make_head() {
    namespace eh = extended_header;
    flatbuffers::FlatBufferBuilder builder;
    // The runtime wants the table of constant tensors, of which entry 0 stands for "none".
    program_.constant_segment = std::make_unique<et::SubsegmentOffsetsT>();
    program_.constant_segment->offsets = {0};
    et::FinishProgramBuffer(builder, et::CreateProgram(builder, &program_));
    const auto* flatbuffer = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
    const std::size_t size = builder.GetSize() + eh::kSize;
    std::vector<std::byte> head(align_up(size, kSegmentAlignmentBytes));
    std::memcpy(head.data(), flatbuffer, eh::kOffset);
    std::memcpy(head.data() + eh::kOffset + eh::kSize, flatbuffer + eh::kOffset,
                builder.GetSize() - eh::kOffset);
    write_u32(head, 0, read_u32(head, 0) + eh::kSize);
    std::memcpy(head.data() + eh::kOffset, eh::kMagic, 4);
    write_u32(head, eh::kLengthOffset, eh::kSize);
    write_u64(head, eh::kProgramBytesOffset, size);
    write_u64(head, eh::kSegmentBaseOffset, head.size());
    write_u64(head, eh::kSegmentBytesOffset, segments_end());
    return head;
  }

  // Without the padding after the last segment, which the file does not have.
  std::uint64_t segments_end() const {
    return program_.segments.empty()
               ? 0
               : program_.segments.back()->offset + program_.segments.back()->size;
  }

  std::shared_ptr<const MappedFile> weights_;
  IoMemory memory_;
  et::ProgramT program_;
  std::vector<Segment> segments_;
  using Place = std::tuple<std::uint64_t, std::uint64_t, std::vector<std::byte>>;
  std::map<Place, std::string> names_;
  std::set<std::string> used_names_;
  std::uint64_t segment_end_bytes_ = 0;
  std::uint64_t planned_bytes_ = 0;
};

}  // namespace

Result<std::shared_ptr<const VirtualFile>> write_program(std::span<const MethodToWrite> methods,
                                                         std::shared_ptr<const MappedFile> weights,
                                                         IoMemory memory) {
  ProgramWriter writer(std::move(weights), memory);
  for (const MethodToWrite& method : methods) {
    if (auto status = writer.add(method); !status) return fail(status.error());
  }
  return writer.finish();
}

}  // namespace sectile::internal
