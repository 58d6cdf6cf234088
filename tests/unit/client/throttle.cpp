// Which answers ask for silence, and for how long: against the tables of all messages.
#include "barnabas/client/cluster/throttle.hpp"

#include <doctest/doctest.h>

#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/list_offsets.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "barnabas/protocol/messages/registry.hpp"

using namespace barnabas;
using namespace barnabas::client;

namespace {

template <class Response>
std::int32_t asked_for(const Response& response, std::int16_t version) {
  const auto body = protocol::encode(response, version);
  REQUIRE(body);
  return throttle_ms(static_cast<std::int16_t>(Response::api.key), version, protocol::bytes(*body));
}

}  // namespace

TEST_CASE("throttle: only versions count in which the broker leaves the waiting to the client") {
  protocol::HeartbeatResponse heartbeat;
  heartbeat.throttle_time_ms = 1'234;
  CHECK(asked_for(heartbeat, 1) == 0);
  for (std::int16_t version = 2; version <= 4; ++version) CHECK(asked_for(heartbeat, version) == 1'234);
  protocol::ListOffsetsResponse offsets;
  offsets.throttle_time_ms = 7;
  CHECK(asked_for(offsets, 2) == 0);
  CHECK(asked_for(offsets, 3) == 7);
  heartbeat.throttle_time_ms = -5;
  CHECK(asked_for(heartbeat, 4) == 0);
}

TEST_CASE("throttle: Produce says it behind its list") {
  protocol::Arena arena;
  protocol::ProduceResponse response;
  response.responses = arena.make_list<protocol::ProduceResponse::Topic>(2);
  response.throttle_time_ms = 4'321;
  CHECK(asked_for(response, 5) == 0);
  for (std::int16_t version = 6; version <= 13; ++version) CHECK(asked_for(response, version) == 4'321);
}

TEST_CASE("throttle: bodies that are cut short ask for nothing") {
  const std::string three("\x00\x01\x02", 3);
  CHECK(throttle_ms(12, 4, protocol::bytes(three)) == 0);
  CHECK(throttle_ms(0, 9, protocol::bytes(three)) == 0);
  CHECK(throttle_ms(200, 0, protocol::bytes(three)) == 0);
}

TEST_CASE("throttle: every client's API that begins with throttle_time_ms is looked at, and no other") {
  for (const protocol::MessageInfo* info : protocol::all_messages()) {
    const protocol::MessageInfo& message = *info;
    if (message.kind != protocol::MessageKind::response || message.root->fields.empty()) continue;
    const auto key = static_cast<std::int16_t>(message.api.key);
    CAPTURE(std::string(message.name));
    const protocol::FieldInfo& first = message.root->fields[0];
    const std::int16_t since = throttled_since(key);
    if (first.name != "throttle_time_ms") {
      CHECK(since == -1);
    } else if (since >= 0) {
      CHECK(first.in(since));
    } else {
      const bool by_clients = protocol::sender(static_cast<protocol::ApiKey>(key)) == protocol::Sender::client;
      const bool fetch = key == static_cast<std::int16_t>(protocol::ApiKey::fetch);
      CHECK((!by_clients || fetch));
    }
  }
}
