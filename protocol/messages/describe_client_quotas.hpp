// DescribeClientQuotas (key 48): how much clients may use.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeClientQuotasResponse;

/// Filters quotas by entity (KIP-546).
struct DescribeClientQuotasRequest {
  using Response = DescribeClientQuotasResponse;
  static constexpr Api api{.key = 48, .versions = "0-1", .flexible = "1+"};

  struct Component {
    /// "user", "client-id" or "ip".
    Field<string> entity_type;
    /// 0 = this name, 1 = the default, 2 = any name.
    Field<int8> match_type;
    /// Only with match type 0, else null.
    Field<nullable<string>> match{string{}};
  };

  Field<list<Component>> components;
  /// Entities with parts that the filter does not name do not match.
  Field<bool> strict;
};

/// The quotas that match, by entity.
struct DescribeClientQuotasResponse {
  static constexpr Api api{.key = 48, .versions = "0-1", .flexible = "1+"};

  struct EntityPart {
    Field<string> entity_type;
    /// Null = the default.
    Field<nullable<string>> entity_name{string{}};
  };
  struct Value {
    /// "consumer_byte_rate", "producer_byte_rate", "request_percentage", "controller_mutation_rate" or
    /// "connection_creation_rate".
    Field<string> key;
    Field<float64> value;
  };
  struct Entry {
    Field<list<EntityPart>> entity;
    Field<list<Value>> values;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  /// Null with an error.
  Field<nullable<list<Entry>>> entries{list<Entry>{}};
};

}  // namespace barnabas::protocol
