// The first words to a broker. Since 0.10 it is asked for its versions; older ones hang up at that question or never
// answer it, and so do some proxies, so what they are has to be found out by trying.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "barnabas/client/cluster/versions.hpp"
#include "barnabas/client/options.hpp"

namespace barnabas::client {

struct Greeting {
  enum class Kind : std::uint8_t {
    ask,        ///< ApiVersions in `version`
    probe,      ///< a ListOffsets 0 that names no topic: does anything that speaks Kafka live there?
    ask_again,  ///< ApiVersions 0: was the broker only slow?
    insist,     ///< ApiVersions with all the time there is: it answers nothing quickly, so it is slow, or gone
    old,        ///< nothing to say: its versions are known by its age
  };
  Kind kind = Kind::ask;
  std::int16_t version = 4;
  BrokerVersion age = BrokerVersion::automatic;

  /// How the first connection to a broker begins. `pinned` is the user's word, `met` the age of other brokers of the
  /// cluster: this one is likely, not certain, to be as old.
  static Greeting first(BrokerVersion pinned, BrokerVersion met);
  friend bool operator==(const Greeting&, const Greeting&) = default;
};

enum class GreetingOutcome : std::uint8_t { answered, hung_up, silent };

/// What to try on a new connection after `tried` came to this; empty when there is nothing more to try, or nothing to
/// do. Kafka 0.8.2 hangs up at ApiVersions, 0.9 leaves it unanswered and the connection open (checked with 0.8.2.2 and
/// 0.9.0.1); one that is only slow is given its time. 3 is the last version before flexible messages were everywhere,
/// and 0 is what everybody else answers.
std::optional<Greeting> next_greeting(Greeting tried, GreetingOutcome outcome);

/// "0.8.2", "0.9.0", "auto".
std::string_view name(BrokerVersion age);

/// The versions of a broker that does not tell them. 0.8.2 knows no groups.
VersionTable versions_of(BrokerVersion age);

}  // namespace barnabas::client
