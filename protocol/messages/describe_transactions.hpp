// DescribeTransactions (key 65): how transactions stand.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeTransactionsResponse;

/// Asks the coordinator of the transactional ids (KIP-664).
struct DescribeTransactionsRequest {
  using Response = DescribeTransactionsResponse;
  static constexpr Api api{.key = 65, .versions = "0", .flexible = "0+"};

  Field<list<string>> transactional_ids;
};

/// One answer a transactional id.
struct DescribeTransactionsResponse {
  static constexpr Api api{.key = 65, .versions = "0", .flexible = "0+"};

  struct Topic {
    Field<string> topic;
    Field<list<int32>> partitions;
  };
  struct State {
    Field<int16> error_code;
    Field<string> transactional_id;
    /// Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead or PrepareEpochFence.
    Field<string> transaction_state;
    Field<Millis> transaction_timeout_ms;
    /// -1 = no transaction is open.
    Field<TimestampMs> transaction_start_time_ms;
    Field<int64> producer_id;
    Field<int16> producer_epoch;
    /// Partitions that the open transaction has taken in.
    Field<list<Topic>> topics;
  };

  Field<Millis> throttle_time_ms;
  Field<list<State>> transaction_states;
};

}  // namespace barnabas::protocol
