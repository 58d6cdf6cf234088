#include "barnabas/protocol/codec.hpp"

#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

constexpr std::size_t int32_max = 0x7fffffff;

std::string with_path(const std::string& path, const std::string& what) {
  return path.empty() ? what : path + ": " + what;
}

std::string not_spoken(const MessageInfo& info, int version) {
  return "version " + std::to_string(version) + " of " + std::string(info.name) + " is not known here, only " +
         std::to_string(info.api.versions.lo) + " to " + std::to_string(info.api.versions.hi);
}

/// Bytes of the length in front of a string, bytes or list of `count` (or null).
std::size_t length_size(Kind kind, std::size_t count, bool null, bool flexible) {
  if (flexible) return null ? 1 : uvarint_size(static_cast<uint32>(count + 1));
  return kind == Kind::string ? 2 : 4;
}

/// First pass of encoding: finds the exact size, and everything that cannot be written.
class Measurer {
 public:
  Measurer(int version, bool flexible) : version_(version), flexible_(flexible) {}

  std::size_t size() const { return size_; }
  EncodeError take_error() { return std::move(error_); }

  bool structure(const StructInfo& info, const char* from) {
    if (++depth_ > nesting_max) return refuse("nested more than 16 deep");
    uint32 tags = 0;
    for (const FieldInfo& field : info.fields) {
      if (!field.in(version_)) {
        if (!field.spec.ignorable && !at_default(info, field, from)) return cannot_carry(field);
      } else if (!field.tagged()) {
        if (!field_value(field, from)) return false;
      } else if (!at_default(info, field, from)) {
        const std::size_t before = size_;
        if (!field_value(field, from)) return false;
        size_ += uvarint_size(static_cast<uint32>(field.spec.tag)) + uvarint_size(static_cast<uint32>(size_ - before));
        ++tags;
      }
    }
    if (flexible_) size_ += uvarint_size(tags);
    --depth_;
    return true;
  }

  bool value(const TypeInfo& type, bool nullable, const char* from) {
    const bool null = is_null(type, from);
    if (null && !nullable) return refuse("null is not allowed in version " + std::to_string(version_));
    if (is_scalar(type.kind)) return size_ += type.size, true;
    if (type.kind == Kind::structure) {
      size_ += type.nullable ? 1 : 0;
      return null || structure(*type.of, from);
    }
    if (null) return size_ += length_size(type.kind, 0, true, flexible_), true;
    switch (type.kind) {
      case Kind::string: return blob(type.kind, get<string>(from).size(), string_bytes_max);
      case Kind::bytes: return blob(type.kind, get<bytes>(from).size(), int32_max - 1);
      default: return list(*type.element, get<RawList>(from));
    }
  }

 private:
  bool field_value(const FieldInfo& field, const char* structure) {
    if (value(field.type, field.nullable_in(version_), structure + field.at)) return true;
    prepend_field(error_.path, field.name);
    return false;
  }

  bool blob(Kind kind, std::size_t size, std::size_t size_max) {
    if (size > size_max) return refuse(std::to_string(size) + " bytes, at most " + std::to_string(size_max) + " fit");
    size_ += length_size(kind, size, false, flexible_) + size;
    return true;
  }

  bool list(const TypeInfo& element, RawList items) {
    if (items.count >= int32_max) return refuse(std::to_string(items.count) + " elements are too many");
    size_ += length_size(Kind::list, items.count, false, flexible_);
    if (is_scalar(element.kind)) return size_ += items.count * element.size, true;
    for (std::size_t i = 0; i < items.count; ++i) {
      if (value(element, element.nullable, items.data + i * element.size)) continue;
      prepend_index(error_.path, i);
      return false;
    }
    return true;
  }

  bool cannot_carry(const FieldInfo& field) {
    refuse("is set, but version " + std::to_string(version_) + " cannot carry it");
    prepend_field(error_.path, field.name);
    return false;
  }

  bool refuse(std::string what) {
    error_.what = std::move(what);
    return false;
  }

  int version_;
  bool flexible_;
  int depth_ = 0;
  std::size_t size_ = 0;
  EncodeError error_;
};

/// Second pass: writes what Measurer accepted, into exactly the room it named.
class Writer {
 public:
  Writer(int version, bool flexible, char* to) : version_(version), flexible_(flexible), p_(to) {}

  void structure(const StructInfo& info, const char* from) {
    for (const FieldInfo& field : info.fields) {
      if (field.in(version_) && !field.tagged()) value(field.type, from + field.at);
    }
    if (flexible_) tag_section(info, from);
  }

 private:
  void tag_section(const StructInfo& info, const char* from) {
    if (!info.has_tags) return uvarint(0);
    const auto written = [&](const FieldInfo& field) {
      return field.tagged() && field.in(version_) && !at_default(info, field, from);
    };
    uint32 count = 0;
    for (const FieldInfo& field : info.fields) count += written(field) ? 1 : 0;
    uvarint(count);
    if (count == 0) return;
    for (const FieldInfo& field : info.fields) {
      if (!written(field)) continue;
      Measurer size_of(version_, flexible_);
      size_of.value(field.type, field.nullable_in(version_), from + field.at);
      uvarint(static_cast<uint32>(field.spec.tag));
      uvarint(static_cast<uint32>(size_of.size()));
      value(field.type, from + field.at);
    }
  }

  void value(const TypeInfo& type, const char* from) {
    const bool null = is_null(type, from);
    switch (type.kind) {
      case Kind::boolean: return integer<uint8>(get<bool>(from) ? 1 : 0);
      case Kind::int8: return integer(get<uint8>(from));
      case Kind::int16:
      case Kind::uint16: return integer(get<uint16>(from));
      case Kind::int32: return integer(get<uint32>(from));
      case Kind::int64:
      case Kind::float64: return integer(get<uint64>(from));
      case Kind::uuid: return raw(from, sizeof(Uuid));
      case Kind::structure:
        if (type.nullable) integer<uint8>(null ? 0xff : 1);
        if (!null) structure(*type.of, from);
        return;
      case Kind::string: {
        if (null) return null_length(type.kind);
        const string text = get<string>(from);
        length(type.kind, text.size());
        return raw(text.data(), text.size());
      }
      case Kind::bytes: {
        if (null) return null_length(type.kind);
        const bytes data = get<bytes>(from);
        length(type.kind, data.size());
        return raw(data.data(), data.size());
      }
      case Kind::list: return null ? null_length(type.kind) : list(*type.element, get<RawList>(from));
    }
  }

  void list(const TypeInfo& element, RawList items) {
    length(Kind::list, items.count);
    if (element.kind == Kind::int32) {
      for (std::size_t i = 0; i < items.count; ++i) integer(get<uint32>(items.data + i * sizeof(uint32)));
      return;
    }
    for (std::size_t i = 0; i < items.count; ++i) value(element, items.data + i * element.size);
  }

  void length(Kind kind, std::size_t count) {
    if (flexible_) return uvarint(static_cast<uint32>(count + 1));
    if (kind == Kind::string) return integer(static_cast<uint16>(count));
    integer(static_cast<uint32>(count));
  }

  void null_length(Kind kind) {
    if (flexible_) return uvarint(0);
    if (kind == Kind::string) return integer<uint16>(0xffff);
    integer<uint32>(0xffffffff);
  }

  template <class U>
  void integer(U value) {
    put(p_, big_endian(value));
    p_ += sizeof value;
  }

  void uvarint(uint32 value) {
    for (; value > 127; value >>= 7) *p_++ = static_cast<char>(value | 128);
    *p_++ = static_cast<char>(value);
  }

  void raw(const char* from, std::size_t size) {
    if (size > 0) std::memcpy(p_, from, size);
    p_ += size;
  }

  int version_;
  bool flexible_;
  char* p_;
};

/// Reads a body from the front. Each function returns false at the first error; the path is put together on the way
/// out, so that a body without errors pays nothing for it.
class Reader {
 public:
  Reader(bytes body, int version, bool flexible, Arena& arena, DecodeMode mode, DecodeError& error)
      : begin_(body.data()),
        p_(body.data()),
        end_(body.data() + body.size()),
        version_(version),
        flexible_(flexible),
        strict_(mode == strict),
        arena_(arena),
        error_(error) {}

  bool message(const StructInfo& info, char* to) {
    if (!structure(info, to)) return false;
    if (strict_ && p_ != end_) return fail(std::to_string(left()) + " bytes follow the end of the message");
    return true;
  }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - p_); }

  bool structure(const StructInfo& info, char* to) {
    if (++depth_ > nesting_max) return fail("nested more than 16 deep");
    for (const FieldInfo& field : info.fields) {
      if (field.tagged() || !field.in(version_)) continue;
      if (!value(field.type, field.nullable_in(version_), to + field.at)) return in_field(field);
    }
    if (flexible_ && !tag_section(info, to)) return false;
    --depth_;
    return true;
  }

  bool tag_section(const StructInfo& info, char* to) {
    uint32 count = 0;
    if (!uvarint(count)) return false;
    int64 previous = -1;
    for (; count > 0; --count) {
      uint32 tag = 0, size = 0;
      if (!uvarint(tag)) return false;
      if (strict_ && tag <= previous) {
        return fail("tag " + std::to_string(tag) + " after tag " + std::to_string(previous) + ", tags have to ascend");
      }
      previous = tag;
      if (!uvarint(size) || !need(size)) return false;
      const FieldInfo* const field = find_tag(info, tag);
      if (field == nullptr) {
        p_ += size;
      } else if (!tagged_field(info, *field, size, to)) {
        return in_field(*field);
      }
    }
    return true;
  }

  /// A tag that the message has, but not in this version, counts as unknown.
  const FieldInfo* find_tag(const StructInfo& info, uint32 tag) const {
    if (!info.has_tags) return nullptr;
    for (const FieldInfo& field : info.fields) {
      if (field.tagged() && static_cast<uint32>(field.spec.tag) == tag && field.in(version_)) return &field;
    }
    return nullptr;
  }

  bool tagged_field(const StructInfo& info, const FieldInfo& field, std::size_t size, char* to) {
    const char* const outer_end = end_;
    end_ = p_ + size;
    std::memcpy(to + field.at, defaults(info) + field.at, field.type.size);
    if (!value(field.type, field.nullable_in(version_), to + field.at)) return false;
    if (p_ != end_) return fail(std::to_string(left()) + " bytes of the tagged field are left over");
    end_ = outer_end;
    return true;
  }

  bool value(const TypeInfo& type, bool nullable, char* to) {
    switch (type.kind) {
      case Kind::boolean: return need(1) && (*to = *p_++ != 0, true);
      case Kind::int8: return need(1) && (*to = *p_++, true);
      case Kind::int16:
      case Kind::uint16: return integer<uint16>(to);
      case Kind::int32: return integer<uint32>(to);
      case Kind::int64:
      case Kind::float64: return integer<uint64>(to);
      case Kind::uuid:
        if (!need(sizeof(Uuid))) return false;
        std::memcpy(to, p_, sizeof(Uuid));
        p_ += sizeof(Uuid);
        return true;
      case Kind::structure: return type.nullable ? nullable_structure(type, nullable, to) : structure(*type.of, to);
      default: return sized_value(type, nullable, to);
    }
  }

  bool nullable_structure(const TypeInfo& type, bool nullable, char* to) {
    if (!need(1)) return false;
    const bool null = *p_++ < 0;
    if (null && !nullable) return null_refused();
    set_null(type, to, null);
    return null || structure(*type.of, to);
  }

  /// A string, bytes or list: a length, perhaps null, and what it counts.
  bool sized_value(const TypeInfo& type, bool nullable, char* to) {
    int64 count = 0;
    if (!length(type.kind, count)) return false;
    if (count < 0) {
      if (count < -1 && strict_) return fail("length " + std::to_string(count));
      if (!nullable) return null_refused();
      set_null(type, to, true);
      return true;
    }
    if (type.nullable) set_null(type, to, false);
    const std::size_t size = static_cast<std::size_t>(count);
    if (type.kind == Kind::list) return list(*type.element, size, to);
    if (type.kind == Kind::string && size > string_bytes_max) {
      return fail("a string of " + std::to_string(size) + " bytes, Kafka allows 32767");
    }
    if (!need(size)) return false;
    if (type.kind == Kind::string) {
      put(to, string(p_, size));
    } else {
      put(to, bytes(p_, size));
    }
    p_ += size;
    return true;
  }

  bool list(const TypeInfo& element, std::size_t count, char* to) {
    const std::size_t element_bytes_min = smallest(element, element.nullable);
    if (count > left() / element_bytes_min) {
      return fail(std::to_string(count) + " elements cannot fit in the " + std::to_string(left()) + " bytes left");
    }
    RawList items;
    items.count = static_cast<uint32>(count);
    if (count > 0) items.data = static_cast<char*>(arena_.allocate(count * element.size, alignof(std::max_align_t)));
    put(to, items);
    if (element.kind == Kind::int32) return integers<uint32>(items);
    // What the elements to come need at least is out of reach of the ones before them. So each byte of the body is
    // claimed by one list only, however deep they nest.
    end_ -= count * element_bytes_min;
    for (std::size_t i = 0; i < count; ++i) {
      end_ += element_bytes_min;
      char* const item = items.data + i * element.size;
      init(element, item);
      if (!value(element, element.nullable, item)) return in_element(i);
    }
    return true;
  }

  static void init(const TypeInfo& type, char* to) {
    if (type.kind == Kind::structure) {
      std::memcpy(to, type.of->defaults, type.of->size);
      if (type.nullable) set_null(type, to, true);
    } else {
      std::memset(to, 0, type.size);
    }
  }

  /// Bytes that the smallest value of a type takes on the wire in this version; at least 1.
  std::size_t smallest(const TypeInfo& type, bool nullable) const {
    if (is_scalar(type.kind)) return type.size;
    if (type.kind != Kind::structure) return length_size(type.kind, 0, false, flexible_);
    if (nullable) return 1;
    std::size_t size = flexible_ ? 1 : 0;
    for (const FieldInfo& field : type.of->fields) {
      if (field.in(version_) && !field.tagged()) size += smallest(field.type, field.type.nullable);
    }
    return size > 0 ? size : 1;
  }

  bool length(Kind kind, int64& count) {
    if (flexible_) {
      uint32 raw = 0;
      if (!uvarint(raw)) return false;
      count = static_cast<int64>(raw) - 1;
      return true;
    }
    const std::size_t size = kind == Kind::string ? 2 : 4;
    if (!need(size)) return false;
    count = size == 2 ? static_cast<int64>(static_cast<int16>(big_endian(get<uint16>(p_))))
                      : static_cast<int64>(static_cast<int32>(big_endian(get<uint32>(p_))));
    p_ += size;
    return true;
  }

  bool uvarint(uint32& value) {
    uint64 read = 0;
    for (std::size_t i = 0; i < uvarint_bytes_max; ++i) {
      if (!need(1)) return false;
      const auto octet = static_cast<uint8>(*p_++);
      read |= static_cast<uint64>(octet & 127) << (7 * i);
      if (octet >= 128) continue;
      if (read > 0xffffffff) break;
      value = static_cast<uint32>(read);
      return true;
    }
    return fail("a variable-length number of more than 32 bits");
  }

  template <class U>
  bool integer(char* to) {
    if (!need(sizeof(U))) return false;
    put(to, big_endian(get<U>(p_)));
    p_ += sizeof(U);
    return true;
  }

  /// A list whose bytes are known to be there.
  template <class U>
  bool integers(RawList items) {
    for (std::size_t i = 0; i < items.count; ++i)
      put(items.data + i * sizeof(U), big_endian(get<U>(p_ + i * sizeof(U))));
    p_ += items.count * sizeof(U);
    return true;
  }

  bool need(std::size_t size) {
    if (size <= left()) [[likely]]
      return true;
    return fail("needs " + std::to_string(size) + " bytes, " + std::to_string(left()) + " are left");
  }

  bool null_refused() { return fail("null is not allowed in version " + std::to_string(version_)); }

  bool fail(std::string what) {
    error_.offset = static_cast<std::size_t>(p_ - begin_);
    error_.what = std::move(what);
    return false;
  }
  bool in_field(const FieldInfo& field) {
    prepend_field(error_.path, field.name);
    return false;
  }
  bool in_element(std::size_t index) {
    prepend_index(error_.path, index);
    return false;
  }

  const char* begin_;
  const char* p_;
  const char* end_;  // of what may be read: of the body or tagged field, less what later elements of open lists need
  int version_;
  bool flexible_;
  bool strict_;
  int depth_ = 0;
  Arena& arena_;
  DecodeError& error_;
};

}  // namespace

std::string DecodeError::text() const { return with_path(path, what) + " (at byte " + std::to_string(offset) + ")"; }
std::string EncodeError::text() const { return with_path(path, what); }

std::expected<std::size_t, EncodeError> measure(const MessageInfo& info, const void* message, int version,
                                                const UnknownTags*) {
  if (!info.api.versions.has(version)) return std::unexpected(EncodeError{{}, not_spoken(info, version)});
  Measurer measurer(version, info.flexible(version));
  if (!measurer.structure(*info.root, static_cast<const char*>(message))) return std::unexpected(measurer.take_error());
  return measurer.size();
}

void write(const MessageInfo& info, const void* message, int version, char* to, const UnknownTags*) {
  Writer(version, info.flexible(version), to).structure(*info.root, static_cast<const char*>(message));
}

std::expected<std::string, EncodeError> encode(const MessageInfo& info, const void* message, int version,
                                               const UnknownTags*) {
  auto size = measure(info, message, version);
  if (!size) return std::unexpected(std::move(size.error()));
  std::string body;
  // The second argument is not what was asked for: libstdc++ passes the capacity.
  body.resize_and_overwrite(*size, [&](char* to, std::size_t) {
    write(info, message, version, to);
    return *size;
  });
  return body;
}

bool decode(const MessageInfo& info, void* message, bytes body, int version, Arena& arena, DecodeMode mode,
            DecodeError& error, UnknownTags*) {
  if (!info.api.versions.has(version)) {
    error = {{}, 0, not_spoken(info, version)};
    return false;
  }
  return Reader(body, version, info.flexible(version), arena, mode, error)
      .message(*info.root, static_cast<char*>(message));
}

}  // namespace barnabas::protocol
