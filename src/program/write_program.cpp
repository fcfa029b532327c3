#include "src/program/write_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/graph/passes/lower.h"
#include "src/graph/passes/prune.h"
#include "src/program/container.h"
#include "src/program/write_plan.h"
#include "src/program/xnnpack/delegate.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;

constexpr std::uint64_t kConstantAlignmentBytes = 64;

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

// Kernels take values whose dims stand as they lie. Where the caller knows the method's tensors
// otherwise, a copy stands between.
Graph with_copies_at_ends(Graph graph) {
  const auto copy = [&](ValueId from, ValueId to) {
    Node node;
    node.op = "XNNCopy";
    node.inputs = {from};
    node.output = to;
    return node;
  };
  std::vector<Node> before;
  std::vector<Node> after;
  const auto add_like = [&](ValueId id) {
    graph.values.push_back(graph.values[id]);
    return static_cast<ValueId>(graph.values.size() - 1);
  };
  for (const ValueId id : graph.all_inputs()) {
    const ValueId inside = add_like(id);
    for (Node& node : graph.nodes) {
      if (is_kernel(node)) std::ranges::replace(node.inputs, id, inside);
    }
    before.push_back(copy(id, inside));
  }
  for (const ValueId id : graph.all_outputs()) {
    const auto maker = std::ranges::find(graph.nodes, id, &Node::output);
    if (maker == graph.nodes.end() || !is_kernel(*maker)) continue;
    const ValueId inside = add_like(id);
    for (Node& node : graph.nodes) std::ranges::replace(node.inputs, id, inside);
    maker->output = inside;
    after.push_back(copy(inside, id));
  }
  graph.nodes.insert(graph.nodes.begin(), before.begin(), before.end());
  graph.nodes.insert(graph.nodes.end(), after.begin(), after.end());
  return prune(graph).graph;
}

class ProgramWriter {
 public:
  ProgramWriter(std::shared_ptr<const ProgramBytes> weights, IoMemory memory)
      : weights_(std::move(weights)), memory_(memory) {}

  Status add(const MethodToWrite& method) {
    const bool planned = memory_ == IoMemory::planned;
    Graph graph = lowered(planned ? with_parts(method) : *method.graph);
    const bool planar = method.method->inputs.empty() || method.method->inputs[0].planar();
    if (planned && !planar && std::ranges::any_of(graph.nodes, is_kernel)) {
      graph = with_copies_at_ends(std::move(graph));
    }
    const ProgramParts parts{[this](const Graph& part) { return add_delegate(part); },
                             [this](const Constant& constant) { return add_tensor(constant); }};
    auto plan = write_plan(method, graph, memory_, parts);
    if (!plan) return fail(plan.error());
    program_.execution_plan.push_back(std::move(*plan));
    return {};
  }

  std::shared_ptr<const VirtualFile> finish() {
    finish_constants();
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

  Result<std::uint32_t> add_delegate(const Graph& graph) {
    auto delegate = encode_delegate(graph, add_constants(graph));
    if (!delegate) return fail(delegate.error());
    const auto bytes = std::make_shared<const std::vector<std::byte>>(std::move(*delegate));
    return add_segment(*bytes, bytes);
  }

  // Constants of kernels lie one after the other in a segment of their own.
  std::uint32_t add_tensor(const Constant& constant) {
    const std::span<const std::byte> bytes =
        constant.bytes.empty()
            ? weights_->bytes().subspan(constant.offset_bytes, constant.size_bytes)
            : std::span<const std::byte>(constant.bytes);
    constant_offsets_.push_back(constant_bytes_.size());
    constant_bytes_.insert(constant_bytes_.end(), bytes.begin(), bytes.end());
    constant_bytes_.resize(align_up(constant_bytes_.size(), kConstantAlignmentBytes));
    return static_cast<std::uint32_t>(constant_offsets_.size() - 1);
  }

  // The runtime wants the table of constant tensors, of which entry 0 stands for "none".
  void finish_constants() {
    program_.constant_segment = std::make_unique<et::SubsegmentOffsetsT>();
    if (!constant_bytes_.empty()) {
      const auto bytes = std::make_shared<const std::vector<std::byte>>(std::move(constant_bytes_));
      program_.constant_segment->segment_index = add_segment(*bytes, bytes);
    }
    program_.constant_segment->offsets = constant_offsets_;
  }

  // The FlatBuffer with the extended header in it: 32 bytes after the first 8, and the root that
  // much further on.
  std::vector<std::byte> make_head() {
    namespace eh = extended_header;
    flatbuffers::FlatBufferBuilder builder;
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

  std::shared_ptr<const ProgramBytes> weights_;
  IoMemory memory_;
  et::ProgramT program_;
  std::vector<Segment> segments_;
  using Place = std::tuple<std::uint64_t, std::uint64_t, std::vector<std::byte>>;
  std::map<Place, std::string> names_;
  std::set<std::string> used_names_;
  std::uint64_t segment_end_bytes_ = 0;
  std::vector<std::uint64_t> constant_offsets_{0};
  std::vector<std::byte> constant_bytes_;
};

}  // namespace

Result<std::shared_ptr<const VirtualFile>> write_program(
    std::span<const MethodToWrite> methods, std::shared_ptr<const ProgramBytes> weights,
    IoMemory memory) {
  ProgramWriter writer(std::move(weights), memory);
  for (const MethodToWrite& method : methods) {
    if (auto status = writer.add(method); !status) return fail(status.error());
  }
  return writer.finish();
}

}  // namespace sectile::internal
