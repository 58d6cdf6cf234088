// What the tests of the protocol share.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace barnabas::protocol::test {

/// "02 67 | 00" to bytes: hex digits in pairs; other characters than these stand for the eye only, and 'text' for its
/// characters.
inline std::string octets(std::string_view dump) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i < dump.size(); ++i) {
    if (dump[i] == '\'') {
      for (++i; i < dump.size() && dump[i] != '\''; ++i) out += dump[i];
    } else if (i + 1 < dump.size() && digit(dump[i]) >= 0 && digit(dump[i + 1]) >= 0) {
      out += static_cast<char>(digit(dump[i]) * 16 + digit(dump[i + 1]));
      ++i;
    }
  }
  return out;
}

/// For comparing and for reading a failure.
inline std::string dump(std::string_view data) {
  std::string out;
  for (char c : data) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    out += ' ';
  }
  return out;
}

/// A copy with nothing around it, so that a read beyond its end does not go unnoticed under the sanitizers.
class Exact {
 public:
  explicit Exact(std::string_view data) : data_(std::make_unique<char[]>(data.size())), size_(data.size()) {
    data.copy(data_.get(), size_);
  }
  bytes view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_;
};

/// `message` is written as these bytes, and these bytes are read as the message.
template <class M>
void check_bytes(const M& message, int16 version, std::string_view expected) {
  const std::string golden = octets(expected);
  const auto written = encode(message, version);
  CAPTURE(version);
  REQUIRE_MESSAGE(written.has_value(), written.error().text());
  CHECK(dump(*written) == dump(golden));
  CHECK(encoded_size(message, version) == golden.size());
  Arena arena;
  const Exact body(golden);
  const auto read = decode<M>(body.view(), version, arena);
  REQUIRE_MESSAGE(read.has_value(), read.error().text());
  CHECK(equal(*read, message));
}

/// Reads `dump` as M, for what a writer of ours would not write.
template <class M>
std::expected<M, DecodeError> read(std::string_view dump, int16 version, Arena& arena, DecodeMode mode = strict) {
  // Views into the body have to live as long as the arena.
  const string body = arena.copy(string(octets(dump)));
  return decode<M>({body.data(), body.size()}, version, arena, mode);
}

/// Calls `check(info, version)` for all versions of all messages.
void for_each_version(auto check) {
  for (const MessageInfo* info : all_messages()) {
    for (int version = info->api.versions.lo; version <= info->api.versions.hi; ++version) check(*info, version);
  }
}

}  // namespace barnabas::protocol::test
