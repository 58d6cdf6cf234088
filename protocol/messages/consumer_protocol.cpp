#include "barnabas/protocol/messages/consumer_protocol.hpp"

#include "barnabas/protocol/memory.hpp"

namespace barnabas::protocol {

namespace {
constexpr std::size_t version_bytes = 2;
}

std::expected<std::string, EncodeError> encode_versioned(const MessageInfo& info, const void* message, int16 version) {
  auto size = measure(info, message, version);
  if (!size) return std::unexpected(std::move(size.error()));
  std::string data;
  data.resize_and_overwrite(version_bytes + *size, [&](char* to, std::size_t) {
    detail::put(to, detail::big_endian(static_cast<uint16>(version)));
    write(info, message, version, to + version_bytes);
    return version_bytes + *size;
  });
  return data;
}

bool decode_versioned(const MessageInfo& info, void* message, bytes data, Arena& arena, int16& version,
                      DecodeError& error) {
  version = -1;
  if (data.empty()) return true;
  if (data.size() < version_bytes) {
    error = {"version", 0, "needs 2 bytes, 1 is left"};
    return false;
  }
  version = static_cast<int16>(detail::big_endian(detail::get<uint16>(data.data())));
  if (version < 0) {
    error = {"version", 0, "version " + std::to_string(version)};
    return false;
  }
  const int read_as = std::min<int>(version, info.api.versions.hi);
  if (decode(info, message, data.subspan(version_bytes), read_as, arena, lenient, error)) return true;
  error.offset += version_bytes;
  return false;
}

}  // namespace barnabas::protocol
