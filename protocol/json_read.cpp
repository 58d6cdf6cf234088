// JSON to messages. simdjson finds the structure of the text and checks that it is UTF-8; the table says what may stand
// where. Names and values are taken in the order of the text and never searched for, so the work is linear in its size.
#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <concepts>
#include <limits>

#include "barnabas/protocol/base64.hpp"
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/json_schema.hpp"
#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {

using namespace detail;
namespace lazy = simdjson::ondemand;

constexpr std::size_t fields_max = 64;
constexpr std::size_t quoted_bytes_max = 40;
constexpr std::size_t name_bytes_max = 100;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_utf8(std::string& out, uint32 point) {
  const auto follow = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    follow(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    follow(6), follow(0);
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    follow(12), follow(6), follow(0);
  }
}

/// The inside of a JSON string without its escapes; \udc80 to \udcff on their own are the bytes 0x80 to 0xff.
class Unescaper {
 public:
  explicit Unescaper(string raw) : raw_(raw) {}

  /// An empty result says what is wrong in `why`.
  std::optional<std::string> run(const char*& why) {
    std::string out;
    while (!raw_.empty()) {
      const std::size_t plain = std::min(raw_.find('\\'), raw_.size());
      out += raw_.substr(0, plain);
      raw_.remove_prefix(plain);
      if (raw_.empty()) break;
      if (!escape(out)) {
        why = why_;
        return std::nullopt;
      }
    }
    return out;
  }

 private:
  bool escape(std::string& out) {
    const char c = raw_.size() > 1 ? raw_[1] : '\0';
    if (c == 'u') return unicode(out);
    constexpr string names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const std::size_t at = names.find(c);
    if (at == string::npos) return refuse("an unknown escape");
    out += meanings[at];
    raw_.remove_prefix(2);
    return true;
  }

  bool unicode(std::string& out) {
    uint32 point = 0;
    if (!code_unit(point)) return refuse("an escape without four hexadecimal digits");
    const bool high = point >= 0xd800 && point <= 0xdbff, low = point >= 0xdc00 && point <= 0xdfff;
    if (low && (point < 0xdc80 || point > 0xdcff)) return refuse("half of a surrogate pair");
    if (low) {
      out += static_cast<char>(point & 0xff);
      return true;
    }
    if (high) {
      uint32 second = 0;
      if (!code_unit(second) || second < 0xdc00 || second > 0xdfff) return refuse("half of a surrogate pair");
      point = 0x10000 + ((point - 0xd800) << 10) + (second - 0xdc00);
    }
    append_utf8(out, point);
    return true;
  }

  bool code_unit(uint32& unit) {
    if (raw_.size() < 6 || raw_[0] != '\\' || raw_[1] != 'u') return false;
    unit = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      const int digit = hex_value(raw_[i]);
      if (digit < 0) return false;
      unit = unit << 4 | static_cast<uint32>(digit);
    }
    raw_.remove_prefix(6);
    return true;
  }

  bool refuse(const char* why) {
    why_ = why;
    return false;
  }

  string raw_;
  const char* why_ = "";
};

/// "NaN:7ff8000000000001"
bool parse_nan(string text, float64& number) {
  constexpr string prefix = "NaN:";
  if (text.size() != prefix.size() + 16 || !text.starts_with(prefix)) return false;
  uint64 bits = 0;
  for (char c : text.substr(prefix.size())) {
    const int digit = hex_value(c);
    if (digit < 0) return false;
    bits = bits << 4 | static_cast<uint64>(digit);
  }
  number = std::bit_cast<float64>(bits);
  return number != number;
}

bool parse_odd_number(string text, float64& number) {
  using limits = std::numeric_limits<float64>;
  if (text == "NaN") return number = limits::quiet_NaN(), true;
  if (text == "Infinity") return number = limits::infinity(), true;
  if (text == "-Infinity") return number = -limits::infinity(), true;
  return parse_nan(text, number);
}

/// Steps from one name to the other, a letter changed, missing or too many being one; many when they are far apart.
std::size_t distance(string a, string b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

std::string did_you_mean(const StructInfo& info, string name, int version) {
  std::size_t best = std::min<std::size_t>(name.size() / 3 + 1, 4);
  string near;
  for (const FieldInfo& field : info.fields) {
    if (!field.in(version) || name.size() > 2 * field.name.size()) continue;
    const std::size_t steps = distance(name, field.name);
    if (steps < best) best = steps, near = field.name;
  }
  return near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?";
}

class Reader {
 public:
  Reader(const MessageInfo& info, int version, Arena& arena, UnknownTags* unknown, string text)
      : version_(version), flexible_(info.flexible(version)), arena_(arena), unknown_(unknown), text_(text) {}

  JsonError take_error() { return std::move(error_); }

  bool message(lazy::parser& parser, const StructInfo& info, char* to) {
    lazy::object root;
    const std::size_t allocated = text_.size() + simdjson::SIMDJSON_PADDING;
    if (const auto error = parser.iterate(text_.data(), text_.size(), allocated).get(document_)) {
      return fail(not_json(error));
    }
    if (document_.get_object().get(root) != simdjson::SUCCESS) return fail("is not a JSON object");
    if (!structure(info, root, to)) return false;
    const bool at_end = document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end || fail_here("something follows the end of the object");
  }

 private:
  bool structure(const StructInfo& info, lazy::object object, char* to) {
    if (++depth_ > nesting_max) return fail("nested more than 16 deep");
    std::bitset<fields_max> seen;
    std::size_t expected = 0;
    for (auto item : object) {
      string name;
      lazy::value value;
      if (const auto error = item.unescaped_key().get(name)) return syntax(error);
      if (const auto error = item.value().get(value)) return syntax(error);
      enter(value);
      if (!member(info, name, value, to, seen, expected))
        return prepend_field(error_.path, name.substr(0, name_bytes_max)), false;
    }
    --depth_;
    return true;
  }

  bool member(const StructInfo& info, string name, lazy::value& from, char* to, std::bitset<fields_max>& seen,
              std::size_t& expected) {
    if (name == "_unknown_tags") return unknown_tags(info, from, to);
    const std::size_t index = find(info, name, expected);
    if (index == info.fields.size()) return fail("is no field" + did_you_mean(info, name, version_));
    const FieldInfo& field = info.fields[index];
    if (!field.in(version_)) {
      return fail("is not in version " + std::to_string(version_) + ", only in " + versions_text(field.spec.in));
    }
    if (seen.test(index)) return fail("is given twice");
    seen.set(index);
    expected = index + 1;
    return value(field.type, field.nullable_in(version_), from, to + field.at);
  }

  /// Names mostly come in the order of the table.
  static std::size_t find(const StructInfo& info, string name, std::size_t expected) {
    const std::size_t count = info.fields.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t index = (expected + i) % count;
      if (info.fields[index].name == name) return index;
    }
    return count;
  }

  bool value(const TypeInfo& type, bool nullable, lazy::value& from, char* to) {
    if (token_.starts_with('n')) {
      bool null = false;
      if (from.is_null().get(null) != simdjson::SUCCESS || !null) return wrong(type, "a value");
      if (!nullable) return fail("null is not allowed in version " + std::to_string(version_));
      set_null(type, to, true);
      return true;
    }
    if (type.nullable) set_null(type, to, false);
    return present(type, from, to);
  }

  bool present(const TypeInfo& type, lazy::value& from, char* to) {
    switch (type.kind) {
      case Kind::boolean: return boolean(type, from, to);
      case Kind::int8: return integer<int8>(type, from, to);
      case Kind::int16: return integer<int16>(type, from, to);
      case Kind::uint16: return integer<uint16>(type, from, to);
      case Kind::int32: return integer<int32>(type, from, to);
      case Kind::int64: return integer<int64>(type, from, to);
      case Kind::float64: return number(type, from, to);
      case Kind::uuid: return uuid(type, from, to);
      case Kind::string: return string_value(type, from, to);
      case Kind::bytes: return bytes_value(type, from, to);
      case Kind::list: return list(type, from, to);
      case Kind::structure: {
        lazy::object object;
        return from.get_object().get(object) == simdjson::SUCCESS ? structure(*type.of, object, to)
                                                                  : wrong(type, "an object");
      }
    }
    __builtin_unreachable();
  }

  bool boolean(const TypeInfo& type, lazy::value& from, char* to) {
    bool truth = false;
    if (from.get_bool().get(truth) != simdjson::SUCCESS) return wrong(type, "true or false");
    put(to, truth);
    return true;
  }

  template <std::integral T>
  bool integer(const TypeInfo& type, lazy::value& from, char* to) {
    using limits = std::numeric_limits<T>;
    int64 number = 0;
    if (from.get_int64().get(number) != simdjson::SUCCESS || number < limits::min() || number > limits::max()) {
      return wrong(type, "an integer from " + std::to_string(limits::min()) + " to " + std::to_string(limits::max()));
    }
    put(to, static_cast<T>(number));
    return true;
  }

  bool number(const TypeInfo& type, lazy::value& from, char* to) {
    float64 number = 0;
    if (token_.starts_with('"')) {
      string text;
      if (!string_token(from, text)) return false;
      if (!parse_odd_number(text, number)) return wrong(type, R"(a number, "NaN", "Infinity" or "-Infinity")");
    } else if (from.get_double().get(number) != simdjson::SUCCESS) {
      return wrong(type, "a number");
    }
    put(to, number);
    return true;
  }

  bool uuid(const TypeInfo& type, lazy::value& from, char* to) {
    string text;
    if (!token_.starts_with('"')) return wrong(type, "a string");
    if (!string_token(from, text)) return false;
    const auto id = Uuid::parse(text);
    if (!id) return wrong(type, "a UUID in 22 characters of URL-safe base64");
    put(to, *id);
    return true;
  }

  bool string_value(const TypeInfo& type, lazy::value& from, char* to) {
    string text;
    if (!token_.starts_with('"')) return wrong(type, "a string");
    if (!string_token(from, text)) return false;
    put(to, arena_.copy(text));
    return true;
  }

  bool bytes_value(const TypeInfo& type, lazy::value& from, char* to) {
    bytes data;
    if (!base64(type, from, data)) return false;
    put(to, data);
    return true;
  }

  bool base64(const TypeInfo& type, lazy::value& from, bytes& data) {
    string text;
    if (!token_.starts_with('"')) return wrong(type, "a string of base64");
    if (!string_token(from, text)) return false;
    const auto size = base64_decoded_size(text);
    if (!size) return fail("is not base64: its length is no multiple of 4");
    char* const room = static_cast<char*>(arena_.allocate(*size, 1));
    if (!decode_base64(text, room)) return wrong(type, "base64 (standard alphabet, padded)");
    data = bytes(room, *size);
    return true;
  }

  bool list(const TypeInfo& type, lazy::value& from, char* to) {
    const TypeInfo& element = *type.element;
    lazy::array array;
    std::size_t count = 0;
    if (from.get_array().get(array) != simdjson::SUCCESS) return wrong(type, "an array");
    if (const auto error = array.count_elements().get(count)) return syntax(error);
    RawList items;
    if (count > 0) items.data = static_cast<char*>(arena_.allocate(count * element.size, alignof(std::max_align_t)));
    for (auto item : array) {
      lazy::value inner;
      if (const auto error = item.get(inner)) return syntax(error);
      if (items.count == count) return fail_here("is not JSON: an array that does not end where it seemed to");
      enter(inner);
      char* const room = items.data + items.count * element.size;
      init(element, room);
      if (!value(element, element.nullable, inner, room)) return prepend_index(error_.path, items.count), false;
      ++items.count;
    }
    put(to, items);
    return true;
  }

  static void init(const TypeInfo& type, char* to) {
    std::memset(to, 0, type.size);
    if (type.kind == Kind::structure) std::memcpy(to, type.of->defaults, type.of->size);
  }

  bool unknown_tags(const StructInfo& info, lazy::value& from, char* structure) {
    if (!flexible_) return fail("version " + std::to_string(version_) + " has no place for tagged fields");
    lazy::array array;
    if (from.get_array().get(array) != simdjson::SUCCESS) return fail("is not an array");
    std::size_t index = 0;
    for (auto item : array) {
      lazy::value tag;
      if (const auto error = item.get(tag)) return syntax(error);
      enter(tag);
      if (!unknown_tag(info, tag, structure)) return prepend_index(error_.path, index), false;
      ++index;
    }
    return true;
  }

  bool unknown_tag(const StructInfo& info, lazy::value& from, char* structure) {
    static constexpr TypeInfo tag_type{.kind = Kind::int64}, data_type{.kind = Kind::bytes};
    lazy::object object;
    std::optional<int64> number;
    std::optional<bytes> data;
    if (from.get_object().get(object) != simdjson::SUCCESS) return fail("is not an object");
    for (auto item : object) {
      string name;
      lazy::value value;
      if (const auto error = item.unescaped_key().get(name)) return syntax(error);
      if (const auto error = item.value().get(value)) return syntax(error);
      enter(value);
      if (name == "tag" && !number) {
        if (!integer<int64>(tag_type, value, reinterpret_cast<char*>(&number.emplace()))) return false;
      } else if (name == "data" && !data) {
        if (!base64(data_type, value, data.emplace())) return false;
      } else {
        return fail("has other names than one \"tag\" and one \"data\"");
      }
    }
    if (!number || !data) return fail("lacks \"tag\" or \"data\"");
    if (*number < 0 || *number > std::numeric_limits<uint32>::max()) return fail("the tag is no uint32");
    return keep(info, structure, static_cast<uint32>(*number), *data);
  }

  bool keep(const StructInfo& info, const char* structure, uint32 tag, bytes data) {
    for (const FieldInfo& field : info.fields) {
      if (field.tagged() && field.in(version_) && static_cast<uint32>(field.spec.tag) == tag) {
        return fail("tag " + std::to_string(tag) + " is the field " + std::string(field.name));
      }
    }
    if (unknown_ == nullptr) return true;
    const void* const owner = tags_owner(info, structure);
    if (std::ranges::find(unknown_->of(owner), tag, &UnknownTags::Tag::tag) != unknown_->of(owner).end())
      return fail("tag " + std::to_string(tag) + " is given twice");
    unknown_->add(owner, tag, data);
    return true;
  }

  /// Where errors are to point to, and what the value looks like.
  void enter(lazy::value& value) {
    token_ = value.raw_json_token();
    error_.offset = static_cast<std::size_t>(token_.data() - text_.data());
  }

  bool string_token(lazy::value& from, string& text) {
    lazy::raw_json_string raw;
    if (const auto error = from.get_raw_json_string().get(raw)) return syntax(error);
    const char* const begin = raw.raw();
    const char* const end = text_.data() + text_.size();
    const char* p = begin;
    bool escaped = false;
    for (; p < end && *p != '"'; ++p) {
      if (*p == '\\') escaped = true, ++p;
    }
    if (p >= end) return fail("a string without end");
    text = string(begin, static_cast<std::size_t>(p - begin));
    if (!escaped) return true;
    const char* why = "";
    auto unescaped = Unescaper(text).run(why);
    if (!unescaped) return fail(std::string("has ") + why);
    scratch_ = std::move(*unescaped);
    text = scratch_;
    return true;
  }

  bool wrong(const TypeInfo& type, const std::string& wanted) {
    if (type.secret) return fail("is not " + wanted);
    string token = token_;
    while (!token.empty() && string(" \t\r\n").contains(token.back())) token.remove_suffix(1);
    const bool cut = token.size() > quoted_bytes_max;
    if (cut) {
      token = token.substr(0, quoted_bytes_max);
      while (!token.empty() && static_cast<uint8>(token.back()) >= 0x80) token.remove_suffix(1);
    }
    return fail(std::string(token) + (cut ? "…" : "") + " is not " + wanted);
  }

  static std::string not_json(simdjson::error_code error) {
    return std::string("is not JSON: ") + simdjson::error_message(error);
  }
  bool syntax(simdjson::error_code error) { return fail_here(not_json(error)); }

  bool fail_here(std::string what) {
    const char* here = nullptr;
    if (document_.current_location().get(here) == simdjson::SUCCESS && here >= text_.data()) {
      error_.offset = std::min(static_cast<std::size_t>(here - text_.data()), text_.size());
    }
    return fail(std::move(what));
  }

  bool fail(std::string what) {
    error_.what = std::move(what);
    return false;
  }

  int version_;
  bool flexible_;
  Arena& arena_;
  UnknownTags* unknown_;
  string text_;
  lazy::document document_;
  string token_;
  std::string scratch_;
  int depth_ = 0;
  JsonError error_;
};

}  // namespace

std::string JsonError::text() const {
  return (path.empty() ? std::string("the text") : path) + ": " + what + " (at byte " + std::to_string(offset) + ")";
}

std::expected<void, JsonError> from_json(const MessageInfo& info, void* message, std::string_view json, int version,
                                         Arena& arena, UnknownTags* unknown) {
  if (!info.api.versions.has(version)) {
    return std::unexpected(JsonError{{},
                                     0,
                                     "version " + std::to_string(version) + " of " + std::string(info.name) +
                                         " is not known here, only " + versions_text(info.api.versions)});
  }
  const simdjson::padded_string padded(json);
  lazy::parser parser;
  Reader reader(info, version, arena, unknown, padded);
  if (!reader.message(parser, *info.root, static_cast<char*>(message))) return std::unexpected(reader.take_error());
  return {};
}

}  // namespace barnabas::protocol
