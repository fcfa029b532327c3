// Finds what a file says and Sectile would lose: fields that are newer than the schema it was built
// with, and fields of that schema that it does not carry over.
//
// Thread safety: pure functions.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstring>

#include "runtime_schema_generated.h"

namespace sectile::internal {

// Whether the table, or one inside it, has a field that its schema lacks. Tables in vectors are not
// looked at. REQUIRES: a verified table of that type.
bool has_newer_fields(const void* table, const flatbuffers::TypeTable& type);

template <typename Table>
bool has_newer_fields(const Table& table) {
  return has_newer_fields(&table, *Table::MiniReflectTypeTable());
}

// Whether two objects of the schema's object API make the same bytes in a file. Unlike ==, it looks
// into objects that pointers refer to, and NaN is like NaN.
template <typename Object>
bool same_in_file(const Object& a, const Object& b) {
  flatbuffers::FlatBufferBuilder one;
  flatbuffers::FlatBufferBuilder other;
  one.Finish(Object::TableType::Pack(one, &a));
  other.Finish(Object::TableType::Pack(other, &b));
  return one.GetSize() == other.GetSize() &&
         std::memcmp(one.GetBufferPointer(), other.GetBufferPointer(), one.GetSize()) == 0;
}

}  // namespace sectile::internal
