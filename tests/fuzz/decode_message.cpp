// Any bytes as any message of any version: no crash, no memory beyond what the bytes can hold, and what was read can be
// written and read again.
//   byte 0   which message, or a header
//   byte 1   version
//   byte 2   strict or lenient
//   the rest the body
#include <cstdio>
#include <cstdlib>

#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/consumer_protocol.hpp"
#include "barnabas/protocol/messages/registry.hpp"

namespace {

using namespace barnabas::protocol;

void require(bool holds, const MessageInfo& info, int version, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s version %d: %s\n", std::string(info.name).c_str(), version, what);
  std::abort();
}

void check_message(const MessageInfo& info, int version, DecodeMode mode, bytes body) {
  Arena arena;
  void* const message = new_message(info, arena);
  DecodeError error;
  const bool read = decode(info, message, body, version, arena, mode, error);
  require(arena.bytes() <= 50 * body.size() + 8192, info, version, "took more memory than the body accounts for");
  require(read || !error.what.empty(), info, version, "refused without a reason");
  if (!read) return;
  const auto written = encode(info, message, version);
  require(written.has_value(), info, version, "what was read cannot be written");
  Arena second;
  void* const again = new_message(info, second);
  require(decode(info, again, *written, version, second, strict, error), info, version,
          "what was written cannot be read");
  require(equal(info, message, again), info, version, "changed on the way");
  require(to_json(info, message, version).front() == '{', info, version, "JSON");
}

void check_headers(int version, bytes frame) {
  (void)decode_request_header(frame);
  (void)decode_response_header(frame, version & 1);
  Arena arena;
  (void)decode_api_versions(frame, static_cast<int16>(version), arena);
  (void)decode_versioned<ConsumerProtocolSubscription>(frame, arena);
  (void)decode_versioned<ConsumerProtocolAssignment>(frame, arena);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const auto messages = all_messages();
  const bytes body(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t which = data[0] % (messages.size() + 1);
  if (which == messages.size()) {
    check_headers(data[1], body);
  } else {
    const MessageInfo& info = *messages[which];
    const int version = info.api.versions.lo + data[1] % (info.api.versions.hi - info.api.versions.lo + 1);
    check_message(info, version, (data[2] & 1) == 0 ? strict : lenient, body);
  }
  return 0;
}
