// Messages to bytes: a pass that finds the size and everything that cannot be written, then one that writes.
#include <algorithm>

#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/plan.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

constexpr std::size_t int32_max = 0x7fffffff;

bool is_null(const Step& step, const char* value) { return step.nullable && value[step.value_size] == 0; }

std::span<const UnknownTags::Tag> unknown_of(const UnknownTags* unknown, const StructPlan& plan,
                                             const char* structure) {
  if (unknown == nullptr) return {};
  return unknown->of(tags_owner(*plan.info, structure));
}

/// Whether the structure, or one within it that is not in a list, has unknown tags.
bool has_unknown(const UnknownTags& unknown, const StructInfo& info, const char* structure) {
  if (!unknown.of(tags_owner(info, structure)).empty()) return true;
  return std::ranges::any_of(info.fields, [&](const FieldInfo& field) {
    return field.type.kind == Kind::structure && has_unknown(unknown, *field.type.of, structure + field.at);
  });
}

/// A structure at its defaults is left out, but not when unknown tags would be lost with it.
bool is_written(const StructPlan& plan, const Step& tagged, const char* structure, const UnknownTags* unknown) {
  const TypeInfo& type = tagged.field->type;
  const char* const value = structure + tagged.at;
  if (!equal_values(type, value, defaults(*plan.info) + tagged.at)) return true;
  return unknown != nullptr && type.kind == Kind::structure && has_unknown(*unknown, *type.of, value);
}

/// First pass. `flexible`: lengths are variable-length numbers.
template <bool flexible>
class Measurer {
 public:
  Measurer(const MessagePlan& plan, const UnknownTags* unknown) : version_(plan.version), unknown_(unknown) {}

  std::size_t size() const { return size_; }
  EncodeError take_error() { return std::move(error_); }

  bool structure(const StructPlan& plan, const char* from) {
    if (++depth_ > nesting_max) [[unlikely]]
      return refuse("nested more than 16 deep");
    for (const FieldInfo* const field : plan.unwanted) {
      if (!at_default(*plan.info, *field, from)) [[unlikely]]
        return cannot_carry(*field);
    }
    size_ += plan.fixed_bytes;
    for (const Step& step : plan.sized) {
      if (!value(step, from + step.at)) [[unlikely]]
        return in_field(*step.field);
    }
    if (unknown_ != nullptr || !plan.tags.empty()) {
      if (!tag_section(plan, from)) return false;
    }
    --depth_;
    return true;
  }

  /// Beyond what is counted in the fixed bytes of the structure around it.
  [[gnu::always_inline]] bool value(const Step& step, const char* from) {
    const bool null = is_null(step, from);
    if (null && !step.null_allowed) [[unlikely]]
      return refuse_null();
    if (step.code == Code::structure) {
      size_ += step.nullable ? 1 : 0;
      return null || structure(*step.of, from);
    }
    if (step.code == Code::old_string) return null || old_string(get<string>(from).size());
    if (null) return size_ += flexible ? 1 : 0, true;
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
    if (step.code == Code::old_string) return 2;
    if (flexible || step.code == Code::structure) return 0;
    return step.code == Code::string ? 2 : 4;
  }

  bool old_string(std::size_t size) {
    size_ += size;
    return size <= string_bytes_max || refuse_size(size, string_bytes_max);
  }

  [[gnu::always_inline]] bool blob(std::size_t size, std::size_t size_max) {
    if (size > size_max) [[unlikely]]
      return refuse_size(size, size_max);
    size_ += size + length_size(size);
    return true;
  }

  [[gnu::always_inline]] bool list(const Step& element, RawList items) {
    if (items.count >= int32_max) [[unlikely]]
      return refuse_count(items.count);
    size_ += length_size(items.count);
    if (is_scalar(element.code)) return size_ += std::size_t{items.count} * element.size, true;
    if (element.code == Code::structure && !element.nullable) return structures(element, items);
    return values(element, items);
  }

  [[gnu::noinline]] bool values(const Step& element, RawList items) {
    for (std::size_t i = 0; i < items.count; ++i) {
      if (!whole_value(element, items.data + i * element.size)) [[unlikely]]
        return in_element(i);
    }
    return true;
  }

  [[gnu::noinline]] bool structures(const Step& element, RawList items) {
    if (items.count == 0) return true;
    const StructPlan& plan = *element.of;
    if (plan.leaf && unknown_ == nullptr && depth_ < nesting_max && leaves(plan, items)) return true;
    for (std::size_t i = 0; i < items.count; ++i) {
      if (!structure(plan, items.data + i * element.size)) [[unlikely]]
        return in_element(i);
    }
    return true;
  }

  /// Leaves without an error; false when there is one to find.
  bool leaves(const StructPlan& plan, RawList items) {
    std::size_t size = std::size_t{items.count} * plan.fixed_bytes;
    for (const Step& step : plan.sized) {
      const Values values{items.data + step.at, items.count, plan.info->size};
      std::size_t more = refused;
      if (step.code == Code::string) {
        more = sizes(step, values, 1, string_bytes_max, [](const char* from) { return get<string>(from).size(); });
      } else if (step.code == Code::bytes) {
        more = sizes(step, values, 1, int32_max - 1, [](const char* from) { return get<bytes>(from).size(); });
      } else {
        more = sizes(step, values, step.element->size, int32_max - 1,
                     [](const char* from) -> std::size_t { return get<RawList>(from).count; });
      }
      if (more == refused) [[unlikely]]
        return false;
      size += more;
    }
    size_ += size;
    return true;
  }

  struct Values {
    const char* first;
    std::size_t count;
    std::size_t stride;
  };

  static constexpr std::size_t refused = ~std::size_t{0};

  /// One field of many structures, without a branch on any of them as long as all are small. Lengths below 127 take one
  /// byte, as null does.
  static std::size_t sizes(const Step& step, Values values, std::size_t unit, std::size_t size_max, auto size_of) {
    std::size_t sum = 0, all_bits = 0, nulls = 0;
    const char* const end = values.first + values.count * values.stride;
    for (const char* from = values.first; from != end; from += values.stride) {
      const bool null = is_null(step, from);
      const std::size_t size = null ? 0 : size_of(from);
      nulls += null ? 1 : 0;
      sum += size;
      all_bits |= size;
    }
    if (nulls > 0 && !step.null_allowed) return refused;
    std::size_t lengths = flexible ? values.count : 0;
    if (all_bits >= 127) {
      for (const char* from = values.first; from != end; from += values.stride) {
        if (is_null(step, from)) continue;
        const std::size_t size = size_of(from);
        if (size > size_max) return refused;
        lengths += flexible ? uvarint_size(static_cast<uint32>(size + 1)) - 1 : 0;
      }
    }
    return sum * unit + lengths;
  }

  static std::size_t length_size(std::size_t size) {
    if (!flexible) return 0;
    return size < 127 ? 1 : uvarint_size(static_cast<uint32>(size + 1));
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
      if (!is_written(plan, step, from, unknown_)) continue;
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

  [[gnu::cold, gnu::noinline]] bool refuse_null() {
    return refuse("null is not allowed in version " + std::to_string(version_));
  }
  [[gnu::cold, gnu::noinline]] bool refuse_size(std::size_t size, std::size_t size_max) {
    return refuse(std::to_string(size) + " bytes, at most " + std::to_string(size_max) + " fit");
  }
  [[gnu::cold, gnu::noinline]] bool refuse_count(std::size_t count) {
    return refuse(std::to_string(count) + " elements are too many");
  }
  [[gnu::cold, gnu::noinline]] bool refuse_known(const Step& step) {
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
  int depth_ = 0;
  std::size_t size_ = 0;
  const UnknownTags* unknown_;
  EncodeError error_;
};

/// Second pass: writes what Measurer accepted, into exactly the room it named. Each function takes the place to write
/// to and returns the place behind.
template <bool flexible>
class Writer {
 public:
  Writer(const MessagePlan& plan, const UnknownTags* unknown) : plan_(plan), unknown_(unknown) {}

  char* structure(const StructPlan& plan, const char* from, char* p) const {
    p = fields<false>(plan, from, p);
    if (!flexible) return p;
    if (unknown_ != nullptr || !plan.tags.empty()) return tag_section(plan, from, p);
    *p = 0;
    return p + 1;
  }

 private:
  template <bool leaf>
  [[gnu::always_inline]] char* fields(const StructPlan& plan, const char* from, char* p) const {
    for (const Step& step : plan.steps) {
      // Not a switch, nor a row of conditions that a compiler makes one of: a jump through a table costs more than a
      // field.
      if (step.code == Code::run) {
        p = step.run.write(from, step.run_at, p);
      } else if (step.code >= Code::string) {
        p = sized<leaf>(step, from + step.at, p);
      } else if (step.code == Code::two) {
        p = write_integer(get<uint16>(from + step.at), p);
      } else if (step.code == Code::four) {
        p = write_integer(get<uint32>(from + step.at), p);
      } else {
        p = other(step, from + step.at, p);
      }
    }
    return p;
  }

  template <bool leaf>
  [[gnu::always_inline]] char* sized(const Step& step, const char* from, char* p) const {
    if (step.code == Code::string) return blob<uint16>(step, from, p);
    if (step.code == Code::list) return leaf ? scalars(step, from, p) : list(step, from, p);
    return step.code == Code::bytes ? blob<uint32>(step, from, p) : other(step, from, p);
  }

  char* value(const Step& step, const char* from, char* p) const { return sized<false>(step, from, p); }

  [[gnu::noinline]] char* other(const Step& step, const char* from, char* p) const {
    switch (step.code) {
      case Code::bytes: return blob<uint32>(step, from, p);
      case Code::structure: return nested(step, from, p);
      case Code::old_string: return old_string(step, from, p);
      default: return write_scalar(step.code, from, p);
    }
  }

  static char* old_string(const Step& step, const char* from, char* p) {
    if (is_null(step, from)) return write_integer(uint16{0xffff}, p);
    const string text = get<string>(from);
    return raw(text.data(), text.size(), write_integer(static_cast<uint16>(text.size()), p));
  }

  char* nested(const Step& step, const char* from, char* p) const {
    const bool null = is_null(step, from);
    if (step.nullable) *p++ = null ? static_cast<char>(0xff) : 1;
    return null ? p : structure(*step.of, from, p);
  }

  template <class Old>
  [[gnu::always_inline]] char* blob(const Step& step, const char* from, char* p) const {
    if (is_null(step, from)) return null_length<Old>(p);
    const string data = step.code == Code::string ? get<string>(from) : as_string(get<bytes>(from));
    return raw(data.data(), data.size(), length<Old>(data.size(), p));
  }
  static string as_string(bytes data) { return {data.data(), data.size()}; }

  [[gnu::noinline]] char* list(const Step& step, const char* from, char* p) const {
    const Step& element = *step.element;
    if (is_scalar(element.code)) return scalars(step, from, p);
    if (is_null(step, from)) return null_length<uint32>(p);
    const RawList items = get<RawList>(from);
    p = length<uint32>(items.count, p);
    const char* const end = items.data + std::size_t{items.count} * element.size;
    if (element.code != Code::structure || element.nullable) {
      for (const char* item = items.data; item != end; item += element.size) p = value(element, item, p);
    } else if (element.of->leaf && unknown_ == nullptr) {
      const StructPlan& plan = *element.of;
      for (const char* item = items.data; item != end; item += element.size) {
        p = fields<true>(plan, item, p);
        if (flexible) *p++ = 0;
      }
    } else {
      for (const char* item = items.data; item != end; item += element.size) p = structure(*element.of, item, p);
    }
    return p;
  }

  [[gnu::always_inline]] char* scalars(const Step& step, const char* from, char* p) const {
    if (is_null(step, from)) return null_length<uint32>(p);
    const Step& element = *step.element;
    const RawList items = get<RawList>(from);
    p = length<uint32>(items.count, p);
    const char* const end = items.data + std::size_t{items.count} * element.size;
    if (element.code == Code::four) {
      const char* item = items.data;
      for (; end - item >= 8; item += 8, p += 8) put(p, two_swapped(get<uint64>(item)));
      if (item != end) p = write_integer(get<uint32>(item), p);
    } else {
      for (const char* item = items.data; item != end; item += element.size) p = write_scalar(element.code, item, p);
    }
    return p;
  }

  /// Known and unknown tags in one ascending row.
  [[gnu::noinline]] char* tag_section(const StructPlan& plan, const char* from, char* p) const {
    const auto unknown = unknown_of(unknown_, plan, from);
    auto count = static_cast<uint32>(unknown.size());
    for (const Step& step : plan.tags) count += is_written(plan, step, from, unknown_) ? 1 : 0;
    p = uvarint(count, p);
    auto next = unknown.begin();
    for (const Step& step : plan.tags) {
      if (!is_written(plan, step, from, unknown_)) continue;
      for (; next != unknown.end() && next->tag < step.tag; ++next) p = unknown_tag(*next, p);
      Measurer<flexible> size_of(plan_, unknown_);
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
    return flexible ? uvarint(static_cast<uint32>(count + 1), p) : write_integer(static_cast<Old>(count), p);
  }
  template <class Old>
  char* null_length(char* p) const {
    return flexible ? uvarint(0, p) : write_integer(static_cast<Old>(~Old{0}), p);
  }

  [[gnu::always_inline]] static char* uvarint(uint32 value, char* p) {
    for (; value > 127; value >>= 7) *p++ = static_cast<char>(value | 128);
    *p++ = static_cast<char>(value);
    return p;
  }

  /// Most strings are short: a call of memcpy costs more than copying them.
  [[gnu::always_inline]] static char* raw(const char* from, std::size_t size, char* p) {
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
  const UnknownTags* unknown_;
};

}  // namespace

std::expected<std::size_t, EncodeError> measure(const MessageInfo& info, const void* message, int version,
                                                const UnknownTags* unknown) {
  if (!info.api.versions.has(version)) return std::unexpected(EncodeError{{}, version_refused(info, version)});
  const MessagePlan& plan = plan_of(info, version);
  const auto run = [&](auto measurer) -> std::expected<std::size_t, EncodeError> {
    if (measurer.structure(*plan.root, static_cast<const char*>(message))) return measurer.size();
    return std::unexpected(measurer.take_error());
  };
  return plan.flexible ? run(Measurer<true>(plan, unknown)) : run(Measurer<false>(plan, unknown));
}

void write(const MessageInfo& info, const void* message, int version, char* to, const UnknownTags* unknown) {
  const MessagePlan& plan = plan_of(info, version);
  const char* const from = static_cast<const char*>(message);
  if (plan.flexible) {
    Writer<true>(plan, unknown).structure(*plan.root, from, to);
  } else {
    Writer<false>(plan, unknown).structure(*plan.root, from, to);
  }
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
