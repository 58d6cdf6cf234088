// The table of a message in words.
#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

std::string range(Versions versions) {
  if (versions.empty()) return "none";
  const std::string lo = std::to_string(versions.lo);
  if (versions.hi == Versions::open) return lo + '+';
  return versions.hi == versions.lo ? lo : lo + '-' + std::to_string(versions.hi);
}

std::string type_name(const TypeInfo& type) {
  switch (type.kind) {
    case Kind::boolean: return "bool";
    case Kind::int8: return "int8";
    case Kind::int16: return "int16";
    case Kind::uint16: return "uint16";
    case Kind::int32: return "int32";
    case Kind::int64: return "int64";
    case Kind::float64: return "float64";
    case Kind::uuid: return "uuid";
    case Kind::string: return "string";
    case Kind::bytes: return "bytes";
    case Kind::list: return "list of " + type_name(*type.element);
    case Kind::structure: return std::string(type.of->name);
  }
  __builtin_unreachable();
}

int64 scalar(Kind kind, const char* value) {
  switch (kind) {
    case Kind::boolean:
    case Kind::int8: return get<int8>(value);
    case Kind::int16: return get<int16>(value);
    case Kind::uint16: return get<uint16>(value);
    case Kind::int32: return get<int32>(value);
    case Kind::int64: return get<int64>(value);
    default: return 0;
  }
}

/// Only defaults other than zero, empty and a structure of defaults say something.
std::string default_note(const StructInfo& info, const FieldInfo& field) {
  const char* const value = defaults(info) + field.at;
  if (field.type.nullable) return is_null(field.type, value) ? " = null" : "";
  const int64 number = scalar(field.type.kind, value);
  if (number == 0) return "";
  return field.type.kind == Kind::boolean ? " = true" : " = " + std::to_string(number);
}

void describe_structure(const StructInfo& info, const std::string& indent, std::string& out) {
  for (const FieldInfo& field : info.fields) {
    out += indent + std::string(field.name) + ": " + type_name(field.type);
    if (field.spec.in != Versions("0+")) out += " " + range(field.spec.in);
    if (field.tagged()) out += " tag " + std::to_string(field.spec.tag);
    out += default_note(info, field);
    if (field.type.nullable) out += field.spec.null_given ? " null " + range(field.spec.null) : " nullable";
    if (field.spec.ignorable) out += " ignorable";
    out += '\n';
    const TypeInfo& inner = field.type.kind == Kind::list ? *field.type.element : field.type;
    if (inner.kind == Kind::structure) describe_structure(*inner.of, indent + "  ", out);
  }
}

}  // namespace

std::string describe(const MessageInfo& info) {
  std::string out(info.name);
  if (info.kind != MessageKind::data) out += " key " + std::to_string(info.api.key);
  out += " versions " + range(info.api.versions) + " flexible " + range(info.api.flexible) + '\n';
  describe_structure(*info.root, "  ", out);
  return out;
}

}  // namespace barnabas::protocol
