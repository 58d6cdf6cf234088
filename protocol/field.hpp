// How a message says which versions carry a field. Everything in here is checked while compiling.
#pragma once

#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

namespace detail {

/// Reads a version string.
struct SpecParser {
  string text;
  std::size_t at = 0;

  constexpr bool done() const { return at == text.size(); }
  constexpr bool take(string word) {
    if (text.substr(at, word.size()) != word) return false;
    at += word.size();
    return true;
  }
  constexpr int number(int max) {
    const auto digit = [this] { return !done() && text[at] >= '0' && text[at] <= '9'; };
    if (!digit()) throw "expected a number in a version string";
    int n = 0;
    while (digit()) {
      n = n * 10 + (text[at++] - '0');
      if (n > max) throw "a number that is too big";
    }
    return n;
  }
};

}  // namespace detail

/// A range of versions: "3" (only 3), "3+" (3 and later), "3-7", "none".
struct Versions {
  static constexpr int open = 127;

  int8 lo = 0;
  int8 hi = open;

  template <std::size_t N>
  consteval Versions(const char (&text)[N]) : Versions(parse({text, N - 1})) {}

  constexpr bool has(int version) const { return lo <= version && version <= hi; }
  constexpr bool empty() const { return hi < lo; }
  friend constexpr bool operator==(const Versions&, const Versions&) = default;

  /// Throws a text; while compiling that is an error which shows it.
  static constexpr Versions parse(string text) {
    detail::SpecParser in{text};
    const Versions range = read(in);
    if (!in.done()) throw "text after the version range";
    return range;
  }
  static constexpr Versions read(detail::SpecParser& in) {
    if (in.take("none")) return {1, 0};
    const int lo = in.number(open - 1);
    if (in.take("+")) return {lo, open};
    if (!in.take("-")) return {lo, lo};
    const int hi = in.number(open - 1);
    if (hi <= lo) throw "a version range that does not ascend";
    return {lo, hi};
  }

 private:
  constexpr Versions(int from, int to) : lo(static_cast<int8>(from)), hi(static_cast<int8>(to)) {}
};

/// What the second argument of Field says: "RANGE[ tag N][ null RANGE][ ignorable][ inflexible]".
///   RANGE      the versions that carry the field
///   tag N      it is a tagged field (KIP-482), left out when it equals its default
///   null RANGE the versions that may carry null, when these are fewer than all; the type must be nullable
///   ignorable  a version that lacks the field drops a value other than the default in silence; else that is an error
///   inflexible its length is not compact in flexible versions either; of strings only
struct FieldSpec {
  Versions in = "0+";
  Versions null = "0+";
  int16 tag = -1;
  bool ignorable = false;
  bool null_given = false;
  bool inflexible = false;

  template <std::size_t N>
  consteval FieldSpec(const char (&text)[N]) : FieldSpec(parse({text, N - 1})) {}

  /// Throws a text; while compiling that is an error which shows it.
  static constexpr FieldSpec parse(string text) {
    detail::SpecParser parser{text};
    FieldSpec spec;
    spec.in = Versions::read(parser);
    if (spec.in.empty()) throw "a field needs versions";
    if (parser.take(" tag ")) spec.tag = static_cast<int16>(parser.number(32767));
    if (parser.take(" null ")) {
      spec.null = Versions::read(parser);
      spec.null_given = true;
      if (spec.null.lo < spec.in.lo || spec.null.hi > spec.in.hi) throw "null outside the versions of the field";
    }
    spec.ignorable = parser.take(" ignorable");
    spec.inflexible = parser.take(" inflexible");
    if (!parser.done()) throw "a version string must read RANGE[ tag N][ null RANGE][ ignorable][ inflexible]";
    return spec;
  }

 private:
  constexpr FieldSpec() = default;
};

/// Which API a message belongs to, the versions this code reads and writes, and those with compact lengths and tag
/// sections. `key` is -1 for data that travels inside other messages. Versions in `unstable` may still change, or never
/// became final: they are not to be sent to brokers that were not told so (see versions_of in api.hpp).
struct Api {
  int16 key = -1;
  Versions versions = "0";
  Versions flexible = "none";
  Versions unstable = "none";
};

namespace detail {
template <class T>
inline constexpr bool is_nullable = false;
template <class T>
inline constexpr bool is_nullable<nullable<T>> = true;
/// What a value reads as, besides itself: the integer of a Quantity.
template <class T>
struct integer_of {
  using type = T;
};
template <class T>
  requires requires { typename T::integer; }
struct integer_of<T> {
  using type = T::integer;
};
template <class T>
concept is_quantity = !std::same_as<typename integer_of<T>::type, T>;
template <class E, class T>
concept enum_over = std::is_enum_v<E> && std::same_as<std::underlying_type_t<E>, T>;
}  // namespace detail

/// One field of a message: a value of type T that the versions in V carry. Reads as its value; `*f` and `f->` reach
/// into it, and a Field<list<T>> can be walked like the list. A fresh field holds its default.
template <class T, FieldSpec V = "0+">
class Field {
 public:
  using value_type = T;
  static constexpr FieldSpec spec = V;

  constexpr Field() : value_{} {}
  template <class U>
    requires(!std::same_as<std::remove_cvref_t<U>, Field> && !std::same_as<U, std::string> && std::convertible_to<U, T>)
  constexpr Field(U&& value) : value_(std::forward<U>(value)) {}
  template <detail::enum_over<T> E>
  constexpr Field(E value) : value_(static_cast<T>(value)) {}

  constexpr operator const T&() const { return value_; }
  constexpr operator typename detail::integer_of<T>::type() const
    requires detail::is_quantity<T>
  {
    return value_;
  }
  constexpr T& operator*() { return value_; }
  constexpr const T& operator*() const { return value_; }
  constexpr T* operator->() { return &value_; }
  constexpr const T* operator->() const { return &value_; }

  /// Not null. Only for nullable types.
  constexpr explicit operator bool() const
    requires detail::is_nullable<T>
  {
    return value_.has_value();
  }
  /// An int16 field read as ErrorCode, and the like.
  template <detail::enum_over<T> E>
  constexpr explicit operator E() const {
    return static_cast<E>(value_);
  }

  constexpr auto begin() const
    requires requires(const T& t) { t.begin(); }
  {
    return value_.begin();
  }
  constexpr auto end() const
    requires requires(const T& t) { t.end(); }
  {
    return value_.end();
  }
  constexpr std::size_t size() const
    requires requires(const T& t) { t.size(); }
  {
    return value_.size();
  }
  constexpr bool empty() const
    requires requires(const T& t) { t.empty(); }
  {
    return value_.empty();
  }
  constexpr decltype(auto) operator[](std::size_t i) const
    requires requires(const T& t) { t[i]; }
  {
    return value_[i];
  }

 private:
  T value_;
};

namespace detail {
template <class T>
inline constexpr bool is_field = false;
template <class T, FieldSpec V>
inline constexpr bool is_field<Field<T, V>> = true;
}  // namespace detail

template <class T, FieldSpec V, class U>
  requires(!detail::is_field<U> && requires(const T& a, const U& b) { a == b; })
constexpr bool operator==(const Field<T, V>& a, const U& b) {
  return *a == b;
}
template <class T, FieldSpec V, detail::enum_over<T> E>
constexpr bool operator==(const Field<T, V>& a, E b) {
  return *a == static_cast<T>(b);
}
template <class T, FieldSpec V, class U, FieldSpec W>
  requires requires(const T& a, const U& b) { a == b; }
constexpr bool operator==(const Field<T, V>& a, const Field<U, W>& b) {
  return *a == *b;
}

}  // namespace barnabas::protocol
