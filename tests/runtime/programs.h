// The test programs of programs/ (made by export_programs.py), served in the ways in which they
// reach ExecuTorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/virtual_file.h"
#include "src/program/read_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"

namespace sectile::internal {

// What the convolution programs take and give, unless a test says otherwise.
inline constexpr TensorSpec kImage{3, {16, 20}, Layout::planar};
inline constexpr TensorSpec kFeatures{4, {16, 20}, Layout::planar};

std::vector<std::byte> read_program(const std::string& name);
// Float values of PyTorch for test_input(), committed beside the programs.
std::vector<float> read_expected(const std::string& name);

// Each in memory of its own, so that a sanitizer sees a byte read beyond a piece.
std::shared_ptr<const VirtualFile> in_one_piece(const std::vector<std::byte>& bytes);
// The program and each of its segments as a separate piece, at their old offsets.
std::shared_ptr<const VirtualFile> in_pieces(const std::vector<std::byte>& bytes);
// Bytes of the file that hold the program's FlatBuffer; segments follow.
std::uint64_t program_size_bytes(const std::vector<std::byte>& bytes);

// The program of programs/`name`. Fails the test when it cannot be loaded.
std::shared_ptr<LoadedProgram> open_program(const std::string& name);

// Values that export_programs.py makes too: planar, whatever the layout of `spec`.
std::vector<float> test_values(const TensorSpec& spec);
// `values` lie planar; the result lies as `spec` says.
std::vector<float> in_layout(const TensorSpec& spec, const std::vector<float>& values);
// The output of one run over `input`, which lies as the session's input spec says. Fails the test
// when the run fails.
std::vector<float> run_once(Session& session, const std::vector<float>& input);

}  // namespace sectile::internal
