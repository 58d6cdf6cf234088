#include "barnabas/protocol/json_schema.hpp"

#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

string name_of(MessageKind kind) {
  switch (kind) {
    case MessageKind::request: return "request";
    case MessageKind::response: return "response";
    case MessageKind::data: return "data";
  }
  __builtin_unreachable();
}

class SchemaPrinter {
 public:
  std::string take() { return std::move(out_); }

  void message(const MessageInfo& info) {
    out_ += '{';
    text("name", info.name);
    text("kind", name_of(info.kind));
    if (info.kind != MessageKind::data) raw("key", std::to_string(info.api.key));
    text("versions", versions_text(info.api.versions));
    text("flexible", versions_text(info.api.flexible));
    if (!info.api.unstable.empty()) text("unstable", versions_text(info.api.unstable));
    fields(*info.root);
    out_ += '}';
  }

 private:
  void field(const StructInfo& info, const FieldInfo& field) {
    out_ += '{';
    text("name", field.name);
    text("type", type_text(field.type));
    text("versions", versions_text(field.spec.in));
    if (field.tagged()) raw("tag", std::to_string(field.spec.tag));
    if (field.type.kind != Kind::structure || field.type.nullable) {
      name("default");
      append_default(field.type, defaults(info) + field.at);
    }
    if (field.type.nullable) text("nullable_versions", versions_text(field.spec.null));
    if (field.spec.ignorable) raw("ignorable", "true");
    if (field.type.secret) raw("secret", "true");
    const TypeInfo& inner = field.type.kind == Kind::list ? *field.type.element : field.type;
    // A structure that contains itself is described once.
    if (inner.kind == Kind::structure && inner.of != &info) fields(*inner.of);
    out_ += '}';
  }

  void append_default(const TypeInfo& type, const char* value) {
    if (type.kind == Kind::structure && !is_null(type, value)) {
      out_ += "{}";
    } else {
      append_json_value(out_, type, value);
    }
  }

  void fields(const StructInfo& info) {
    name("fields");
    out_ += '[';
    for (const FieldInfo& one : info.fields) {
      if (out_.back() != '[') out_ += ',';
      field(info, one);
    }
    out_ += ']';
  }

  void name(string name) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
  }
  void raw(string key, string value) {
    name(key);
    out_ += value;
  }
  void text(string key, string value) {
    name(key);
    append_json_string(out_, value);
  }

  std::string out_;
};

}  // namespace

std::string type_text(const TypeInfo& type) {
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
    case Kind::bytes: return type.records ? "records" : "bytes";
    case Kind::list: return "[]" + type_text(*type.element);
    case Kind::structure: return std::string(type.of->name);
  }
  __builtin_unreachable();
}

std::string versions_text(Versions versions) {
  if (versions.empty()) return "none";
  std::string text = std::to_string(versions.lo);
  if (versions.hi == Versions::open) return text + '+';
  return versions.hi == versions.lo ? text : text + '-' + std::to_string(versions.hi);
}

std::string schema_json(const MessageInfo& info) {
  SchemaPrinter printer;
  printer.message(info);
  return printer.take();
}

}  // namespace barnabas::protocol
