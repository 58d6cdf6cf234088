// Bytes to messages.
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/memory.hpp"
#include "barnabas/protocol/plan.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;

/// What one kept tag takes in an UnknownTags, at most.
constexpr std::size_t unknown_tag_bytes = 128;

/// Reads a body from the front. Each function takes the place it reads from and returns the place behind, or null at
/// the first error; the path of an error is put together on the way out, so that a body without errors pays nothing
/// for it.
class Decoder {
 public:
  Decoder(const MessagePlan& plan, bytes body, Arena& arena, DecodeMode mode, DecodeError& error, UnknownTags* unknown)
      : begin_(body.data()),
        end_(body.data() + body.size()),
        version_(plan.version),
        flexible_(plan.flexible),
        strict_(mode == strict),
        arena_(arena),
        held_max_(arena.bytes() + decode_bytes_max(body.size())),
        unknown_(unknown),
        error_(error) {}

  bool message(const StructPlan& plan, char* to) {
    const char* const p = structure(plan, begin_, to);
    if (p == nullptr) return false;
    if (strict_ && p != end_) return fail(p, std::to_string(left(p)) + " bytes follow the end of the message"), false;
    return true;
  }

 private:
  std::size_t left(const char* p) const { return static_cast<std::size_t>(end_ - p); }

  const char* structure(const StructPlan& plan, const char* p, char* to) {
    if (++depth_ > nesting_max) return fail(p, "nested more than 16 deep");
    if (unknown_ != nullptr) unknown_->forget(tags_owner(*plan.info, to));
    const Step* step = plan.steps.data();
    for (const Step* const end = step + plan.steps.size(); step != end; ++step) {
      if (step->code == Code::run) {
        if (left(p) < step->run_bytes) [[unlikely]]
          return cut_run(step, p);
        for (const Step* const last = step + step->scalars; step != last;) {
          ++step;
          p = scalar(step->code, p, to + step->at);
        }
      } else {
        p = value(*step, p, to + step->at);
        if (p == nullptr) [[unlikely]]
          return in_field(*step->field);
      }
    }
    if (plan.flexible) {
      if (p != end_ && *p == 0) {
        ++p;
      } else if (p = tag_section(plan, p, to); p == nullptr) {
        return nullptr;
      }
    }
    --depth_;
    return p;
  }

  /// Finds the scalar for which the bytes do not suffice.
  [[gnu::cold, gnu::noinline]] const char* cut_run(const Step* run, const char* p) {
    const Step* step = run + 1;
    for (; step->size <= left(p); ++step) p += step->size;
    need(p, step->size);
    return in_field(*step->field);
  }

  [[gnu::noinline]] const char* tag_section(const StructPlan& plan, const char* p, char* to) {
    uint32 count = 0;
    p = uvarint(p, count);
    int64 previous = -1;
    for (; p != nullptr && count > 0; --count) {
      uint32 tag = 0, size = 0;
      p = uvarint(p, tag);
      if (p == nullptr) return nullptr;
      if (strict_ && tag <= previous) {
        return fail(p,
                    "tag " + std::to_string(tag) + " after tag " + std::to_string(previous) + ", tags have to ascend");
      }
      previous = tag;
      p = uvarint(p, size);
      if (p == nullptr || !need(p, size)) return nullptr;
      const Step* const known = find_tag(plan, tag);
      if (known != nullptr) {
        p = tagged_field(plan, *known, size, p, to);
      } else {
        if (unknown_ != nullptr && !keep(tags_owner(*plan.info, to), tag, bytes(p, size), p)) return nullptr;
        p += size;
      }
    }
    return p;
  }

  /// A tag that the structure has, but not in this version, counts as unknown.
  static const Step* find_tag(const StructPlan& plan, uint32 tag) {
    for (const Step& step : plan.tags) {
      if (step.tag == tag) return &step;
    }
    return nullptr;
  }

  const char* tagged_field(const StructPlan& plan, const Step& step, std::size_t size, const char* p, char* to) {
    const char* const outer_end = end_;
    end_ = p + size;
    // The tag may have been read before.
    std::memcpy(to + step.at, defaults(*plan.info) + step.at, step.size);
    p = value(step, p, to + step.at);
    if (p != nullptr && p != end_) fail(p, std::to_string(left(p)) + " bytes of the tagged field are left over");
    if (p != end_) return in_field(*step.field);
    end_ = outer_end;
    return p;
  }

  bool keep(const void* structure, uint32 tag, bytes data, const char* p) {
    if (held_max_ - arena_.bytes() < unknown_tag_bytes) {
      return fail(p, "more unknown tags than a message of this size may have"), false;
    }
    held_max_ -= unknown_tag_bytes;
    unknown_->add(structure, tag, data);
    return true;
  }

  const char* value(const Step& step, const char* p, char* to) {
    switch (step.code) {
      case Code::string: return text(step, p, to);
      case Code::bytes: return blob(step, p, to);
      case Code::list: return list(step, p, to);
      case Code::structure: return step.nullable ? nullable_structure(step, p, to) : structure(*step.of, p, to);
      default: return need(p, step.size) ? scalar(step.code, p, to) : nullptr;
    }
  }

  /// The bytes are known to be there.
  static const char* scalar(Code code, const char* p, char* to) {
    switch (code) {
      case Code::boolean: *to = *p != 0; return p + 1;
      case Code::one: *to = *p; return p + 1;
      case Code::two: return integer<uint16>(p, to);
      case Code::four: return integer<uint32>(p, to);
      case Code::eight: return integer<uint64>(p, to);
      default: std::memcpy(to, p, sizeof(Uuid)); return p + sizeof(Uuid);
    }
  }

  template <class U>
  static const char* integer(const char* p, char* to) {
    put(to, big_endian(get<U>(p)));
    return p + sizeof(U);
  }

  const char* text(const Step& step, const char* p, char* to) {
    int64 size = 0;
    p = length<uint16>(p, size);
    if (p == nullptr) return nullptr;
    if (size < 0) return null<string>(step, size, p, to);
    if (size > static_cast<int64>(string_bytes_max)) [[unlikely]] {
      return fail(p, "a string of " + std::to_string(size) + " bytes, Kafka allows 32767");
    }
    return view<string>(step, static_cast<std::size_t>(size), p, to);
  }

  const char* blob(const Step& step, const char* p, char* to) {
    int64 size = 0;
    p = length<uint32>(p, size);
    if (p == nullptr) return nullptr;
    if (size < 0) return null<bytes>(step, size, p, to);
    return view<bytes>(step, static_cast<std::size_t>(size), p, to);
  }

  template <class View>
  const char* view(const Step& step, std::size_t size, const char* p, char* to) {
    if (!need(p, size)) return nullptr;
    put(to, View(p, size));
    if (step.nullable) to[step.value_size] = 1;
    return p + size;
  }

  template <class Empty>
  const char* null(const Step& step, int64 length, const char* p, char* to) {
    if (length < -1 && strict_) return fail(p, "length " + std::to_string(length));
    if (!step.null_allowed) return null_refused(p);
    put(to, Empty{});
    to[step.value_size] = 0;
    return p;
  }

  const char* nullable_structure(const Step& step, const char* p, char* to) {
    if (!need(p, 1)) return nullptr;
    const bool null = *p++ < 0;
    if (null && !step.null_allowed) return null_refused(p);
    if (null) std::memcpy(to, defaults(*step.of->info), step.of->info->size);
    to[step.value_size] = null ? 0 : 1;
    return null ? p : structure(*step.of, p, to);
  }

  const char* list(const Step& step, const char* p, char* to) {
    int64 length_read = 0;
    p = length<uint32>(p, length_read);
    if (p == nullptr) return nullptr;
    if (length_read < 0) return null<RawList>(step, length_read, p, to);
    if (step.nullable) to[step.value_size] = 1;
    const Step& element = *step.element;
    const auto count = static_cast<std::size_t>(length_read);
    if (count * element.wire_min > left(p)) [[unlikely]] {
      return fail(p, std::to_string(count) + " elements cannot fit in the " + std::to_string(left(p)) + " bytes left");
    }
    RawList items;
    if (count > 0) {
      items.count = static_cast<uint32>(count);
      items.data = static_cast<char*>(arena_.allocate_within(count * element.size, alignof(std::int64_t), held_max_));
      if (items.data == nullptr) [[unlikely]]
        return too_much_memory(count, element.size, p);
    }
    put(to, items);
    switch (element.code) {
      case Code::four: return integers<uint32>(items, p);
      case Code::eight: return integers<uint64>(items, p);
      case Code::structure: return structures(element, items, p);
      default: return is_scalar(element.code) ? scalars(element, items, p) : values(element, items, p);
    }
  }

  /// Lists of scalars: that the bytes are there was shown by the smallest size, which is the only one.
  template <class U>
  static const char* integers(RawList items, const char* p) {
    for (std::size_t i = 0; i < items.count; ++i) p = integer<U>(p, items.data + i * sizeof(U));
    return p;
  }
  static const char* scalars(const Step& element, RawList items, const char* p) {
    for (std::size_t i = 0; i < items.count; ++i) p = scalar(element.code, p, items.data + i * element.size);
    return p;
  }

  // What the elements to come need at least is out of reach of the ones before them. So each byte of the body is
  // claimed by one list only, however deep they nest.

  const char* structures(const Step& element, RawList items, const char* p) {
    const StructPlan& plan = *element.of;
    end_ -= std::size_t{items.count} * element.wire_min;
    for (std::size_t i = 0; i < items.count; ++i) {
      end_ += element.wire_min;
      char* const item = items.data + i * element.size;
      if (!plan.overwritten) std::memcpy(item, defaults(*plan.info), plan.info->size);
      p = element.nullable ? nullable_structure(element, p, item) : structure(plan, p, item);
      if (p == nullptr) [[unlikely]]
        return in_element(i);
    }
    return p;
  }

  const char* values(const Step& element, RawList items, const char* p) {
    end_ -= std::size_t{items.count} * element.wire_min;
    for (std::size_t i = 0; i < items.count; ++i) {
      end_ += element.wire_min;
      p = value(element, p, items.data + i * element.size);
      if (p == nullptr) [[unlikely]]
        return in_element(i);
    }
    return p;
  }

  /// Reads the length in front of a string (Old = uint16), bytes or list (uint32); -1 is null.
  template <class Old>
  const char* length(const char* p, int64& read) {
    if (flexible_) {
      uint32 raw = 0;
      p = uvarint(p, raw);
      read = static_cast<int64>(raw) - 1;
      return p;
    }
    if (!need(p, sizeof(Old))) return nullptr;
    read = static_cast<std::make_signed_t<Old>>(big_endian(get<Old>(p)));
    return p + sizeof(Old);
  }

  const char* uvarint(const char* p, uint32& value) {
    if (p != end_ && *p >= 0) [[likely]] {
      value = static_cast<uint32>(*p);
      return p + 1;
    }
    return long_uvarint(p, value);
  }

  [[gnu::noinline]] const char* long_uvarint(const char* p, uint32& value) {
    uint64 read = 0;
    for (std::size_t i = 0; i < uvarint_bytes_max; ++i) {
      if (!need(p, 1)) return nullptr;
      const auto octet = static_cast<uint8>(*p++);
      read |= static_cast<uint64>(octet & 127) << (7 * i);
      if (octet >= 128) continue;
      if (read > 0xffffffff) break;
      value = static_cast<uint32>(read);
      return p;
    }
    return fail(p, "a variable-length number of more than 32 bits");
  }

  bool need(const char* p, std::size_t size) {
    if (size <= left(p)) [[likely]]
      return true;
    return cut_off(p, size), false;
  }

  [[gnu::cold, gnu::noinline]] void cut_off(const char* p, std::size_t size) {
    fail(p, "needs " + std::to_string(size) + " bytes, " + std::to_string(left(p)) + " are left");
  }
  [[gnu::cold, gnu::noinline]] const char* null_refused(const char* p) {
    return fail(p, "null is not allowed in version " + std::to_string(version_));
  }
  [[gnu::cold, gnu::noinline]] const char* too_much_memory(std::size_t count, std::size_t size, const char* p) {
    return fail(p, std::to_string(count) + " elements of " + std::to_string(size) +
                       " bytes take more memory than a message of this size may");
  }
  [[gnu::cold, gnu::noinline]] const char* fail(const char* p, std::string what) {
    error_.offset = static_cast<std::size_t>(p - begin_);
    error_.what = std::move(what);
    return nullptr;
  }
  [[gnu::cold, gnu::noinline]] const char* in_field(const FieldInfo& field) {
    prepend_field(error_.path, field.name);
    return nullptr;
  }
  [[gnu::cold, gnu::noinline]] const char* in_element(std::size_t index) {
    prepend_index(error_.path, index);
    return nullptr;
  }

  const char* begin_;
  const char* end_;  // of what may be read: of the body or tagged field, less what later elements of open lists need
  int version_;
  bool flexible_;
  bool strict_;
  int depth_ = 0;
  Arena& arena_;
  std::size_t held_max_;  // by the arena
  UnknownTags* unknown_;
  DecodeError& error_;
};

}  // namespace

bool decode(const MessageInfo& info, void* message, bytes body, int version, Arena& arena, DecodeMode mode,
            DecodeError& error, UnknownTags* unknown) {
  if (!info.api.versions.has(version)) {
    error = {{}, 0, version_refused(info, version)};
    return false;
  }
  const MessagePlan& plan = plan_of(info, version);
  return Decoder(plan, body, arena, mode, error, unknown).message(*plan.root, static_cast<char*>(message));
}

}  // namespace barnabas::protocol
