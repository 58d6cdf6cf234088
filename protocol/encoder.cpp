// Messages to bytes: a pass that finds the size and everything that cannot be written, then one that writes.
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/plan.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

constexpr std::size_t int32_max = 0x7fffffff;

bool is_null(const Step& step, const char* value) { return step.nullable && value[step.value_size] == 0; }

bool is_written(const StructPlan& plan, const Step& tagged, const char* structure) {
  return !equal_values(tagged.field->type, structure + tagged.at, defaults(*plan.info) + tagged.at);
}

std::span<const UnknownTags::Tag> unknown_of(const UnknownTags* unknown, const StructPlan& plan,
                                             const char* structure) {
  if (unknown == nullptr) return {};
  return unknown->of(tags_owner(*plan.info, structure));
}

class Measurer {
 public:
  Measurer(const MessagePlan& plan, const UnknownTags* unknown)
      : version_(plan.version), flexible_(plan.flexible), unknown_(unknown) {}

  std::size_t size() const { return size_; }
  EncodeError take_error() { return std::move(error_); }

  bool structure(const StructPlan& plan, const char* from) {
    if (++depth_ > nesting_max) return refuse("nested more than 16 deep");
    for (const FieldInfo* const field : plan.unwanted) {
      if (!at_default(*plan.info, *field, from)) [[unlikely]]
        return cannot_carry(*field);
    }
    size_ += plan.fixed_bytes;
    for (const Step& step : plan.steps) {
      if (step.code >= Code::string && step.code != Code::run && !value(step, from + step.at)) [[unlikely]]
        return in_field(*step.field);
    }
    if (unknown_ != nullptr || !plan.tags.empty()) {
      if (!tag_section(plan, from)) return false;
    }
    --depth_;
    return true;
  }

  /// Beyond what is counted in the fixed bytes of the structure around it.
  bool value(const Step& step, const char* from) {
    const bool null = is_null(step, from);
    if (null && !step.null_allowed) [[unlikely]]
      return refuse("null is not allowed in version " + std::to_string(version_));
    if (step.code == Code::structure) {
      size_ += step.nullable ? 1 : 0;
      return null || structure(*step.of, from);
    }
    if (null) return size_ += flexible_ ? 1 : 0, true;
    switch (step.code) {
      case Code::string: return blob(get<string>(from).size(), string_bytes_max);
      case Code::bytes: return blob(get<bytes>(from).size(), int32_max - 1);
      default: return list(*step.element, get<RawList>(from));
    }
  }

  /// A value that no structure's fixed bytes count.
  bool whole_value(const Step& step, const char* from) {
    if (is_scalar(step.code)) return size_ += step.size, true;
    size_ += fixed_length(step);
    return value(step, from);
  }

 private:
  /// Bytes of a length that does not depend on what it counts.
  std::size_t fixed_length(const Step& step) const {
    if (flexible_ || step.code == Code::structure) return 0;
    return step.code == Code::string ? 2 : 4;
  }

  bool blob(std::size_t size, std::size_t size_max) {
    if (size > size_max) [[unlikely]]
      return refuse(std::to_string(size) + " bytes, at most " + std::to_string(size_max) + " fit");
    size_ += size + (flexible_ ? uvarint_size(static_cast<uint32>(size + 1)) : 0);
    return true;
  }

  bool list(const Step& element, RawList items) {
    if (items.count >= int32_max) return refuse(std::to_string(items.count) + " elements are too many");
    size_ += flexible_ ? uvarint_size(items.count + 1) : 0;
    if (is_scalar(element.code)) return size_ += std::size_t{items.count} * element.size, true;
    if (element.code == Code::structure && !element.nullable) return structures(element, items);
    for (std::size_t i = 0; i < items.count; ++i) {
      if (!whole_value(element, items.data + i * element.size)) [[unlikely]]
        return in_element(i);
    }
    return true;
  }

  bool structures(const Step& element, RawList items) {
    const StructPlan& plan = *element.of;
    if (plan.of_fixed_size && unknown_ == nullptr && depth_ < nesting_max) {
      size_ += std::size_t{items.count} * plan.fixed_bytes;
      return true;
    }
    for (std::size_t i = 0; i < items.count; ++i) {
      if (!structure(plan, items.data + i * element.size)) [[unlikely]]
        return in_element(i);
    }
    return true;
  }

  [[gnu::noinline]] bool tag_section(const StructPlan& plan, const char* from) {
    const auto unknown = unknown_of(unknown_, plan, from);
    uint32 count = static_cast<uint32>(unknown.size());
    for (const UnknownTags::Tag& tag : unknown) {
      if (!plan.flexible) return refuse("has unknown tags, but version " + std::to_string(version_) + " has no tags");
      if (tag.data.size() > int32_max) return refuse("an unknown tag of more than 2147483647 bytes");
      size_ += tagged_bytes(tag.tag, tag.data.size());
    }
    for (const Step& step : plan.tags) {
      for (const UnknownTags::Tag& tag : unknown) {
        if (tag.tag == step.tag) return refuse_known(step), in_field(*step.field);
      }
      if (!is_written(plan, step, from)) continue;
      const std::size_t before = size_;
      if (!whole_value(step, from + step.at)) return in_field(*step.field);
      size_ = before + tagged_bytes(step.tag, size_ - before);
      ++count;
    }
    if (plan.tags.empty()) {
      size_ += count > 0 ? uvarint_size(count) - 1 : 0;  // fixed_bytes count the one byte of none
    } else {
      size_ += uvarint_size(count);
    }
    return true;
  }

  static std::size_t tagged_bytes(uint32 tag, std::size_t size) {
    return uvarint_size(tag) + uvarint_size(static_cast<uint32>(size)) + size;
  }

  [[gnu::cold]] bool refuse_known(const Step& step) {
    return refuse("tag " + std::to_string(step.tag) + " is among the unknown tags, but version " +
                  std::to_string(version_) + " knows it");
  }
  [[gnu::cold, gnu::noinline]] bool cannot_carry(const FieldInfo& field) {
    refuse("is set, but version " + std::to_string(version_) + " cannot carry it");
    return in_field(field);
  }
  [[gnu::cold, gnu::noinline]] bool refuse(std::string what) {
    error_.what = std::move(what);
    return false;
  }
  [[gnu::cold, gnu::noinline]] bool in_field(const FieldInfo& field) {
    prepend_field(error_.path, field.name);
    return false;
  }
  [[gnu::cold, gnu::noinline]] bool in_element(std::size_t index) {
    prepend_index(error_.path, index);
    return false;
  }

  int version_;
  bool flexible_;
  int depth_ = 0;
  std::size_t size_ = 0;
  const UnknownTags* unknown_;
  EncodeError error_;
};

/// Writes what Measurer accepted, into exactly the room it named. Each function takes the place to write to and returns
/// the place behind.
class Writer {
 public:
  Writer(const MessagePlan& plan, const UnknownTags* unknown)
      : plan_(plan), flexible_(plan.flexible), unknown_(unknown) {}

  char* structure(const StructPlan& plan, const char* from, char* p) const {
    for (const Step& step : plan.steps) {
      if (step.code != Code::run) p = value(step, from + step.at, p);
    }
    if (!flexible_) return p;
    if (unknown_ != nullptr || !plan.tags.empty()) return tag_section(plan, from, p);
    *p = 0;
    return p + 1;
  }

 private:
  char* value(const Step& step, const char* from, char* p) const {
    switch (step.code) {
      case Code::boolean: *p = get<bool>(from) ? 1 : 0; return p + 1;
      case Code::one: *p = *from; return p + 1;
      case Code::two: return integer(get<uint16>(from), p);
      case Code::four: return integer(get<uint32>(from), p);
      case Code::eight: return integer(get<uint64>(from), p);
      case Code::uuid: std::memcpy(p, from, sizeof(Uuid)); return p + sizeof(Uuid);
      case Code::string: {
        if (is_null(step, from)) return null_length<uint16>(p);
        const string text = get<string>(from);
        return raw(text.data(), text.size(), length<uint16>(text.size(), p));
      }
      case Code::bytes: {
        if (is_null(step, from)) return null_length<uint32>(p);
        const bytes data = get<bytes>(from);
        return raw(data.data(), data.size(), length<uint32>(data.size(), p));
      }
      case Code::list: return is_null(step, from) ? null_length<uint32>(p) : list(*step.element, get<RawList>(from), p);
      case Code::structure: {
        const bool null = is_null(step, from);
        if (step.nullable) *p++ = null ? static_cast<char>(0xff) : 1;
        return null ? p : structure(*step.of, from, p);
      }
      case Code::run: break;
    }
    __builtin_unreachable();
  }

  char* list(const Step& element, RawList items, char* p) const {
    p = length<uint32>(items.count, p);
    const char* item = items.data;
    if (element.code == Code::four) {
      for (std::size_t i = 0; i < items.count; ++i) p = integer(get<uint32>(item + i * sizeof(uint32)), p);
    } else if (element.code == Code::structure && !element.nullable) {
      for (std::size_t i = 0; i < items.count; ++i) p = structure(*element.of, item + i * element.size, p);
    } else {
      for (std::size_t i = 0; i < items.count; ++i) p = value(element, item + i * element.size, p);
    }
    return p;
  }

  /// Known and unknown tags in one ascending row.
  [[gnu::noinline]] char* tag_section(const StructPlan& plan, const char* from, char* p) const {
    const auto unknown = unknown_of(unknown_, plan, from);
    auto count = static_cast<uint32>(unknown.size());
    for (const Step& step : plan.tags) count += is_written(plan, step, from) ? 1 : 0;
    p = uvarint(count, p);
    auto next = unknown.begin();
    for (const Step& step : plan.tags) {
      if (!is_written(plan, step, from)) continue;
      for (; next != unknown.end() && next->tag < step.tag; ++next) p = unknown_tag(*next, p);
      Measurer size_of(plan_, unknown_);
      size_of.whole_value(step, from + step.at);
      p = value(step, from + step.at, uvarint(static_cast<uint32>(size_of.size()), uvarint(step.tag, p)));
    }
    for (; next != unknown.end(); ++next) p = unknown_tag(*next, p);
    return p;
  }

  static char* unknown_tag(const UnknownTags::Tag& tag, char* p) {
    p = uvarint(static_cast<uint32>(tag.data.size()), uvarint(tag.tag, p));
    return raw(tag.data.data(), tag.data.size(), p);
  }

  template <class Old>
  char* length(std::size_t count, char* p) const {
    return flexible_ ? uvarint(static_cast<uint32>(count + 1), p) : integer(static_cast<Old>(count), p);
  }
  template <class Old>
  char* null_length(char* p) const {
    return flexible_ ? uvarint(0, p) : integer(static_cast<Old>(~Old{0}), p);
  }

  template <class U>
  static char* integer(U value, char* p) {
    put(p, big_endian(value));
    return p + sizeof value;
  }

  static char* uvarint(uint32 value, char* p) {
    for (; value > 127; value >>= 7) *p++ = static_cast<char>(value | 128);
    *p++ = static_cast<char>(value);
    return p;
  }

  /// Most strings are short: a call of memcpy costs more than copying them.
  static char* raw(const char* from, std::size_t size, char* p) {
    if (size > 32) {
      std::memcpy(p, from, size);
    } else if (size >= 16) {
      std::memcpy(p, from, 16);
      std::memcpy(p + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
      std::memcpy(p, from, 8);
      std::memcpy(p + size - 8, from + size - 8, 8);
    } else {
      for (std::size_t i = 0; i < size; ++i) p[i] = from[i];
    }
    return p + size;
  }

  const MessagePlan& plan_;
  bool flexible_;
  const UnknownTags* unknown_;
};

}  // namespace

std::expected<std::size_t, EncodeError> measure(const MessageInfo& info, const void* message, int version,
                                                const UnknownTags* unknown) {
  if (!info.api.versions.has(version)) return std::unexpected(EncodeError{{}, version_refused(info, version)});
  const MessagePlan& plan = plan_of(info, version);
  Measurer measurer(plan, unknown);
  if (!measurer.structure(*plan.root, static_cast<const char*>(message))) {
    return std::unexpected(measurer.take_error());
  }
  return measurer.size();
}

void write(const MessageInfo& info, const void* message, int version, char* to, const UnknownTags* unknown) {
  const MessagePlan& plan = plan_of(info, version);
  Writer(plan, unknown).structure(*plan.root, static_cast<const char*>(message), to);
}

std::expected<std::string, EncodeError> encode(const MessageInfo& info, const void* message, int version,
                                               const UnknownTags* unknown) {
  auto size = measure(info, message, version, unknown);
  if (!size) return std::unexpected(std::move(size.error()));
  std::string body;
  // The second argument is not what was asked for: libstdc++ passes the capacity.
  body.resize_and_overwrite(*size, [&](char* to, std::size_t) {
    write(info, message, version, to, unknown);
    return *size;
  });
  return body;
}

}  // namespace barnabas::protocol
