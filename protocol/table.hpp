// What the codec knows about a message at run time: tables that reflect.hpp fills while compiling.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

enum class Kind : uint8 { boolean, int8, int16, uint16, int32, int64, float64, uuid, string, bytes, list, structure };

/// Whether values of this kind have a fixed size on the wire, equal to their size in memory.
constexpr bool is_scalar(Kind kind) { return kind <= Kind::uuid; }

struct StructInfo;

/// A type as it lies in memory.
struct TypeInfo {
  Kind kind = Kind::boolean;
  bool nullable = false;              // a bool stands value_size bytes after the value
  bool secret = false;                // never printed
  bool records = false;               // bytes that hold record batches
  uint32 value_size = 0;              // without the flag of a nullable
  uint32 size = 0;                    // bytes in memory
  const StructInfo* of = nullptr;     // of a structure
  const TypeInfo* element = nullptr;  // of a list
};

struct FieldInfo {
  string name;
  uint16 at = 0;  // offset in the structure
  FieldSpec spec = "0+";
  TypeInfo type;

  constexpr bool in(int version) const { return spec.in.has(version); }
  constexpr bool nullable_in(int version) const { return type.nullable && spec.null.has(version); }
  constexpr bool tagged() const { return spec.tag >= 0; }
};

struct StructInfo {
  string name;
  std::span<const FieldInfo> fields;  // in wire order; tagged fields ascend by tag
  const void* defaults = nullptr;     // a value of the structure with its defaults
  uint32 size = 0;
  bool has_tags = false;
};

enum class MessageKind : uint8 { request, response, data };

struct MessageInfo {
  string name;
  Api api;
  MessageKind kind = MessageKind::data;
  const StructInfo* root = nullptr;

  constexpr bool flexible(int version) const { return api.flexible.has(version); }
  constexpr bool unstable(int version) const { return api.unstable.has(version); }
};

/// The table of message M. Defined by reflect.hpp; those of messages/ are compiled into the library, so that users of a
/// message pay for its declaration alone.
template <class M>
const MessageInfo& message_info();

}  // namespace barnabas::protocol
