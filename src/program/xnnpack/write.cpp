#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "src/base/integers.h"
#include "src/program/xnnpack/delegate.h"
#include "src/program/xnnpack/nodes.h"
#include "src/program/xnnpack/values.h"

namespace sectile::internal {

namespace {
namespace fb = fb_xnnpack;

constexpr std::size_t kFlatbufferBegin = 32;  // after the 30 bytes of the header
constexpr std::size_t kAlignmentBytes = 16;

class GraphWriter {
 public:
  GraphWriter(const Graph& graph, const std::map<ValueId, std::string>& keys)
      : graph_(graph), keys_(keys) {}

  Result<flatbuffers::DetachedBuffer> write() {
    out_.version = "0";
    out_.input_ids = graph_.all_inputs();
    out_.output_ids = graph_.all_outputs();
    add_externals(out_.input_ids, kExternalInput);
    add_externals(out_.output_ids, kExternalOutput);
    out_.num_externs = static_cast<std::uint32_t>(externals_.size());
    out_.constant_data.push_back(std::make_unique<fb::ConstantDataOffsetT>());  // 0: no constant
    for (ValueId id = 0; id < graph_.values.size(); ++id) add_value(id);
    for (const Node& node : graph_.nodes) {
      auto written = encode_node(graph_, node);
      if (!written) return fail(written.error());
      out_.xnodes.push_back(std::move(*written));
    }
    flatbuffers::FlatBufferBuilder builder;
    // Numbers that are 0 are left out as the default, and -0 with them.
    builder.ForceDefaults(true);
    builder.Finish(fb::CreateXNNGraph(builder, &out_), "XN01");
    return builder.Release();
  }

 private:
  struct External {
    std::uint32_t argument = 0;
    std::uint32_t flags = 0;
  };

  void add_externals(const std::vector<ValueId>& ids, std::uint32_t flags) {
    for (const ValueId id : ids) {
      externals_.emplace(id, External{static_cast<std::uint32_t>(externals_.size()), flags});
    }
  }

  void add_value(ValueId id) {
    auto value = encode_value(graph_.values[id]);
    fb::XNNTensorValueT& tensor = tensor_of(*value);
    tensor.constant_buffer_idx = add_constant(id);
    tensor.external_id = kNoValue;
    if (const auto external = externals_.find(id); external != externals_.end()) {
      tensor.flags = external->second.flags;
      tensor.external_id = external->second.argument;
    }
    tensor.id_out = id;
    out_.xvalues.push_back(std::move(value));
  }

  std::uint32_t add_constant(ValueId id) {
    const auto key = keys_.find(id);
    if (key == keys_.end()) return 0;
    auto entry = std::make_unique<fb::ConstantDataOffsetT>();
    entry->named_key = key->second;
    entry->offset = std::numeric_limits<std::uint64_t>::max();
    entry->size = graph_.values[id].constant->size_bytes;
    out_.constant_data.push_back(std::move(entry));
    return static_cast<std::uint32_t>(out_.constant_data.size() - 1);
  }

  const Graph& graph_;
  const std::map<ValueId, std::string>& keys_;
  std::map<ValueId, External> externals_;
  fb::XNNGraphT out_;
};

}  // namespace

Result<std::vector<std::byte>> encode_delegate(const Graph& graph,
                                               const std::map<ValueId, std::string>& keys) {
  const auto flatbuffer = GraphWriter(graph, keys).write();
  if (!flatbuffer) return fail(flatbuffer.error());
  namespace dh = delegate_header;
  const std::size_t end = align_up(kFlatbufferBegin + flatbuffer->size(), kAlignmentBytes);
  std::vector<std::byte> bytes(end);
  std::memcpy(bytes.data() + dh::kMagicOffset, dh::kMagic, 4);
  write_u16(bytes, dh::kLengthOffset, dh::kSize);
  write_u32(bytes, dh::kFlatbufferOffset, kFlatbufferBegin);
  write_u32(bytes, dh::kFlatbufferBytesOffset, static_cast<std::uint32_t>(flatbuffer->size()));
  write_u32(bytes, dh::kConstantsOffset, static_cast<std::uint32_t>(end));
  write_u64(bytes, dh::kConstantsBytesOffset, 0);
  std::memcpy(bytes.data() + kFlatbufferBegin, flatbuffer->data(), flatbuffer->size());
  return bytes;
}

}  // namespace sectile::internal
