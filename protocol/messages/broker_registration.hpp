// BrokerRegistration (key 62): a broker reports to the controllers.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct BrokerRegistrationResponse;

/// The first thing that a KRaft broker says (KIP-631).
struct BrokerRegistrationRequest {
  using Response = BrokerRegistrationResponse;
  static constexpr Api api{.key = 62, .versions = "0-4", .flexible = "0+"};

  struct Listener {
    Field<string> name;
    Field<string> host;
    Field<uint16> port;
    /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    Field<int16> security_protocol;
  };
  struct Feature {
    Field<string> name;
    Field<int16> min_supported_version;
    Field<int16> max_supported_version;
  };

  Field<int32> broker_id;
  Field<string> cluster_id;
  /// New with each start of the process.
  Field<Uuid> incarnation_id;
  Field<list<Listener>> listeners;
  Field<list<Feature>> features;
  Field<nullable<string>> rack{string{}};
  Field<bool, "1+"> is_migrating_zk_broker;
  /// Only those that are online (KIP-858).
  Field<list<Uuid>, "2+ ignorable"> log_dirs;
  /// Before a clean shutdown; -1 = there was none (KIP-966).
  Field<int64, "3+ ignorable"> previous_broker_epoch{-1};
};

/// The broker's epoch: it is a new one with each registration.
struct BrokerRegistrationResponse {
  static constexpr Api api{.key = 62, .versions = "0-4", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  /// What the broker has to say in all later requests; -1 with an error.
  Field<int64> broker_epoch{-1};
};

}  // namespace barnabas::protocol
