// Any text as the JSON of any message of any version: no crash, a reason for each refusal, and what was read prints as
// JSON that reads as the same.
//   byte 0   API key
//   byte 1   bit 0: response, bit 2: data message (byte 0 is its number then)
//   byte 2   version, counted from the first one
//   the rest the text
#include <cstdio>
#include <cstdlib>

#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/json.hpp"
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

void check(const MessageInfo& info, int version, std::string_view text) {
  Arena arena;
  void* const message = new_message(info, arena);
  UnknownTags unknown;
  const auto read = from_json(info, message, text, version, arena, &unknown);
  if (!read) {
    require(!read.error().what.empty() && read.error().offset <= text.size(), info, version,
            "refused without a reason");
    return;
  }
  const std::string printed = to_json(info, message, version, &unknown, Secrets::reveal);
  void* const again = new_message(info, arena);
  UnknownTags again_unknown;
  const auto reread = from_json(info, again, printed, version, arena, &again_unknown);
  require(reread.has_value(), info, version, "what was printed cannot be read: " + printed);
  require(equal(info, message, again), info, version, "changed on the way: " + printed);
  require(to_json(info, again, version, &again_unknown, Secrets::reveal) == printed, info, version,
          "prints another way");
  (void)encode(info, message, version, &unknown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const MessageInfo* const info = fuzzed_message(data[0], data[1]);
  if (info == nullptr) return -1;
  check(*info, fuzzed_version(*info, data[2]), {reinterpret_cast<const char*>(data) + 3, size - 3});
  return 0;
}
