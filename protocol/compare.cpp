// Comparing messages, and what a version would lose of one.
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace detail {

namespace {

bool equal_structs(const StructInfo& info, const char* a, const char* b) {
  for (const FieldInfo& field : info.fields) {
    if (!equal_values(field.type, a + field.at, b + field.at)) return false;
  }
  return true;
}

bool equal_lists(const TypeInfo& element, RawList a, RawList b) {
  if (a.count != b.count) return false;
  for (std::size_t i = 0; i < a.count; ++i) {
    if (!equal_values(element, a.data + i * element.size, b.data + i * element.size)) return false;
  }
  return true;
}

}  // namespace

bool equal_values(const TypeInfo& type, const char* a, const char* b) {
  if (type.nullable) {
    const bool null = is_null(type, a);
    if (null != is_null(type, b)) return false;
    if (null) return true;
  }
  switch (type.kind) {
    case Kind::boolean: return get<bool>(a) == get<bool>(b);
    case Kind::int8: return *a == *b;
    case Kind::int16:
    case Kind::uint16: return get<uint16>(a) == get<uint16>(b);
    case Kind::int32: return get<uint32>(a) == get<uint32>(b);
    case Kind::int64:
    case Kind::float64: return get<uint64>(a) == get<uint64>(b);
    case Kind::uuid: return get<Uuid>(a) == get<Uuid>(b);
    case Kind::string: return get<string>(a) == get<string>(b);
    case Kind::bytes: {
      const bytes x = get<bytes>(a), y = get<bytes>(b);
      return string(x.data(), x.size()) == string(y.data(), y.size());
    }
    case Kind::list: return equal_lists(*type.element, get<RawList>(a), get<RawList>(b));
    case Kind::structure: return equal_structs(*type.of, a, b);
  }
  __builtin_unreachable();
}

void prepend_field(std::string& path, string name) {
  const bool dot = !path.empty() && path.front() != '[';
  path.insert(0, dot ? std::string(name) + '.' : std::string(name));
}

void prepend_index(std::string& path, std::size_t index) {
  const bool dot = !path.empty() && path.front() != '[';
  path.insert(0, '[' + std::to_string(index) + (dot ? "]." : "]"));
}

namespace {

class Losses {
 public:
  Losses(int version, std::vector<std::string>& paths) : version_(version), paths_(paths) {}

  void structure(const StructInfo& info, const char* from, const std::string& path) {
    for (const FieldInfo& field : info.fields) {
      const std::string here = path.empty() ? std::string(field.name) : path + '.' + std::string(field.name);
      if (field.in(version_)) {
        value(field.type, from + field.at, here);
      } else if (!at_default(info, field, from)) {
        paths_.push_back(here);
      }
    }
  }

 private:
  void value(const TypeInfo& type, const char* from, const std::string& path) {
    if (is_null(type, from)) return;
    if (type.kind == Kind::structure) return structure(*type.of, from, path);
    if (type.kind != Kind::list || is_scalar(type.element->kind)) return;
    const RawList items = get<RawList>(from);
    for (std::size_t i = 0; i < items.count; ++i) {
      value(*type.element, items.data + i * type.element->size, path + '[' + std::to_string(i) + ']');
    }
  }

  int version_;
  std::vector<std::string>& paths_;
};

}  // namespace

}  // namespace detail

bool equal(const MessageInfo& info, const void* a, const void* b) {
  return detail::equal_structs(*info.root, static_cast<const char*>(a), static_cast<const char*>(b));
}

std::vector<std::string> lost_at(const MessageInfo& info, const void* message, int version) {
  std::vector<std::string> paths;
  detail::Losses(version, paths).structure(*info.root, static_cast<const char*>(message), {});
  return paths;
}

}  // namespace barnabas::protocol
