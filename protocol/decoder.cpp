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
/// for it. `flexible`: lengths are variable-length numbers, and structures end in tags.
template <bool flexible>
class Decoder {
 public:
  Decoder(const MessagePlan& plan, bytes body, Arena& arena, DecodeMode mode, DecodeError& error, UnknownTags* unknown)
      : begin_(body.data()),
        end_(body.data() + body.size()),
        version_(plan.version),
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
    if (++depth_ > nesting_max) [[unlikely]]
      return too_deep(p);
    if (unknown_ != nullptr) [[unlikely]]
      unknown_->forget(tags_owner(*plan.info, to));
    p = fields<false>(plan, p, to);
    --depth_;
    return p;
  }

  /// A leaf is read without a call.
  template <bool leaf>
  [[gnu::always_inline]] const char* fields(const StructPlan& plan, const char* p, char* to) {
    const Step* step = plan.steps.data();
    for (const Step* const end = step + plan.steps.size(); step != end; ++step) {
      if (step->code == Code::run) {
        if (left(p) < step->run_bytes) [[unlikely]]
          return cut_run(plan, *step, p);
        p = step->run.read(p, to, step->run_at);
      } else {
        p = step->code >= Code::string ? sized<leaf>(*step, p, to + step->at) : number(*step, p, to + step->at);
        if (p == nullptr) [[unlikely]]
          return in_field(*step->field);
      }
    }
    if (!flexible) return p;
    if (p != end_ && *p == 0) [[likely]]
      return p + 1;
    return tag_section(plan, p, to);
  }

  [[gnu::always_inline]] const char* number(const Step& step, const char* p, char* to) {
    if (left(p) < step.size) [[unlikely]]
      return other(step, p, to);
    if (step.code == Code::two) return read_integer<uint16>(p, to);
    return step.code == Code::four ? read_integer<uint32>(p, to) : other(step, p, to);
  }

  /// Finds the number for which the bytes do not suffice.
  [[gnu::cold, gnu::noinline]] const char* cut_run(const StructPlan& plan, const Step& run, const char* p) {
    const Step* number = &plan.numbers[run.run_begin];
    for (; number->size <= left(p); ++number) p += number->size;
    need(p, number->size);
    return in_field(*number->field);
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

  const char* value(const Step& step, const char* p, char* to) { return sized<false>(step, p, to); }

  template <bool leaf>
  [[gnu::always_inline]] const char* sized(const Step& step, const char* p, char* to) {
    // Not a switch: on the processors of today a jump through a table costs more than a field.
    if (step.code == Code::string) [[likely]] {
      const char* const behind = short_view<string>(step, p, to);
      return behind != nullptr ? behind : text(step, p, to);
    }
    if (step.code == Code::bytes) {
      const char* const behind = short_view<bytes>(step, p, to);
      return behind != nullptr ? behind : blob(step, p, to);
    }
    if (step.code == Code::list) return leaf ? scalars(step, p, to) : list(step, p, to);
    return other(step, p, to);
  }

  [[gnu::noinline]] const char* other(const Step& step, const char* p, char* to) {
    switch (step.code) {
      case Code::structure: return step.nullable ? nullable_structure(step, p, to) : structure(*step.of, p, to);
      case Code::old_string: return old_string(step, p, to);
      default: return need(p, step.size) ? read_scalar(step.code, p, to) : nullptr;
    }
  }

  /// What most strings and bytes are: there, and behind a length of one or two bytes. Null when this is none of them.
  template <class View>
  [[gnu::always_inline]] const char* short_view(const Step& step, const char* p, char* to) {
    if (!flexible || left(p) < 2) return nullptr;
    std::size_t size = static_cast<std::size_t>(*p) & 0xff;
    const char* from = p + 1;
    if (size >= 128) {
      if (p[1] <= 0) return nullptr;
      size = (size & 127) + (static_cast<std::size_t>(p[1]) << 7);
      ++from;
    }
    if (size == 0 || size - 1 > left(from)) return nullptr;
    put(to, View(from, size - 1));
    if (step.nullable) to[step.value_size] = 1;
    return from + size - 1;
  }

  [[gnu::noinline]] const char* text(const Step& step, const char* p, char* to) {
    int64 size = 0;
    p = length<uint16>(p, size);
    if (p == nullptr) return nullptr;
    if (size < 0) return null<string>(step, size, p, to);
    if (size > static_cast<int64>(string_bytes_max)) [[unlikely]] {
      return fail(p, "a string of " + std::to_string(size) + " bytes, Kafka allows 32767");
    }
    return view<string>(step, static_cast<std::size_t>(size), p, to);
  }

  const char* old_string(const Step& step, const char* p, char* to) {
    if (!need(p, 2)) return nullptr;
    const auto size = static_cast<int16>(big_endian(get<uint16>(p)));
    if (size < 0) return null<string>(step, size, p + 2, to);
    return view<string>(step, static_cast<std::size_t>(size), p + 2, to);
  }

  [[gnu::noinline]] const char* blob(const Step& step, const char* p, char* to) {
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
  [[gnu::noinline]] const char* null(const Step& step, int64 length, const char* p, char* to) {
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

  [[gnu::noinline]] const char* list(const Step& step, const char* p, char* to) {
    if (is_scalar(step.element->code)) return scalars(step, p, to);
    RawList items;
    p = begin_list(step, p, to, items);
    if (items.count == 0) return p;
    return step.element->code == Code::structure ? structures(*step.element, items, p)
                                                 : values(*step.element, items, p);
  }

  /// That the bytes of the elements are there was shown by their smallest size, which is the only one.
  [[gnu::always_inline]] const char* scalars(const Step& step, const char* p, char* to) {
    RawList items;
    p = begin_list(step, p, to, items);
    const Step& element = *step.element;
    char* item = items.data;
    char* const end = item + std::size_t{items.count} * element.size;
    if (element.code == Code::four) {
      for (; end - item >= 8; item += 8, p += 8) put(item, two_swapped(get<uint64>(p)));
      if (item != end) p = read_integer<uint32>(p, item);
    } else {
      for (; item != end; item += element.size) p = read_scalar(element.code, p, item);
    }
    return p;
  }

  /// The length of a list and the room for its elements; no elements when there are none, or an error.
  [[gnu::always_inline]] const char* begin_list(const Step& step, const char* p, char* to, RawList& items) {
    int64 count = 0;
    p = length<uint32>(p, count);
    if (p == nullptr) [[unlikely]]
      return nullptr;
    if (count < 0) [[unlikely]]
      return null<RawList>(step, count, p, to);
    if (step.nullable) to[step.value_size] = 1;
    if (count > 0) {
      const Step& element = *step.element;
      if (static_cast<std::size_t>(count) * element.wire_min > left(p)) [[unlikely]]
        return too_many(count, p);
      const std::size_t size = static_cast<std::size_t>(count) * element.size;
      items.data = static_cast<char*>(arena_.allocate_within(size, alignof(std::int64_t), held_max_));
      if (items.data == nullptr) [[unlikely]]
        return too_much_memory(count, element.size, p);
      items.count = static_cast<uint32>(count);
    }
    put(to, items);
    return p;
  }

  // What the elements to come need at least is out of reach of the ones before them. So each byte of the body is
  // claimed by one list only, however deep they nest.

  [[gnu::noinline]] const char* structures(const Step& element, RawList items, const char* p) {
    const StructPlan& plan = *element.of;
    const bool leaf = plan.leaf && !element.nullable && unknown_ == nullptr && depth_ < nesting_max;
    end_ -= std::size_t{items.count} * element.wire_min;
    for (std::size_t i = 0; i < items.count; ++i) {
      end_ += element.wire_min;
      char* const item = items.data + i * element.size;
      if (!plan.overwritten) std::memcpy(item, defaults(*plan.info), plan.info->size);
      if (leaf) {
        p = fields<true>(plan, p, item);
      } else {
        p = element.nullable ? nullable_structure(element, p, item) : structure(plan, p, item);
      }
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
    if constexpr (flexible) {
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
  [[gnu::cold, gnu::noinline]] const char* too_deep(const char* p) { return fail(p, "nested more than 16 deep"); }
  [[gnu::cold, gnu::noinline]] const char* too_many(int64 count, const char* p) {
    return fail(p, std::to_string(count) + " elements cannot fit in the " + std::to_string(left(p)) + " bytes left");
  }
  [[gnu::cold, gnu::noinline]] const char* too_much_memory(int64 count, std::size_t size, const char* p) {
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
  char* const to = static_cast<char*>(message);
  return plan.flexible ? Decoder<true>(plan, body, arena, mode, error, unknown).message(*plan.root, to)
                       : Decoder<false>(plan, body, arena, mode, error, unknown).message(*plan.root, to);
}

}  // namespace barnabas::protocol
