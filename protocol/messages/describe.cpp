// The table of a message in words.
#include "barnabas/protocol/json_schema.hpp"
#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

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
  if (field.type.nullable) return is_null(field.type, value) ? "null" : "";
  const int64 number = scalar(field.type.kind, value);
  if (number == 0) return "";
  return field.type.kind == Kind::boolean ? "true" : std::to_string(number);
}

/// The structure that a field holds, alone or in a list.
const StructInfo* structure_in(const FieldInfo& field) {
  const TypeInfo& inner = field.type.kind == Kind::list ? *field.type.element : field.type;
  return inner.kind == Kind::structure ? inner.of : nullptr;
}

namespace all_versions {

std::string type_name(const TypeInfo& type) {
  return type.kind == Kind::list ? "list of " + type_name(*type.element) : type_text(type);
}

void structure(const StructInfo& info, const std::string& indent, std::string& out) {
  for (const FieldInfo& field : info.fields) {
    out += indent + std::string(field.name) + ": " + type_name(field.type);
    if (field.spec.in != Versions("0+")) out += " " + versions_text(field.spec.in);
    if (field.tagged()) out += " tag " + std::to_string(field.spec.tag);
    if (const std::string note = default_note(info, field); !note.empty()) out += " = " + note;
    if (field.type.nullable) out += field.spec.null_given ? " null " + versions_text(field.spec.null) : " nullable";
    if (field.spec.ignorable) out += " ignorable";
    if (field.spec.inflexible) out += " inflexible";
    out += '\n';
    if (const StructInfo* const inner = structure_in(field)) structure(*inner, indent + "  ", out);
  }
}

std::string message(const MessageInfo& info) {
  std::string out(info.name);
  if (info.kind != MessageKind::data) out += " key " + std::to_string(info.api.key);
  out += " versions " + versions_text(info.api.versions) + " flexible " + versions_text(info.api.flexible);
  if (!info.api.unstable.empty()) out += " unstable " + versions_text(info.api.unstable);
  out += '\n';
  structure(*info.root, "  ", out);
  return out;
}

}  // namespace all_versions

/// One version, in the notation of Kafka's protocol guide.
class OneVersion {
 public:
  OneVersion(const MessageInfo& info, int version) : version_(version), flexible_(info.flexible(version)) {
    out_ = title(info) + " (Version: " + std::to_string(version) + (info.unstable(version) ? ", unstable" : "") +
           ") =>" + members(*info.root) + '\n';
    structure(*info.root, "  ");
  }
  std::string take() { return std::move(out_); }

 private:
  static std::string title(const MessageInfo& info) {
    const string kind = info.kind == MessageKind::request    ? "Request"
                        : info.kind == MessageKind::response ? "Response"
                                                             : "";
    const string name = info.name.substr(0, info.name.size() - kind.size());
    return kind.empty() ? std::string(name) : std::string(name) + ' ' + std::string(kind);
  }

  std::string members(const StructInfo& info) const {
    std::string names;
    for (const FieldInfo& field : info.fields) {
      if (!field.in(version_) || field.tagged()) continue;
      const std::string name(field.name);
      names += field.type.kind == Kind::list ? " [" + name + ']' : ' ' + name;
    }
    if (flexible_) names += " _tagged_fields";
    return names;
  }

  void structure(const StructInfo& info, const std::string& indent) {
    for (const FieldInfo& field : info.fields) {
      if (field.in(version_) && !field.tagged()) line(info, field, indent);
    }
    for (const FieldInfo& field : info.fields) {
      if (field.in(version_) && field.tagged()) line(info, field, indent);
    }
  }

  void line(const StructInfo& info, const FieldInfo& field, const std::string& indent) {
    out_ += indent + std::string(field.name);
    if (field.tagged()) out_ += " (tag " + std::to_string(field.spec.tag) + ')';
    out_ += " =>";
    const TypeInfo& type = field.type;
    const bool null = field.nullable_in(version_);
    const StructInfo* const inner = structure_in(field);
    if (inner != nullptr) {
      out_ += (null ? " nullable" : "") + members(*inner);
    } else if (type.kind == Kind::list) {
      out_ += null ? " nullable " : " ";
      out_ += wire_name(*type.element, false, flexible_);
    } else {
      out_ += ' ' + wire_name(type, null, flexible_ && !field.spec.inflexible);
    }
    if (const std::string note = default_note(info, field); !note.empty()) out_ += "  (default " + note + ')';
    out_ += '\n';
    if (inner != nullptr) structure(*inner, indent + "  ");
  }

  static std::string wire_name(const TypeInfo& type, bool null, bool compact) {
    const std::string prefix = std::string(compact ? "COMPACT_" : "") + (null ? "NULLABLE_" : "");
    switch (type.kind) {
      case Kind::boolean: return "BOOLEAN";
      case Kind::int8: return "INT8";
      case Kind::int16: return "INT16";
      case Kind::uint16: return "UINT16";
      case Kind::int32: return "INT32";
      case Kind::int64: return "INT64";
      case Kind::float64: return "FLOAT64";
      case Kind::uuid: return "UUID";
      case Kind::string: return prefix + "STRING";
      case Kind::bytes: return prefix + (type.records ? "RECORDS" : "BYTES");
      default: return std::string(type.of->name);
    }
  }

  int version_;
  bool flexible_;
  std::string out_;
};

}  // namespace

std::string describe(const MessageInfo& info, std::optional<int> version) {
  if (!version) return all_versions::message(info);
  if (!info.api.versions.has(*version)) return {};
  return OneVersion(info, *version).take();
}

}  // namespace barnabas::protocol
