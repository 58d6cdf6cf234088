// AlterClientQuotas (key 49): other quotas.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AlterClientQuotasResponse;

/// Sets or removes quotas of entities (KIP-546). Goes to the controller (a broker with KRaft passes it on).
struct AlterClientQuotasRequest {
  using Response = AlterClientQuotasResponse;
  static constexpr Api api{.key = 49, .versions = "0-1", .flexible = "1+"};

  struct EntityPart {
    Field<string> entity_type;
    /// Null = the default.
    Field<nullable<string>> entity_name{string{}};
  };
  struct Op {
    /// As in DescribeClientQuotas.
    Field<string> key;
    /// Ignored when the quota is removed.
    Field<float64> value;
    Field<bool> remove;
  };
  struct Entry {
    Field<list<EntityPart>> entity;
    Field<list<Op>> ops;
  };

  Field<list<Entry>> entries;
  Field<bool> validate_only;
};

/// One result an entity.
struct AlterClientQuotasResponse {
  static constexpr Api api{.key = 49, .versions = "0-1", .flexible = "1+"};

  struct EntityPart {
    Field<string> entity_type;
    Field<nullable<string>> entity_name{string{}};
  };
  struct Entry {
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
    Field<list<EntityPart>> entity;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Entry>> entries;
};

}  // namespace barnabas::protocol
