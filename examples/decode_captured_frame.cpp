// Says what is in a captured request. The argument is the frame in hex, its size in front, as it was on the wire.
// pkg-config: barnabas-protocol
#include <cstdio>

#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/registry.hpp"

using namespace barnabas::protocol;

int main(int argc, char** argv) {
  // Without an argument: kcat asks where a topic is.
  const char* hex = argc > 1 ? argv[1] : "0000001e0003000400000003000772646b61666b610000000100066f726465727301";
  std::string wire;
  unsigned byte = 0;
  for (int used = 0; std::sscanf(hex, "%2x%n", &byte, &used) == 1; hex += used) wire += static_cast<char>(byte);
  const bytes frame = bytes(wire).subspan(std::min(wire.size(), frame_size_bytes));
  const auto header = decode_request_header(frame);
  if (!header) return std::printf("no request: %s\n", header.error().text().c_str()), 1;
  const auto [key, version, correlation_id, client_id] = header->header;
  std::printf("%s version %d, correlation id %d\n", api_name(key).c_str(), version, correlation_id);
  const MessageInfo* info = find_message(key, MessageKind::request);
  if (!info) return 1;
  Arena arena;
  void* message = new_message(*info, arena);
  DecodeError error;
  const bool read = decode(*info, message, frame.subspan(header->body_at), version, arena, strict, error);
  return std::puts(read ? to_json(*info, message, version).c_str() : error.text().c_str()), read ? 0 : 1;
}
