// TensorBinding: the one input or the one output of a method, checked against what the caller will
// pass.
//
// ExecuTorch compares numbers of elements, never dims or the order of dims: bytes in the wrong
// layout run without an error. So everything is compared here, once, when a method is loaded.
#pragma once

#include <executorch/runtime/core/exec_aten/exec_aten.h>
#include <executorch/runtime/executor/method_meta.h>

#include <array>
#include <cstddef>
#include <string>

#include "sectile/result.h"
#include "src/base/tensor_spec.h"

namespace sectile::internal {

class TensorBinding {
 public:
  // `role` is "input" or "output", for messages.
  // Errors: unsupported, when `info` is not a tensor of exactly the type, the dims and the layout
  // of `spec`.
  static Result<TensorBinding> match(const char* role, const TensorSpec& spec,
                                     const executorch::runtime::TensorInfo& info);

  const TensorSpec& spec() const { return spec_; }
  std::size_t size_bytes() const { return static_cast<std::size_t>(spec_.bytes()); }
  // True when the program holds the tensor in memory of its own, so that values have to be copied
  // in or out.
  bool is_planned() const { return is_planned_; }

  // The port's tensor over `data`. It points into this port, which must outlive it.
  executorch::aten::TensorImpl tensor_over(const std::byte* data);
  // Whether `tensor` has the port's dims (an output of dynamic shape may come out smaller).
  bool has_dims_of(const executorch::aten::Tensor& tensor) const;

 private:
  using Dims = std::array<executorch::aten::SizesType, 4>;
  using Order = std::array<executorch::aten::DimOrderType, 4>;

  TensorBinding(const TensorSpec& spec, Dims dims, Order order, bool is_planned)
      : spec_(spec), dims_(dims), order_(order), is_planned_(is_planned) {}

  TensorSpec spec_;
  Dims dims_;
  Order order_;
  bool is_planned_ = false;
};

}  // namespace sectile::internal
