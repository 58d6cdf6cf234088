// The order in which a broker's age is found out.
#include "barnabas/client/cluster/greeting.hpp"

#include <doctest/doctest.h>

using namespace barnabas::client;
using Kind = Greeting::Kind;

TEST_CASE("greeting: each step leads on to an end, whatever the other side does") {
  for (const auto met : {BrokerVersion::automatic, BrokerVersion::v0_8_2, BrokerVersion::v0_9_0}) {
    for (int script = 0; script < 2187; ++script) {  // seven outcomes of three kinds
      std::optional<Greeting> greeting = Greeting::first(BrokerVersion::automatic, met);
      int steps = 0;
      for (int left = script; greeting && steps < 7; left /= 3, ++steps) {
        greeting = next_greeting(*greeting, static_cast<GreetingOutcome>(left % 3));
      }
      CAPTURE(script);
      CHECK_FALSE(greeting);
    }
  }
}

TEST_CASE("greeting: a pinned age is not asked for, and one met elsewhere is asked again") {
  CHECK(Greeting::first(BrokerVersion::v0_9_0, BrokerVersion::automatic).kind == Kind::old);
  CHECK(Greeting::first(BrokerVersion::v0_8_2, BrokerVersion::v0_9_0).age == BrokerVersion::v0_8_2);
  CHECK(Greeting::first(BrokerVersion::automatic, BrokerVersion::automatic) == Greeting());
  CHECK(Greeting::first(BrokerVersion::automatic, BrokerVersion::v0_9_0).kind == Kind::ask_again);
  CHECK(Greeting::first(BrokerVersion::automatic, BrokerVersion::v0_8_2).version == 0);
}

TEST_CASE("greeting: silence alone does not make a broker old") {
  const auto probe = next_greeting(Greeting(), GreetingOutcome::silent);
  REQUIRE(probe);
  CHECK(probe->kind == Kind::probe);
  const auto insist = next_greeting(*probe, GreetingOutcome::silent);
  REQUIRE(insist);
  CHECK(insist->kind == Kind::insist);
  CHECK(insist->version == Greeting().version);
  CHECK_FALSE(next_greeting(*insist, GreetingOutcome::silent));
  CHECK_FALSE(next_greeting(*insist, GreetingOutcome::answered));
  const auto again = next_greeting(*probe, GreetingOutcome::answered);
  REQUIRE(again);
  CHECK(again->kind == Kind::ask_again);
  CHECK_FALSE(next_greeting(*again, GreetingOutcome::answered));
  CHECK(next_greeting(*again, GreetingOutcome::silent)->kind == Kind::old);
}
