// What stands in control records, and so in the log beside the records of users. Their key is an int16 version and a
// ControlRecordTypeSchema, their value an int16 version and one of the others; those that begin with a field `version`
// have it there, and nothing in front.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

/// Says what the value of a control record is.
struct ControlRecordTypeSchema {
  static constexpr Api api{.versions = "0"};

  /// Values of type.
  static constexpr int16 abort = 0;
  static constexpr int16 commit = 1;
  static constexpr int16 leader_change = 2;
  static constexpr int16 snapshot_header = 3;
  static constexpr int16 snapshot_footer = 4;
  static constexpr int16 kraft_version = 5;
  static constexpr int16 kraft_voters = 6;

  Field<int16> type;
};

/// Ends a transaction in a partition, as abort or commit.
struct EndTxnMarker {
  static constexpr Api api{.versions = "0"};

  /// Grows with each move of the transaction coordinator; markers of an older one do not count.
  Field<int32> coordinator_epoch;
};

/// The first record of a new leader in the metadata log (KIP-595).
struct LeaderChangeMessage {
  static constexpr Api api{.versions = "0-1", .flexible = "0+"};

  struct Voter {
    Field<int32> voter_id;
    Field<Uuid, "1+"> voter_directory_id;
  };

  Field<int16> version;
  Field<int32> leader_id;
  Field<list<Voter>> voters;
  Field<list<Voter>> granting_voters;
};

/// The first record of a snapshot of the metadata log (KIP-630).
struct SnapshotHeaderRecord {
  static constexpr Api api{.versions = "0", .flexible = "0+"};

  Field<int16> version;
  Field<TimestampMs> last_contained_log_timestamp;
};

/// The last record of a snapshot: without it, the snapshot is not whole.
struct SnapshotFooterRecord {
  static constexpr Api api{.versions = "0", .flexible = "0+"};

  Field<int16> version;
};

/// From here on the voters speak this version of their protocol (KIP-853).
struct KRaftVersionRecord {
  static constexpr Api api{.versions = "0", .flexible = "0+"};

  Field<int16> version;
  /// 1 and later: voters may come and go.
  Field<int16> kraft_version;
};

/// From here on these are the voters (KIP-853).
struct VotersRecord {
  static constexpr Api api{.versions = "0", .flexible = "0+"};

  struct Endpoint {
    Field<string> name;  // of the listener
    Field<string> host;
    Field<uint16> port;
  };
  struct KRaftVersionFeature {
    Field<int16> min_supported_version;
    Field<int16> max_supported_version;
  };
  struct Voter {
    Field<int32> voter_id;
    Field<Uuid> voter_directory_id;
    Field<list<Endpoint>> endpoints;
    Field<KRaftVersionFeature> kraft_version_feature;
  };

  Field<int16> version;
  Field<list<Voter>> voters;
};

}  // namespace barnabas::protocol
