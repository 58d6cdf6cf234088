#include "barnabas/client/cluster/greeting.hpp"

#include "barnabas/protocol/api.hpp"

namespace barnabas::client {

using Kind = Greeting::Kind;

Greeting Greeting::first(BrokerVersion pinned, BrokerVersion met) {
  Greeting greeting;
  if (pinned != BrokerVersion::automatic) {
    greeting.kind = Kind::old;
    greeting.age = pinned;
  } else if (met == BrokerVersion::v0_9_0) {
    greeting.kind = Kind::ask_again;
    greeting.version = 0;
    greeting.age = met;
  } else if (met == BrokerVersion::v0_8_2) {
    greeting.version = 0;
  }
  return greeting;
}

std::string_view name(BrokerVersion age) {
  switch (age) {
    case BrokerVersion::v0_8_2: return "0.8.2";
    case BrokerVersion::v0_9_0: return "0.9.0";
    case BrokerVersion::automatic: break;
  }
  return "auto";
}

std::optional<Greeting> next_greeting(Greeting tried, GreetingOutcome outcome) {
  const auto then = [](Kind kind, std::int16_t version, BrokerVersion age) {
    Greeting next;
    next.kind = kind;
    next.version = version;
    next.age = age;
    return next;
  };
  switch (outcome) {
    case GreetingOutcome::hung_up:
      if (tried.kind != Kind::ask) return std::nullopt;
      if (tried.version == 0) return then(Kind::probe, 0, BrokerVersion::v0_8_2);
      return then(Kind::ask, tried.version > 3 ? 3 : 0, BrokerVersion::automatic);
    case GreetingOutcome::silent:
      if (tried.kind == Kind::ask) return then(Kind::probe, 0, BrokerVersion::v0_9_0);
      if (tried.kind == Kind::ask_again) return then(Kind::old, 0, tried.age);
      if (tried.kind == Kind::probe) return then(Kind::insist, Greeting().version, BrokerVersion::automatic);
      return std::nullopt;
    case GreetingOutcome::answered:
      if (tried.kind != Kind::probe) return std::nullopt;
      // A hang-up was a clear word; silence may have been a pause.
      return then(tried.age == BrokerVersion::v0_9_0 ? Kind::ask_again : Kind::old, 0, tried.age);
  }
  return std::nullopt;
}

VersionTable versions_of(BrokerVersion age) {
  using protocol::ApiKey;
  VersionTable table;
  const bool groups = age == BrokerVersion::v0_9_0;
  const auto add = [&](ApiKey key, std::int16_t max) { table.add(static_cast<std::int16_t>(key), 0, max); };
  add(ApiKey::produce, groups ? 1 : 0);
  add(ApiKey::fetch, groups ? 1 : 0);
  add(ApiKey::list_offsets, 0);
  add(ApiKey::metadata, 0);
  add(ApiKey::offset_commit, groups ? 2 : 1);
  add(ApiKey::offset_fetch, 1);
  add(ApiKey::find_coordinator, 0);
  if (!groups) return table;
  add(ApiKey::join_group, 0);
  add(ApiKey::heartbeat, 0);
  add(ApiKey::leave_group, 0);
  add(ApiKey::sync_group, 0);
  add(ApiKey::describe_groups, 0);
  add(ApiKey::list_groups, 0);
  return table;
}

}  // namespace barnabas::client
