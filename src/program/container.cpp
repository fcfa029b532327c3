#include "src/program/container.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "src/base/escaped.h"
#include "src/program/errors.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;

static_assert(std::endian::native == std::endian::little,
              "the formats read here are little-endian");

template <typename T>
T read_number(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename T>
void write_number(std::span<std::byte> bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

bool has_magic(std::span<const std::byte> bytes, std::size_t offset, const char* magic) {
  return std::memcmp(bytes.data() + offset, magic, 4) == 0;
}

bool inside(ByteRange range, std::uint64_t size_bytes) {
  return range.offset_bytes <= size_bytes && range.size_bytes <= size_bytes - range.offset_bytes;
}

constexpr std::size_t kLeastBytes = extended_header::kOffset + extended_header::kSize;

Status check_format(std::span<const std::byte> file) {
  if (file.size() < kLeastBytes) {
    return corrupt("not an ExecuTorch program (no ET12 at its start)");
  }
  if (has_magic(file, 4, "ET12")) return {};
  const std::string format(reinterpret_cast<const char*>(file.data()) + 4, 4);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (format.starts_with("ET") && digit(format[2]) && digit(format[3])) {
    return fail(ErrorCode::unsupported,
                fmt::format("its format is {}; Sectile reads ET12, which {} writes", format,
                            kReadableVersions));
  }
  return corrupt("not an ExecuTorch program (no ET12 at its start)");
}
}  // namespace

std::uint32_t read_u32(std::span<const std::byte> bytes, std::size_t offset) {
  return read_number<std::uint32_t>(bytes, offset);
}
std::uint64_t read_u64(std::span<const std::byte> bytes, std::size_t offset) {
  return read_number<std::uint64_t>(bytes, offset);
}
void write_u16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) {
  write_number(bytes, offset, value);
}
void write_u32(std::span<std::byte> bytes, std::size_t offset, std::uint32_t value) {
  write_number(bytes, offset, value);
}
void write_u64(std::span<std::byte> bytes, std::size_t offset, std::uint64_t value) {
  write_number(bytes, offset, value);
}

Result<Container> Container::parse(std::span<const std::byte> file) {
  if (auto status = check_format(file); !status) return fail(status.error());
  Container container;
  container.file_ = file;
  std::uint64_t program_bytes = file.size();
  if (has_magic(file, extended_header::kOffset, extended_header::kMagic)) {
    program_bytes = read_u64(file, extended_header::kProgramBytesOffset);
    container.segment_base_bytes_ = read_u64(file, extended_header::kSegmentBaseOffset);
  }
  if (program_bytes < kLeastBytes || program_bytes > file.size()) {
    return corrupt(fmt::format("truncated: the program takes {} bytes and the file has {}",
                               program_bytes, file.size()));
  }
  if (program_bytes >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return corrupt("its FlatBuffer is larger than 2 GB");
  const auto* data = reinterpret_cast<const std::uint8_t*>(file.data());
  flatbuffers::Verifier verifier(data, program_bytes);
  if (!et::VerifyProgramBuffer(verifier)) return corrupt("the program's FlatBuffer is damaged");
  container.program_ = et::GetProgram(data);
  if (const auto* named = container.program_->named_data()) {
    for (const et::NamedData* entry : *named) {
      if (entry->key() == nullptr) return corrupt("a named data entry has no name");
      container.named_segments_.emplace(entry->key()->str(), entry->segment_index());
    }
  }
  return container;
}

Result<ByteRange> Container::segment(std::uint32_t index) const {
  const auto* segments = program_->segments();
  if (segments == nullptr || index >= segments->size()) {
    return corrupt(fmt::format("there is no segment {}", index));
  }
  const et::DataSegment* segment = segments->Get(index);
  const std::uint64_t offset = segment_base_bytes_ + segment->offset();
  const ByteRange range{offset, segment->size()};
  if (offset < segment_base_bytes_ || !inside(range, file_.size())) {
    return corrupt(
        fmt::format("segment {} of {} bytes at {} lies outside the file of {} bytes: truncated?",
                    index, range.size_bytes, range.offset_bytes, file_.size()));
  }
  return range;
}

Result<ByteRange> Container::delegate_bytes(const et::BackendDelegate& delegate) const {
  const auto* reference = delegate.processed();
  if (reference == nullptr) return corrupt("a delegate has no data");
  if (reference->location() == et::DataLocation::SEGMENT) return segment(reference->index());
  const auto* inline_data = program_->backend_delegate_data();
  if (inline_data == nullptr || reference->index() >= inline_data->size() ||
      inline_data->Get(reference->index())->data() == nullptr) {
    return corrupt("a delegate's data is missing");
  }
  const auto* bytes = inline_data->Get(reference->index())->data();
  const auto* begin = reinterpret_cast<const std::byte*>(bytes->data());
  return ByteRange{static_cast<std::uint64_t>(begin - file_.data()), bytes->size()};
}

// From the start of one constant to the end of the segment that holds them all.
Result<ByteRange> Container::constant_segment(std::uint32_t index) const {
  const auto* table = program_->constant_segment();
  if (table == nullptr || table->offsets() == nullptr || index >= table->offsets()->size()) {
    return corrupt(fmt::format("there is no constant tensor {}", index));
  }
  const auto whole = segment(table->segment_index());
  if (!whole) return whole;
  const std::uint64_t offset = table->offsets()->Get(index);
  if (offset > whole->size_bytes) return corrupt("a constant tensor lies outside its segment");
  return ByteRange{whole->offset_bytes + offset, whole->size_bytes - offset};
}

Result<ByteRange> Container::constant_tensor(const et::Tensor& tensor,
                                             std::uint64_t size_bytes) const {
  const auto range = constant_segment(tensor.data_buffer_idx());
  if (!range) return range;
  if (size_bytes > range->size_bytes) return corrupt("a constant tensor lies outside its segment");
  return ByteRange{range->offset_bytes, size_bytes};
}

Result<ByteRange> Container::named_data(const std::string& key) const {
  const auto entry = named_segments_.find(key);
  if (entry == named_segments_.end()) {
    return corrupt(fmt::format("there is no data named '{}'", escaped(key)));
  }
  return segment(entry->second);
}

}  // namespace sectile::internal
