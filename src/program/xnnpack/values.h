// Values of the XNNPACK schema: what their elements are and what integers stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "runtime_schema_generated.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The place of a constant of the delegate, by its index.
using ConstantAt = std::function<Result<Constant>(std::uint32_t index)>;

struct ValueTables {
  const fb_xnnpack::XNNTensorValue* tensor = nullptr;
  const fb_xnnpack::XNNQuantizedTensorValue* quantized = nullptr;  // null: the value is not
};

// Errors: corrupt.
Result<ValueTables> value_tables(const fb_xnnpack::XValue& value);

// The value's type, quantisation and dims. `file` holds the bytes that constants lie in.
// Errors: corrupt; the message is the bare reason.
Result<Value> decode_value(const ValueTables& tables, std::span<const std::byte> file,
                           const ConstantAt& constant_at);

// Whether the file says something of the value that `value`, decoded from it, does not hold.
bool would_lose_fields(const fb_xnnpack::XValue& source, const Value& value);

// Of the value as it stands, dims and quantisation included; it is no constant and not external
// yet.
// REQUIRES: a type that is run.
std::unique_ptr<fb_xnnpack::XValueT> encode_value(const Value& value);
// The tensor inside. REQUIRES: made by encode_value.
fb_xnnpack::XNNTensorValueT& tensor_of(fb_xnnpack::XValueT& value);

}  // namespace sectile::internal
