// Turns the declaration of a message into its table. Only the units that compile tables include this.
#pragma once

#include <algorithm>
#include <limits>
#include <tuple>

#include "barnabas/protocol/table.hpp"

namespace barnabas::protocol::detail {

/// Stands for any Field in a braced initialiser; conversions are named, never run.
struct AnyField {
  template <class T, FieldSpec V>
  operator Field<T, V>() const;
};
/// Stands for a member of any type.
struct AnyMember {
  template <class T>
  operator T() const;
};

/// Members of T up to the first that is not a Field.
template <class T, class... A>
consteval int count_fields() {
  if constexpr (requires { T{A{}..., AnyField{}}; }) {
    return count_fields<T, A..., AnyField>();
  } else {
    return sizeof...(A);
  }
}

template <class T>
consteval bool has_only_fields() {
  return []<std::size_t... i>(std::index_sequence<i...>) {
    return !requires { T{(static_cast<void>(i), AnyField{})..., AnyMember{}}; };
  }(std::make_index_sequence<count_fields<T>()>());
}

/// Calls `use` with the members of `m`, which structured bindings name without a macro.
template <class T>
constexpr auto visit_members(T& m, auto use) {
  constexpr int n = count_fields<std::remove_const_t<T>>();
  static_assert(has_only_fields<std::remove_const_t<T>>(),
                "every member of a message or its structures must be a Field<...>");
  if constexpr (n == 1) {
    auto& [f1] = m;
    return use(f1);
  } else if constexpr (n == 2) {
    auto& [f1, f2] = m;
    return use(f1, f2);
  } else if constexpr (n == 3) {
    auto& [f1, f2, f3] = m;
    return use(f1, f2, f3);
  } else if constexpr (n == 4) {
    auto& [f1, f2, f3, f4] = m;
    return use(f1, f2, f3, f4);
  } else if constexpr (n == 5) {
    auto& [f1, f2, f3, f4, f5] = m;
    return use(f1, f2, f3, f4, f5);
  } else if constexpr (n == 6) {
    auto& [f1, f2, f3, f4, f5, f6] = m;
    return use(f1, f2, f3, f4, f5, f6);
  } else if constexpr (n == 7) {
    auto& [f1, f2, f3, f4, f5, f6, f7] = m;
    return use(f1, f2, f3, f4, f5, f6, f7);
  } else if constexpr (n == 8) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8);
  } else if constexpr (n == 9) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9);
  } else if constexpr (n == 10) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10);
  } else if constexpr (n == 11) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11);
  } else if constexpr (n == 12) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12);
  } else if constexpr (n == 13) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13);
  } else if constexpr (n == 14) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14);
  } else if constexpr (n == 15) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15);
  } else if constexpr (n == 16) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16);
  } else if constexpr (n == 17) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17);
  } else if constexpr (n == 18) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18);
  } else if constexpr (n == 19) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19);
  } else if constexpr (n == 20) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20);
  } else if constexpr (n == 21) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21);
  } else if constexpr (n == 22) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22);
  } else if constexpr (n == 23) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23] =
        m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22,
               f23);
  } else if constexpr (n == 24) {
    auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
           f24] = m;
    return use(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
               f24);
  } else {
    static_assert(n < 0, "a structure has 1 to 24 fields");
  }
}

/// An object that exists only to name the addresses of its members.
template <class T>
struct Ghost {
  T value;
};
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif
template <class T>
extern const Ghost<T> ghost;

template <class T>
constexpr auto member_pointers = visit_members(ghost<T>.value, [](auto&... field) { return std::tuple{&field...}; });
#ifdef __clang__
#pragma clang diagnostic pop
#endif

/// The last identifier before the end of what a compiler prints for a template argument: both g++ and clang++ end in
/// the name.
constexpr string last_identifier(string text, string end_mark) {
  text = text.substr(0, text.find(end_mark));
  const auto in_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  std::size_t end = text.size();
  while (end > 0 && !in_name(text[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && in_name(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

template <auto pointer>
consteval string long_name_of_member() {
#ifdef __clang__
  return last_identifier(__PRETTY_FUNCTION__, "]");
#else
  return last_identifier(__PRETTY_FUNCTION__, ");");
#endif
}
template <class T>
consteval string long_name_of_type() {
#ifdef __clang__
  return last_identifier(__PRETTY_FUNCTION__, "]");
#else
  return last_identifier(__PRETTY_FUNCTION__, ";");
#endif
}

template <std::size_t size>
struct FixedText {
  char text[size];
  consteval FixedText(string from) { std::ranges::copy(from, text); }
};
/// One for all fields of a name, and without the rest of what the compiler printed, which is ten times as long.
template <FixedText name>
inline constexpr FixedText kept_name = name;

template <auto pointer>
consteval string name_of_member() {
  constexpr string found = long_name_of_member<pointer>();
  constexpr auto& kept = kept_name<FixedText<found.size()>(found)>;
  return {kept.text, found.size()};
}
template <class T>
consteval string name_of_type() {
  constexpr string found = long_name_of_type<T>();
  constexpr auto& kept = kept_name<FixedText<found.size()>(found)>;
  return {kept.text, found.size()};
}

template <class T>
struct Reflect;
template <class T>
inline constexpr TypeInfo type_info = Reflect<T>::type();
template <class T>
inline constexpr T defaults_of{};

template <class T>
constexpr TypeInfo plain_type(Kind kind) {
  return {.kind = kind, .value_size = sizeof(T), .size = sizeof(T)};
}
template <>
struct Reflect<bool> {
  static constexpr TypeInfo type() { return plain_type<bool>(Kind::boolean); }
};
template <>
struct Reflect<int8> {
  static constexpr TypeInfo type() { return plain_type<int8>(Kind::int8); }
};
template <>
struct Reflect<int16> {
  static constexpr TypeInfo type() { return plain_type<int16>(Kind::int16); }
};
template <>
struct Reflect<uint16> {
  static constexpr TypeInfo type() { return plain_type<uint16>(Kind::uint16); }
};
template <>
struct Reflect<int32> {
  static constexpr TypeInfo type() { return plain_type<int32>(Kind::int32); }
};
template <>
struct Reflect<int64> {
  static constexpr TypeInfo type() { return plain_type<int64>(Kind::int64); }
};
template <>
struct Reflect<float64> {
  static constexpr TypeInfo type() { return plain_type<float64>(Kind::float64); }
};
template <>
struct Reflect<Uuid> {
  static constexpr TypeInfo type() { return plain_type<Uuid>(Kind::uuid); }
};
template <>
struct Reflect<string> {
  static constexpr TypeInfo type() { return plain_type<string>(Kind::string); }
};
template <>
struct Reflect<bytes> {
  static constexpr TypeInfo type() { return plain_type<bytes>(Kind::bytes); }
};
template <>
struct Reflect<Records> {
  static constexpr TypeInfo type() {
    static_assert(sizeof(Records) == sizeof(bytes));
    TypeInfo info = Reflect<bytes>::type();
    info.records = true;
    return info;
  }
};
template <class Meaning, class Integer>
struct Reflect<Quantity<Meaning, Integer>> {
  static constexpr TypeInfo type() {
    static_assert(sizeof(Quantity<Meaning, Integer>) == sizeof(Integer));
    return Reflect<Integer>::type();
  }
};
template <class T>
struct Reflect<list<T>> {
  static constexpr TypeInfo type() {
    TypeInfo info = plain_type<list<T>>(Kind::list);
    info.element = &type_info<T>;
    return info;
  }
};
template <class T>
struct Reflect<nullable<T>> {
  static constexpr TypeInfo type() {
    TypeInfo info = Reflect<T>::type();
    if (is_scalar(info.kind) || info.nullable) throw "only strings, bytes, lists and structures can be null";
    info.nullable = true;
    info.size = sizeof(nullable<T>);
    return info;
  }
};
template <class T>
struct Reflect<Secret<T>> {
  static constexpr TypeInfo type() {
    static_assert(sizeof(Secret<T>) == sizeof(T));
    TypeInfo info = Reflect<T>::type();
    info.secret = true;
    return info;
  }
};

template <class F>
constexpr FieldInfo field_info(string name, std::size_t at) {
  using T = typename F::value_type;
  static_assert(sizeof(F) == sizeof(T));
  static_assert(!F::spec.inflexible || std::same_as<T, nullable<string>>, "only strings can be inflexible");
  static_assert(!F::spec.null_given || is_nullable<T>, "a null range on a field whose type is not nullable");
  return {name, static_cast<uint16>(at), F::spec, type_info<T>};
}

/// Offsets of consecutive members; offsetof cannot be asked about names that reflection found.
template <class T, class... F>
constexpr std::array<std::size_t, sizeof...(F)> offsets_of() {
  const std::array<std::size_t, sizeof...(F)> sizes{sizeof(F)...};
  const std::array<std::size_t, sizeof...(F)> aligns{alignof(F)...};
  std::array<std::size_t, sizeof...(F)> offsets{};
  std::size_t end = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    offsets[i] = (end + aligns[i] - 1) / aligns[i] * aligns[i];
    end = offsets[i] + sizes[i];
  }
  if (end > sizeof(T) || sizeof(T) - end >= alignof(T)) throw "the members do not fill the structure";
  if (sizeof(T) > std::numeric_limits<uint16>::max()) throw "the structure is too big";
  return offsets;
}

constexpr void check_tags(std::span<const FieldInfo> fields) {
  int tag = -1;
  for (const FieldInfo& field : fields) {
    if (!field.tagged()) continue;
    if (field.spec.tag <= tag) throw "declare tagged fields in ascending order of their tags";
    tag = field.spec.tag;
  }
}

template <class T, class... F, std::size_t... i>
constexpr auto field_table(const std::tuple<F*...>&, std::index_sequence<i...>) {
  constexpr auto offsets = offsets_of<T, F...>();
  const std::array<FieldInfo, sizeof...(F)> fields{
      field_info<std::remove_const_t<F>>(name_of_member<std::get<i>(member_pointers<T>)>(), offsets[i])...};
  check_tags(fields);
  return fields;
}

template <class T>
inline constexpr auto fields_of =
    field_table<T>(member_pointers<T>, std::make_index_sequence<std::tuple_size_v<decltype(member_pointers<T>)>>());

template <class T>
struct StructTable {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>, "messages are views");
  static constexpr StructInfo value{.name = name_of_type<T>(),
                                    .fields = fields_of<T>,
                                    .defaults = &defaults_of<T>,
                                    .size = sizeof(T),
                                    .has_tags = std::ranges::any_of(fields_of<T>, &FieldInfo::tagged)};
};

template <class T>
struct Reflect {
  static_assert(std::is_aggregate_v<T>,
                "not a type of the wire: a scalar, string, bytes, Uuid, list, nullable or a structure of Fields");
  static constexpr TypeInfo type() {
    TypeInfo info = plain_type<T>(Kind::structure);
    info.of = &StructTable<T>::value;
    return info;
  }
};

constexpr MessageKind kind_of(string name) {
  if (name.ends_with("Request")) return MessageKind::request;
  return name.ends_with("Response") ? MessageKind::response : MessageKind::data;
}

/// Only flexible versions have a place for tagged fields.
constexpr void check_tagged_are_flexible(const StructInfo& info, Versions flexible, int version_min, int depth = 0) {
  if (depth > 4) return;  // structures that contain themselves
  for (const FieldInfo& field : info.fields) {
    const int lo = std::max<int>(field.spec.in.lo, version_min);
    if (field.tagged() && !flexible.has(lo)) throw "a tagged field in a version that is not flexible";
    const TypeInfo& inner = field.type.kind == Kind::list ? *field.type.element : field.type;
    if (inner.kind == Kind::structure) check_tagged_are_flexible(*inner.of, flexible, lo, depth + 1);
  }
}

template <class M>
constexpr MessageInfo describe_message() {
  static_assert(M::api.versions.hi < Versions::open, "a message names its last version");
  const StructInfo& root = StructTable<M>::value;
  check_tagged_are_flexible(root, M::api.flexible, M::api.versions.lo);
  return {.name = root.name, .api = M::api, .kind = kind_of(root.name), .root = &root};
}

template <class M>
inline constexpr MessageInfo message_table = describe_message<M>();

}  // namespace barnabas::protocol::detail

namespace barnabas::protocol {

template <class M>
const MessageInfo& message_info() {
  return detail::message_table<M>;
}

}  // namespace barnabas::protocol
