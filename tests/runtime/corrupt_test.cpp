// Damaged programs are an Error, never a crash, as far as ExecuTorch checks what it reads.
//
// Not tested here: a program or a network that is a sound FlatBuffer but contradicts itself (an
// index out of range, an absent field). ExecuTorch trusts these; src/program refuses them before
// they come here.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "src/program/read_program.h"
#include "src/runtime/loaded_program.h"
#include "tests/runtime/programs.h"

namespace sectile::internal {
namespace {

Status open_and_load(std::shared_ptr<const VirtualFile> file) {
  auto program = load_program(std::move(file));
  if (!program) return fail(program.error());
  auto session = (*program)->load("forward", kImage, kFeatures, Threading::caller);
  return session ? Status() : fail(session.error());
}

TEST(Corrupt, IsEveryTruncation) {
  const auto bytes = read_program("two_convs.pte");
  for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 61) {
    const std::vector<std::byte> part(bytes.begin(), bytes.begin() + static_cast<long>(size));
    const auto program = load_program(in_one_piece(part));
    ASSERT_FALSE(program) << size << " bytes were accepted";
    EXPECT_EQ(program.error().code, ErrorCode::corrupt) << program.error().message;
  }
}

// Bytes 0 to 39: the root's offset, the identifier and ExecuTorch's header with the sizes. A flip
// may leave a size that still covers the program, so it need not be an error; it must not be a
// crash.
TEST(Corrupt, IsNoCrashForAnyFlipInTheHeader) {
  const auto bytes = read_program("two_convs.pte");
  int refused = 0;
  for (std::size_t at = 0; at < 40; ++at) {
    for (const unsigned mask : {0x01u, 0x80u, 0xffu}) {
      auto damaged = bytes;
      damaged[at] ^= static_cast<std::byte>(mask);
      if (!open_and_load(in_one_piece(damaged))) ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(Corrupt, IsAProgramOfZerosOrOfText) {
  for (const char filling : {'\0', 'x', '\xff'}) {
    const std::vector<std::byte> bytes(4096, static_cast<std::byte>(filling));
    const auto program = load_program(in_one_piece(bytes));
    ASSERT_FALSE(program);
    EXPECT_EQ(program.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(load_program(std::make_shared<VirtualFile>()));
}

// The network's own FlatBuffer, in the first segment: its identifier, and the offset of its root.
TEST(Corrupt, IsADamagedNetwork) {
  auto bytes = read_program("two_convs.pte");
  const std::size_t begin = program_size_bytes(bytes);
  std::size_t identifier = begin;
  while (std::memcmp(bytes.data() + identifier, "XN01", 4) != 0) ++identifier;
  for (const std::size_t at : {identifier, identifier - 4, identifier - 1}) {
    auto damaged = bytes;
    damaged[at] ^= std::byte{0x7f};
    const Status loaded = open_and_load(in_one_piece(damaged));
    ASSERT_FALSE(loaded) << at;
    EXPECT_EQ(loaded.error().code, ErrorCode::corrupt) << loaded.error().message;
  }
}

TEST(Corrupt, IsAPieceThatIsAByteShort) {
  const auto whole = in_pieces(read_program("two_convs.pte"));
  for (std::size_t shortened = 0; shortened < whole->pieces().size(); ++shortened) {
    if (whole->pieces()[shortened].bytes.empty()) continue;
    auto file = std::make_shared<VirtualFile>();
    for (std::size_t i = 0; i < whole->pieces().size(); ++i) {
      const VirtualFile::Piece& piece = whole->pieces()[i];
      file->append(piece.bytes.first(piece.bytes.size() - (i == shortened)), piece.owner, 128);
    }
    EXPECT_FALSE(open_and_load(file)) << "piece " << shortened;
  }
}

}  // namespace
}  // namespace sectile::internal
