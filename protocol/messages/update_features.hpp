// UpdateFeatures (key 57): what the whole cluster agrees to speak.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct UpdateFeaturesResponse;

/// Finalizes feature levels such as metadata.version (KIP-584, KIP-778). Goes to the controller (a broker passes it
/// on).
struct UpdateFeaturesRequest {
  using Response = UpdateFeaturesResponse;
  static constexpr Api api{.key = 57, .versions = "0-2", .flexible = "0+"};

  struct Update {
    Field<string> feature;
    /// Below 1 removes the feature.
    Field<int16> max_version_level;
    Field<bool, "0"> allow_downgrade;
    /// 1 = only up, 2 = down if nothing gets lost, 3 = down in any case.
    Field<int8, "1+"> upgrade_type{1};
  };

  Field<Millis> timeout_ms{60000};
  Field<list<Update>> feature_updates;
  Field<bool, "1+"> validate_only;
};

/// All updates are taken, or none.
struct UpdateFeaturesResponse {
  static constexpr Api api{.key = 57, .versions = "0-2", .flexible = "0+"};

  struct Result {
    Field<string> feature;
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  /// Since version 2 there is one error for all.
  Field<list<Result>, "0-1 ignorable"> results;
};

}  // namespace barnabas::protocol
