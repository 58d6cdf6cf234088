// ListTransactions (key 66): the transactions of one broker.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct ListTransactionsResponse;

/// Each broker lists those that it coordinates: ask them all (KIP-664).
struct ListTransactionsRequest {
  using Response = ListTransactionsResponse;
  static constexpr Api api{.key = 66, .versions = "0-2", .flexible = "0+"};

  /// Empty = all.
  Field<list<string>> state_filters;
  /// Empty = all.
  Field<list<int64>> producer_id_filters;
  /// Only those that have run for longer, in ms (KIP-994); -1 = all.
  Field<int64, "1+"> duration_filter{-1};
  /// A regular expression of RE2 (KIP-1152); null = all.
  Field<nullable<string>, "2+"> transactional_id_pattern;
};

/// The transactions of this broker.
struct ListTransactionsResponse {
  static constexpr Api api{.key = 66, .versions = "0-2", .flexible = "0+"};

  struct State {
    Field<string> transactional_id;
    Field<int64> producer_id;
    Field<string> transaction_state;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  /// Which of the filters the broker did not understand.
  Field<list<string>> unknown_state_filters;
  Field<list<State>> transaction_states;
};

}  // namespace barnabas::protocol
