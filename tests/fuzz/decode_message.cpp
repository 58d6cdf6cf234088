// Any bytes as any message of any version: no crash, no memory beyond what a body of that size may take, and what was
// read can be written and read again, with its unknown tags and through JSON.
//   byte 0   API key; 255 for the headers
//   byte 1   bit 0: response, bit 1: lenient, bit 2: data message (byte 0 is its number then)
//   byte 2   version, counted from the first one
//   the rest the body
#include <cstdio>
#include <cstdlib>

#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/consumer_protocol.hpp"
#include "barnabas/protocol/messages/registry.hpp"
#include "which.hpp"

namespace {

using namespace barnabas::protocol;
using namespace barnabas::fuzz;

void require(bool holds, const MessageInfo& info, int version, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "%s version %d: %s\n", std::string(info.name).c_str(), version, what.c_str());
  std::abort();
}

void check_written(const MessageInfo& info, const void* message, int version, const std::string& body) {
  Arena arena;
  void* const again = new_message(info, arena);
  UnknownTags again_unknown;
  DecodeError error;
  // The body may be shorter than the one that was read, and so allow less memory; that alone is no fault.
  if (!decode(info, again, body, version, arena, strict, error, &again_unknown)) {
    require(error.what.find("than a message of this size may") != std::string::npos, info, version,
            "what was written cannot be read: " + error.text());
    return;
  }
  require(equal(info, message, again), info, version, "changed on the way");
  require(encode(info, again, version, &again_unknown) == body, info, version, "unknown tags changed on the way");
}

void check_json(const MessageInfo& info, const void* message, int version, const UnknownTags& unknown,
                const std::string& body) {
  const std::string json = to_json(info, message, version, &unknown, Secrets::reveal);
  Arena arena;
  void* const again = new_message(info, arena);
  UnknownTags again_unknown;
  const auto read = from_json(info, again, json, version, arena, &again_unknown);
  require(read.has_value(), info, version, "JSON is not read back: " + json);
  require(encode(info, again, version, &again_unknown) == body, info, version, "JSON changes the message: " + json);
}

void check_message(const MessageInfo& info, int version, DecodeMode mode, bytes body) {
  Arena root, arena;
  void* const message = new_message(info, root);
  UnknownTags unknown;
  DecodeError error;
  const bool read = decode(info, message, body, version, arena, mode, error, &unknown);
  require(arena.bytes() <= decode_bytes_max(body.size()), info, version, "took more memory than it may");
  require(read || !error.what.empty(), info, version, "refused without a reason");
  require(read || error.offset <= body.size(), info, version, "refused outside the body");
  if (!read) return;
  const auto written = encode(info, message, version, &unknown);
  require(written.has_value(), info, version, "what was read cannot be written");
  require(measure(info, message, version, &unknown) == written->size(), info, version, "the size is another");
  check_written(info, message, version, *written);
  check_json(info, message, version, unknown, *written);
  require(encode(info, message, version).has_value(), info, version, "without unknown tags it cannot be written");
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
  const bytes body(reinterpret_cast<const char*>(data) + 3, size - 3);
  if (data[0] == 255) return check_headers(data[2], body), 0;
  const MessageInfo* const info = fuzzed_message(data[0], data[1]);
  if (info == nullptr) return -1;
  check_message(*info, fuzzed_version(*info, data[2]), (data[1] & 2) == 0 ? strict : lenient, body);
  return 0;
}
