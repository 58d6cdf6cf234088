// Says what is in a captured request. The argument is the frame in hex, its size in front, as it was on the wire.
// pkg-config: barnabas-protocol
#include <cstdio>

#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/messages/registry.hpp"

int main(int argc, char** argv) {
  using namespace barnabas::protocol;
  // kcat 1.7.1 asks for a topic.
  const string hex = argc > 1 ? argv[1] : "0000001e0003000400000003000772646b61666b610000000100066f726465727301";
  std::string wire;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    wire += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  const bytes frame = bytes(wire).subspan(std::min(wire.size(), frame_size_bytes));

  const auto decoded = decode_request_header(frame);
  if (!decoded) return std::printf("no request header: %s\n", decoded.error().text().c_str()), 1;
  const RequestHeader& header = decoded->header;
  const std::string api = api_name(header.api_key);
  std::printf("%s version %d, correlation id %d\n", api.c_str(), header.api_version, header.correlation_id);

  const MessageInfo* info = find_message(header.api_key, MessageKind::request);
  if (!info) return std::printf("%s is not known to this version\n", api.c_str()), 1;
  Arena arena;
  void* message = new_message(*info, arena);
  DecodeError error;
  const bool read = decode(*info, message, frame.subspan(decoded->body_at), header.api_version, arena, strict, error);
  std::puts(read ? to_json(*info, message, header.api_version).c_str() : error.text().c_str());
  return read ? 0 : 1;
}
