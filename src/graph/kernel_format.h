// KernelFormat: how a kernel of ExecuTorch's own, which stays outside XNNPACK, is called.
//
// Thread safety: formats are constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/node_view.h"

namespace sectile::internal {

struct KernelFormat {
  // Of each argument before the outputs, one letter, checked when a program is read, as ExecuTorch
  // checks neither their number nor their kinds: t tensor, n number, d floating-point number,
  // i integer, b flag, l list of integers; a capital letter may be none. "-": always none.
  std::string_view arguments;

  std::size_t outputs = 1;  // the last arguments before what the call returns; the first is read
  std::size_t dims_argument = SIZE_MAX;  // the one that names dims; SIZE_MAX: none does

  // Of windows over an image: the operator that does the same with an image that lies row-major,
  // and is read in the kernel's place. Streams keep the rows of such images alone.
  std::string_view row_major = {};
  // How many rows and columns of zeros surround the image. They become a node of their own, as a
  // part of the image has them at some of its edges alone.
  std::size_t padding_argument = SIZE_MAX;
  std::size_t counts_padding = SIZE_MAX;  // a flag: whether averages count them; SIZE_MAX: none

  // Sectile's own (src/base/own_kernels.h), which no program that is read may call.
  bool is_own = false;

  // Of outputs that nothing reads. Null: it has none.
  std::vector<Shape> (*unread)(const NodeView& view) = nullptr;
};

// Whether the node is a call of a kernel outside XNNPACK.
bool is_kernel(const Node& node);

// Whether it calls one of Sectile's own.
bool is_own_kernel(const Node& node);

// Shapes of the outputs of a kernel that nothing reads.
std::vector<Shape> unread_outputs(const NodeView& view);

}  // namespace sectile::internal
