// The types that fields of messages are made of. All of them are trivially copyable; strings, bytes and lists are views
// into a receive buffer, an Arena or memory of the caller, which must outlive the message.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace barnabas::protocol {

using int8 = std::int8_t;
using int16 = std::int16_t;
using int32 = std::int32_t;
using int64 = std::int64_t;
using uint8 = std::uint8_t;
using uint16 = std::uint16_t;
using uint32 = std::uint32_t;
using uint64 = std::uint64_t;
using float64 = double;
using string = std::string_view;
using bytes = std::span<const char>;

/// An integer that means one thing. It takes any integer and reads as one, so it can be computed with; but it does not
/// become an integer of another meaning by accident.
template <class Meaning, std::signed_integral Integer>
class Quantity {
 public:
  using integer = Integer;

  constexpr Quantity() = default;
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  constexpr Quantity(I value) : value_(static_cast<Integer>(value)) {}
  constexpr operator Integer() const { return value_; }

  constexpr Quantity& operator+=(Integer by) { return value_ += by, *this; }
  constexpr Quantity& operator-=(Integer by) { return value_ -= by, *this; }
  constexpr Quantity& operator++() { return ++value_, *this; }

 private:
  Integer value_ = 0;
};

/// A place in a partition's log.
using Offset = Quantity<struct OffsetMeaning, int64>;
/// Counts the leaders of a partition (KIP-101, KIP-320).
using LeaderEpoch = Quantity<struct LeaderEpochMeaning, int32>;
/// A duration in milliseconds.
using Millis = Quantity<struct MillisMeaning, int32>;
/// Milliseconds since 1970, UTC.
using TimestampMs = Quantity<struct TimestampMsMeaning, int64>;

/// Raw record batches, which barnabas::records reads.
struct Records : bytes {
  using bytes::bytes;
  constexpr Records(bytes data) : bytes(data) {}
};

/// A topic id, directory id or member id: 16 bytes, all zero = none.
struct Uuid {
  std::array<unsigned char, 16> octets{};

  constexpr bool is_zero() const { return octets == std::array<unsigned char, 16>{}; }
  /// Kafka's text form: URL-safe base64 without padding, 22 characters.
  std::string to_string() const;
  /// The reverse of to_string(); empty when `text` is not such a text (wrong length, foreign characters, bits left
  /// over).
  static std::optional<Uuid> parse(string text);

  friend constexpr bool operator==(const Uuid&, const Uuid&) = default;
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// A value that the wire can say "null" about. Null and empty mean different things in Kafka.
template <class T>
class nullable {
 public:
  using value_type = T;

  constexpr nullable() : value_{}, has_(false) {}
  constexpr nullable(std::nullopt_t) : nullable() {}
  template <class U>
    requires(!std::same_as<std::remove_cvref_t<U>, nullable> && !std::same_as<U, std::string> &&
             std::convertible_to<U, T>)
  constexpr nullable(U&& value) : value_(std::forward<U>(value)), has_(true) {}

  constexpr bool has_value() const { return has_; }
  constexpr explicit operator bool() const { return has_; }
  constexpr T& operator*() { return value_; }
  constexpr const T& operator*() const { return value_; }
  constexpr T* operator->() { return &value_; }
  constexpr const T* operator->() const { return &value_; }
  constexpr T value_or(T other) const { return has_ ? value_ : other; }

  friend constexpr bool operator==(const nullable& a, std::nullopt_t) { return !a.has_; }
  friend constexpr bool operator==(const nullable& a, const nullable& b)
    requires std::equality_comparable<T>
  {
    return a.has_ == b.has_ && (!a.has_ || a.value_ == b.value_);
  }

 private:
  T value_;
  bool has_;
};

/// A view of `count` elements; copying it does not copy them. Const-ness is that of a pointer: elements stay writable.
template <class T>
struct list {
  using value_type = T;
  T* data = nullptr;
  uint32 count = 0;

  constexpr list() = default;
  constexpr list(T* first, std::size_t size) : data(first), count(static_cast<uint32>(size)) {}
  /// Views a container that the caller keeps alive: std::vector<T>&, std::array<T, N>&, std::span<T>&.
  template <class R>
    requires requires(R& range) {
      { range.data() } -> std::same_as<T*>;
      { range.size() } -> std::convertible_to<std::size_t>;
    }
  constexpr list(R& range) : list(range.data(), range.size()) {}

  constexpr T* begin() const { return data; }
  constexpr T* end() const { return data + count; }
  constexpr std::size_t size() const { return count; }
  constexpr bool empty() const { return count == 0; }
  constexpr T& operator[](std::size_t i) const { return data[i]; }
  constexpr T& front() const { return data[0]; }
  constexpr T& back() const { return data[count - 1]; }
};

/// A value that never prints: neither in JSON nor in errors, and no stream or formatter takes it.
template <class T>
class Secret {
 public:
  using value_type = T;
  constexpr Secret() : value_{} {}
  constexpr explicit Secret(T value) : value_(value) {}
  /// For the one place that sends it.
  constexpr const T& reveal() const { return value_; }

 private:
  T value_;
};

}  // namespace barnabas::protocol
