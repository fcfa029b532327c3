#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "src/base/escaped.h"
#include "src/base/integers.h"
#include "src/program/errors.h"
#include "src/program/xnnpack/delegate.h"
#include "src/program/xnnpack/nodes.h"
#include "src/program/xnnpack/unread_fields.h"
#include "src/program/xnnpack/values.h"

namespace sectile::internal {

namespace {
namespace fb = fb_xnnpack;

constexpr std::size_t kFlatbufferAlignmentBytes = 8;  // of its widest numbers

struct DelegateLayout {
  ByteRange flatbuffer;
  ByteRange constants;  // positions in the file
};

Result<DelegateLayout> locate(std::span<const std::byte> file, ByteRange delegate) {
  const auto bytes = file.subspan(delegate.offset_bytes, delegate.size_bytes);
  namespace dh = delegate_header;
  const bool has_header =
      bytes.size() >= dh::kSize && std::memcmp(bytes.data() + dh::kMagicOffset, dh::kMagic, 4) == 0;
  DelegateLayout layout{{0, bytes.size()}, {0, 0}};
  if (has_header) {
    layout.flatbuffer = {read_u32(bytes, dh::kFlatbufferOffset),
                         read_u32(bytes, dh::kFlatbufferBytesOffset)};
    layout.constants = {read_u32(bytes, dh::kConstantsOffset),
                        read_u64(bytes, dh::kConstantsBytesOffset)};
  }
  for (ByteRange* range : {&layout.flatbuffer, &layout.constants}) {
    if (range->offset_bytes > bytes.size() ||
        range->size_bytes > bytes.size() - range->offset_bytes) {
      return corrupt("the delegate's header points outside the delegate");
    }
    range->offset_bytes += delegate.offset_bytes;
  }
  const bool aligned = layout.flatbuffer.offset_bytes % kFlatbufferAlignmentBytes == 0;
  if (!aligned || layout.flatbuffer.size_bytes >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return corrupt("the FlatBuffer of its XNNPACK delegate is misaligned or larger than 2 GB");
  }
  return layout;
}

class DelegateReader {
 public:
  DelegateReader(const Container& container, DelegateLayout layout)
      : container_(container), layout_(layout) {}

  Result<DelegateGraph> read() {
    if (auto status = verify(); !status) return fail(status.error());
    for (const fb::XValue* value : *source_->xvalues()) {
      if (auto status = add_value(*value); !status) return fail(status.error());
    }
    for (const fb::XNode* node : *source_->xnodes()) {
      if (auto status = add_node(*node); !status) return fail(status.error());
    }
    return std::move(result_);
  }

 private:
  Status verify() {
    const auto* data = reinterpret_cast<const std::uint8_t*>(container_.file().data()) +
                       layout_.flatbuffer.offset_bytes;
    const std::size_t size = layout_.flatbuffer.size_bytes;
    flatbuffers::Verifier verifier(data, size);
    const bool known = size >= 8 && (std::memcmp(data + 4, "XN00", 4) == 0 ||
                                     std::memcmp(data + 4, "XN01", 4) == 0);
    if (!known) {
      return fail(
          ErrorCode::unsupported,
          fmt::format("its XNNPACK delegate has the format '{}'; Sectile reads XN00 and XN01, "
                      "which {} writes",
                      size >= 8 ? escaped({reinterpret_cast<const char*>(data) + 4, 4}) : "",
                      kReadableVersions));
    }
    if (!verifier.VerifyBuffer<fb::XNNGraph>(nullptr)) {
      return corrupt("the FlatBuffer of its XNNPACK delegate is damaged");
    }
    source_ = fb::GetXNNGraph(data);
    if (source_->xvalues() == nullptr || source_->xnodes() == nullptr) {
      return corrupt("its XNNPACK delegate has no values or no nodes");
    }
    return check_newer_fields();
  }

  // Of the network's own table and of its constants'; those of values and nodes come later.
  Status check_newer_fields() const {
    const auto newer = [](const auto* table) { return has_newer_fields(*table); };
    const auto* constants = source_->constant_data();
    const bool found =
        newer(source_) || (constants != nullptr && std::ranges::any_of(*constants, newer));
    if (!found) return {};
    return fail(ErrorCode::unsupported,
                "its XNNPACK delegate has fields that are newer than Sectile");
  }

  Status add_value(const fb::XValue& source) {
    const auto tables = value_tables(source);
    if (!tables) return fail(tables.error());
    const auto constant_at = [this](std::uint32_t index) { return read_constant(index); };
    auto value = decode_value(*tables, container_.file(), constant_at);
    if (!value) return fail(value.error());
    if (would_lose_fields(source, *value)) {
      return fail(
          ErrorCode::unsupported,
          fmt::format("value {} of the network has fields that Sectile would lose: the file "
                      "is newer than Sectile, or damaged",
                      result_.graph.values.size()));
    }
    const fb::XNNTensorValue& tensor = *tables->tensor;
    if (tensor.constant_buffer_idx() != 0) {
      auto constant = read_constant(tensor.constant_buffer_idx());
      if (!constant) return fail(constant.error());
      if (constant->size_bytes < static_cast<std::uint64_t>(value->size_bytes())) {
        return corrupt(fmt::format("a constant of shape {} has {} bytes", to_string(value->shape),
                                   constant->size_bytes));
      }
      value->constant = std::move(*constant);
    }
    return register_value(tensor, std::move(*value));
  }

  // Constants are named data, a part of the bytes after the FlatBuffer, or (oldest) part of the
  // FlatBuffer.
  Result<Constant> read_constant(std::uint32_t index) {
    const auto* entries = source_->constant_data();
    if (entries != nullptr && index < entries->size()) {
      const fb::ConstantDataOffset& entry = *entries->Get(index);
      if (entry.named_key() != nullptr && entry.named_key()->size() > 0) {
        const std::string key = entry.named_key()->str();
        const auto range = container_.named_data(key);
        if (!range) return fail(range.error());
        return Constant{range->offset_bytes, range->size_bytes, key};
      }
      if (entry.offset() > layout_.constants.size_bytes ||
          entry.size() > layout_.constants.size_bytes - entry.offset()) {
        return corrupt("a constant lies outside its delegate");
      }
      return Constant{layout_.constants.offset_bytes + entry.offset(), entry.size(), ""};
    }
    const auto* buffers = source_->constant_buffer();
    if (buffers == nullptr || index >= buffers->size() ||
        buffers->Get(index)->storage() == nullptr) {
      return corrupt(fmt::format("there is no constant {}", index));
    }
    const auto* storage = buffers->Get(index)->storage();
    const auto* begin = reinterpret_cast<const std::byte*>(storage->data());
    return Constant{static_cast<std::uint64_t>(begin - container_.file().data()), storage->size(),
                    ""};
  }

  Status register_value(const fb::XNNTensorValue& tensor, Value value) {
    const auto id = static_cast<ValueId>(result_.graph.values.size());
    if (tensor.id_out() == kNoValue || !ids_.emplace(tensor.id_out(), id).second) {
      return corrupt(fmt::format("value {} of the network is defined twice", tensor.id_out()));
    }
    if (tensor.flags() & kExternalInput) {
      result_.inputs.push_back({id, tensor.external_id()});
      defined_.insert(id);
    }
    if (tensor.flags() & kExternalOutput) result_.outputs.push_back({id, tensor.external_id()});
    if (value.constant) defined_.insert(id);
    result_.graph.values.push_back(std::move(value));
    return {};
  }

  Status add_node(const fb::XNode& source) {
    const auto value_of = [this](std::uint32_t id) -> Result<ValueId> {
      const auto found = ids_.find(id);
      if (found == ids_.end()) return corrupt(fmt::format("it uses the unknown value {}", id));
      return found->second;
    };
    auto node = decode_node(source, result_.graph.values, value_of);
    if (!node) {
      return fail(node.error().code, fmt::format("node {} of the network: {}",
                                                 result_.graph.nodes.size(), node.error().message));
    }
    for (const ValueId input : node->inputs) {
      if (input != kNoValue && !defined_.contains(input)) {
        return corrupt(fmt::format("{} uses a value that no node before it makes", node->op));
      }
    }
    if (!defined_.insert(node->output).second) {
      return corrupt(fmt::format("{} makes a value that exists already", node->op));
    }
    result_.graph.nodes.push_back(std::move(*node));
    return {};
  }

  const Container& container_;
  DelegateLayout layout_;
  const fb::XNNGraph* source_ = nullptr;
  DelegateGraph result_;
  std::unordered_map<std::uint32_t, ValueId> ids_;
  std::set<ValueId> defined_;
};

}  // namespace

Result<DelegateGraph> decode_delegate(const Container& container, ByteRange delegate) {
  const auto layout = locate(container.file(), delegate);
  if (!layout) return fail(layout.error());
  return DelegateReader(container, *layout).read();
}

}  // namespace sectile::internal
