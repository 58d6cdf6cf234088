// AddPartitionsToTxn (key 24): a transaction takes in partitions.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct AddPartitionsToTxnResponse;

/// Tells the transaction coordinator which partitions a transaction is about to write to. Clients stop at version 3;
/// later ones carry several transactions and go between brokers (KIP-890).
struct AddPartitionsToTxnRequest {
  using Response = AddPartitionsToTxnResponse;
  static constexpr Api api{.key = 24, .versions = "0-5", .flexible = "3+"};

  struct Topic {
    Field<string> name;
    Field<list<int32>> partitions;
  };
  struct Transaction {
    Field<string> transactional_id;
    Field<int64> producer_id;
    Field<int16> producer_epoch;
    /// Only ask whether the partitions are in the transaction.
    Field<bool> verify_only;
    Field<list<Topic>> topics;
  };

  Field<list<Transaction>, "4+"> transactions;
  Field<string, "0-3"> v3_and_below_transactional_id;
  Field<int64, "0-3"> v3_and_below_producer_id;
  Field<int16, "0-3"> v3_and_below_producer_epoch;
  Field<list<Topic>, "0-3"> v3_and_below_topics;
};

/// Whether the transaction has the partitions now; one result a partition.
struct AddPartitionsToTxnResponse {
  static constexpr Api api{.key = 24, .versions = "0-5", .flexible = "3+"};

  struct Partition {
    Field<int32> partition_index;
    Field<int16> partition_error_code;
  };
  struct Topic {
    Field<string> name;
    Field<list<Partition>> results_by_partition;
  };
  struct Result {
    Field<string> transactional_id;
    Field<list<Topic>> topic_results;
  };

  Field<Millis> throttle_time_ms;
  Field<int16, "4+ ignorable"> error_code;
  Field<list<Result>, "4+"> results_by_transaction;
  Field<list<Topic>, "0-3"> results_by_topic_v3_and_below;
};

}  // namespace barnabas::protocol
