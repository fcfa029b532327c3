// KernelCall: a call of one of ExecuTorch's own kernels, or of Sectile's.
//
// Thread safety: plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace sectile::internal {

// Its arguments in the kernel's order, without what the call returns. Dims are places in memory.
struct KernelCall {
  struct None {
    friend bool operator==(const None&, const None&) = default;
  };
  struct Input {
    std::size_t index = 0;  // into the node's inputs
    friend bool operator==(const Input&, const Input&) = default;
  };
  struct Output {
    friend bool operator==(const Output&, const Output&) = default;
  };
  // An output that nothing reads: of these, the one of this index.
  struct Unread {
    std::size_t index = 0;
    friend bool operator==(const Unread&, const Unread&) = default;
  };
  using Integers = std::vector<std::int64_t>;
  using Argument = std::variant<None, Input, Output, Unread, bool, std::int64_t, double, Integers>;
  std::vector<Argument> arguments;
  friend bool operator==(const KernelCall&, const KernelCall&) = default;
};

}  // namespace sectile::internal
