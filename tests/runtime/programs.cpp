#include "tests/runtime/programs.h"

#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <span>

#include "src/program/read_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {
namespace {

constexpr std::align_val_t kAlignment{128};

std::string folder() { return SECTILE_SOURCE_DIR "/tests/runtime/programs/"; }

std::vector<char> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t read_u64(const std::vector<std::byte>& bytes, std::size_t offset) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

// A copy of exactly these bytes, aligned as a mapped file would be.
void append_copy(VirtualFile& file, std::span<const std::byte> bytes, std::uint64_t alignment) {
  auto* copy = static_cast<std::byte*>(::operator new(bytes.size(), kAlignment));
  std::ranges::copy(bytes, copy);
  const std::shared_ptr<const void> owner(
      copy, [](std::byte* data) { ::operator delete(data, kAlignment); });
  file.append({copy, bytes.size()}, owner, alignment);
}

struct Segment {
  std::uint64_t offset_bytes;
  std::uint64_t size_bytes;
};

// Fields of the tables Program and DataSegment by their place in ExecuTorch's schema.
std::vector<Segment> segments_of(const std::vector<std::byte>& bytes) {
  constexpr flatbuffers::voffset_t segments_field = 4 + 2 * 4, offset_field = 4, size_field = 6;
  using Tables = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;
  const auto* tables = flatbuffers::GetRoot<flatbuffers::Table>(bytes.data())
                           ->GetPointer<const Tables*>(segments_field);
  std::vector<Segment> segments;
  for (const flatbuffers::Table* table : *tables) {
    segments.push_back({table->GetField<std::uint64_t>(offset_field, 0),
                        table->GetField<std::uint64_t>(size_field, 0)});
  }
  return segments;
}

}  // namespace

std::vector<std::byte> read_program(const std::string& name) {
  const std::vector<char> chars = read_file(folder() + name);
  std::vector<std::byte> bytes(chars.size());
  std::ranges::transform(chars, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

std::vector<float> read_expected(const std::string& name) {
  const std::vector<char> chars = read_file(folder() + name);
  std::vector<float> values(chars.size() / sizeof(float));
  std::memcpy(values.data(), chars.data(), values.size() * sizeof(float));
  return values;
}

std::shared_ptr<const VirtualFile> in_one_piece(const std::vector<std::byte>& bytes) {
  auto file = std::make_shared<VirtualFile>();
  append_copy(*file, bytes, 1);
  return file;
}

std::uint64_t program_size_bytes(const std::vector<std::byte>& bytes) {
  return read_u64(bytes, 16);
}

std::shared_ptr<const VirtualFile> in_pieces(const std::vector<std::byte>& bytes) {
  auto file = std::make_shared<VirtualFile>();
  const std::span<const std::byte> all(bytes);
  const std::uint64_t segment_base = read_u64(bytes, 24);
  append_copy(*file, all.first(program_size_bytes(bytes)), 1);
  for (const Segment& segment : segments_of(bytes)) {
    const std::uint64_t offset = segment_base + segment.offset_bytes;
    append_copy(*file, all.subspan(offset, segment.size_bytes), 128);
    EXPECT_EQ(file->pieces().back().offset_bytes, offset);
  }
  return file;
}

std::shared_ptr<LoadedProgram> open_program(const std::string& name) {
  auto program = load_program(in_one_piece(read_program(name)));
  EXPECT_TRUE(program) << (program ? "" : program.error().message);
  return program ? *program : nullptr;
}

std::vector<float> test_values(const TensorSpec& spec) {
  std::vector<float> values(static_cast<std::size_t>(spec.values()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i * 37 % 101) / 64.0f - 0.5f;
  }
  return values;
}

std::vector<float> in_layout(const TensorSpec& spec, const std::vector<float>& values) {
  if (spec.layout == Layout::planar) return values;
  std::vector<float> interleaved(values.size());
  const auto area = static_cast<std::size_t>(spec.size.area());
  const auto channels = static_cast<std::size_t>(spec.channels);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < area; ++i) interleaved[i * channels + c] = values[c * area + i];
  }
  return interleaved;
}

std::vector<float> run_once(Session& session, const std::vector<float>& input) {
  auto in = TileBuffer::allocate(session.input().values());
  auto out = TileBuffer::allocate(session.output().values());
  EXPECT_TRUE(in && out);
  std::ranges::copy(input, in->values().begin());
  const Status done = session.run(in->values(), out->values());
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  return {out->values().begin(), out->values().end()};
}

}  // namespace sectile::internal
