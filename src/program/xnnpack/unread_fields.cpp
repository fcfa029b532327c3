#include "src/program/xnnpack/unread_fields.h"

#include <cstddef>
#include <cstdint>

namespace sectile::internal {

namespace {
using flatbuffers::ElementaryType;
using flatbuffers::SequenceType;
using flatbuffers::Table;
using flatbuffers::TypeTable;
using flatbuffers::voffset_t;

voffset_t place_of(std::size_t field) {
  return flatbuffers::FieldIndexToOffset(static_cast<voffset_t>(field));
}

bool has_fields_beyond(const Table& table, std::size_t known) {
  const std::uint8_t* vtable = table.GetVTable();
  const auto end = flatbuffers::ReadScalar<voffset_t>(vtable);
  for (voffset_t at = place_of(known); at < end; at += sizeof(voffset_t)) {
    if (flatbuffers::ReadScalar<voffset_t>(vtable + at) != 0) return true;
  }
  return false;
}

// The type of what a union holds: the field before it says which. Null: newer than the schema.
const TypeTable* held_type(const Table& table, std::size_t field, const TypeTable& held) {
  const auto kind = table.GetField<std::uint8_t>(place_of(field - 1), 0);
  if (kind >= held.num_elems) return nullptr;
  const auto reference = held.type_codes[kind].sequence_ref;
  return reference < 0 ? nullptr : held.type_refs[reference]();
}

bool inner_has_newer_fields(const Table& table, std::size_t field, const TypeTable& type) {
  const flatbuffers::TypeCode code = type.type_codes[field];
  if (code.base_type != ElementaryType::ET_SEQUENCE || code.is_repeating) return false;
  const void* inner = table.GetPointer<const void*>(place_of(field));
  if (inner == nullptr) return false;
  const TypeTable* of = type.type_refs[code.sequence_ref]();
  if (of->st == SequenceType::ST_UNION) of = held_type(table, field, *of);
  return of == nullptr || has_newer_fields(inner, *of);
}

}  // namespace

bool has_newer_fields(const void* table, const TypeTable& type) {
  const Table& fields = *static_cast<const Table*>(table);
  if (has_fields_beyond(fields, type.num_elems)) return true;
  for (std::size_t field = 0; field < type.num_elems; ++field) {
    if (inner_has_newer_fields(fields, field, type)) return true;
  }
  return false;
}

}  // namespace sectile::internal
