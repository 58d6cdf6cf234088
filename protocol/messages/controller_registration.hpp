// ControllerRegistration (key 70): a controller reports to the leading one.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ControllerRegistrationResponse;

/// So that all know the addresses and features of all controllers (KIP-919).
struct ControllerRegistrationRequest {
  using Response = ControllerRegistrationResponse;
  static constexpr Api api{.key = 70, .versions = "0", .flexible = "0+"};

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

  Field<int32> controller_id;
  Field<Uuid> incarnation_id;
  Field<bool> zk_migration_ready;
  Field<list<Listener>> listeners;
  Field<list<Feature>> features;
};

/// Whether the leading controller has it.
struct ControllerRegistrationResponse {
  static constexpr Api api{.key = 70, .versions = "0", .flexible = "0+"};

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
};

}  // namespace barnabas::protocol
