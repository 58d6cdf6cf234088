// The reader of Fetch responses against the declared message: they must agree on every field in every version.
#include "barnabas/protocol/fetch_reader.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <vector>

#include "barnabas/protocol/codec.hpp"
#include "barnabas/protocol/messages/fetch.hpp"
#include "barnabas/protocol/random.hpp"

using namespace barnabas;
using protocol::FetchedPartition;
using protocol::FetchReader;
using protocol::FetchResponse;

namespace {

constexpr std::int16_t last_version = 18;

/// A copy that ends where its memory ends, so that AddressSanitizer sees each byte read behind it.
class Exact {
 public:
  explicit Exact(std::string_view text) : size_(text.size()), data_(new char[size_]) {
    std::copy(text.begin(), text.end(), data_.get());
  }
  protocol::bytes view() const { return {data_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> data_;
};

void same(const FetchedPartition& got, const FetchResponse::Topic& topic, const FetchResponse::Partition& wanted,
          std::int16_t version) {
  if (version <= 12) CHECK(got.topic == *topic.topic);
  if (version >= 13) CHECK(got.topic_id == *topic.topic_id);
  CHECK(got.partition == *wanted.partition_index);
  CHECK(static_cast<std::int16_t>(got.error) == *wanted.error_code);
  CHECK(got.high_watermark == *wanted.high_watermark);
  CHECK(got.last_stable_offset == *wanted.last_stable_offset);
  CHECK(got.log_start_offset == *wanted.log_start_offset);
  CHECK(got.preferred_read_replica == *wanted.preferred_read_replica);
  CHECK(got.diverging_epoch == *wanted.diverging_epoch->epoch);
  CHECK(got.diverging_end_offset == *wanted.diverging_epoch->end_offset);
  CHECK(got.leader_id == *wanted.current_leader->leader_id);
  CHECK(got.leader_epoch == *wanted.current_leader->leader_epoch);
  CHECK(got.snapshot_end_offset == *wanted.snapshot_id->end_offset);
  CHECK(got.snapshot_epoch == *wanted.snapshot_id->epoch);
  CHECK(got.has_records == wanted.records->has_value());
  CHECK(got.has_aborted == (version >= 4 && wanted.aborted_transactions->has_value()));
  const auto records = wanted.records->has_value() ? **wanted.records : protocol::Records();
  CHECK(std::string_view(got.records.data(), got.records.size()) == std::string_view(records.data(), records.size()));
  const auto aborted = wanted.aborted_transactions->has_value() ? **wanted.aborted_transactions
                                                                : protocol::list<FetchResponse::Aborted>();
  REQUIRE(got.aborted.size() == aborted.size());
  for (std::uint32_t i = 0; i < aborted.size(); ++i) {
    CHECK(got.aborted[i].producer_id == *aborted[i].producer_id);
    CHECK(got.aborted[i].first_offset == *aborted[i].first_offset);
  }
}

/// Walks to the end, whatever comes.
int walk(protocol::bytes body, std::int16_t version, bool& failed) {
  FetchReader reader(body, version);
  FetchedPartition partition;
  int partitions = 0;
  while (reader.next(partition)) {
    ++partitions;
    // Views must lie inside the body.
    if (!partition.records.empty()) {
      CHECK(partition.records.data() >= body.data());
      CHECK(partition.records.data() + partition.records.size() <= body.data() + body.size());
    }
  }
  failed = reader.failed();
  if (failed) CHECK(reader.failed_at() <= body.size());
  CHECK_FALSE(reader.next(partition));
  return partitions;
}

}  // namespace

TEST_CASE("fetch reader: agrees with the message, field by field, in every version") {
  std::mt19937_64 chance(11);
  int partitions = 0, endpoints = 0, hints = 0;
  for (std::int16_t version = 0; version <= last_version; ++version) {
    for (int round = 0; round < 60; ++round) {
      CAPTURE(version);
      CAPTURE(round);
      protocol::Arena arena;
      const auto message = protocol::random_message<FetchResponse>(chance, version, arena);
      const auto encoded = protocol::encode(message, version);
      REQUIRE(encoded.has_value());
      const Exact body(*encoded);
      FetchReader reader(body.view(), version);
      CHECK(reader.throttle_time_ms() == *message.throttle_time_ms);
      CHECK(static_cast<std::int16_t>(reader.error()) == *message.error_code);
      CHECK(reader.session_id() == *message.session_id);
      FetchedPartition got;
      for (const auto& topic : *message.responses) {
        for (const auto& partition : *topic.partitions) {
          REQUIRE(reader.next(got));
          same(got, topic, partition, version);
          ++partitions;
          hints += got.leader_id != -1;
        }
      }
      CHECK_FALSE(reader.next(got));
      CHECK_FALSE(reader.failed());
      REQUIRE(reader.node_endpoints().size() == message.node_endpoints->size());
      for (std::uint32_t i = 0; i < message.node_endpoints->size(); ++i) {
        const auto& wanted = (*message.node_endpoints)[i];
        CHECK(reader.node_endpoints()[i].node_id == *wanted.node_id);
        CHECK(reader.node_endpoints()[i].host == *wanted.host);
        CHECK(reader.node_endpoints()[i].port == *wanted.port);
        CHECK(reader.node_endpoints()[i].rack == *wanted.rack);
        ++endpoints;
      }
    }
  }
  // The random messages must have had something in them.
  CHECK(partitions > 500);
  CHECK(endpoints > 20);
  CHECK(hints > 20);
}

TEST_CASE("fetch reader: a tag that the version does not know, and one that comes twice, are no harm") {
  // Version 12, one topic "t" with one partition and no records, then tags.
  const std::string front("\0\0\0\0\0\0\0\0\0\0\x02\x02t\x02\0\0\0\x03\0\0", 20);
  const std::string offsets(24, '\0');
  const std::string back("\0\xff\xff\xff\xff\x01", 6);  // aborted null, no preferred replica, no records
  const std::string leader("\x01\x09\0\0\0\x05\0\0\0\x06\0", 11);
  const std::string unknown("\x07\x02hi", 4);
  const std::string body = front + offsets + back + "\x03" + leader + leader + unknown + std::string(2, '\0');
  FetchReader reader(protocol::bytes(body), 12);
  FetchedPartition got;
  REQUIRE(reader.next(got));
  CHECK(got.partition == 3);
  CHECK(got.leader_id == 5);
  CHECK(got.leader_epoch == 6);
  CHECK(got.has_records);
  CHECK_FALSE(got.has_aborted);
  CHECK_FALSE(reader.next(got));
  CHECK_FALSE(reader.failed());
}

TEST_CASE("fetch reader: a response cut at any byte is refused, and nothing behind it is read") {
  std::mt19937_64 chance(12);
  for (std::int16_t version = 0; version <= last_version; ++version) {
    for (int round = 0; round < 4; ++round) {
      protocol::Arena arena;
      const auto message = protocol::random_message<FetchResponse>(chance, version, arena);
      const auto encoded = protocol::encode(message, version);
      REQUIRE(encoded.has_value());
      for (std::size_t size = 0; size < encoded->size(); size += 1 + encoded->size() / 2000) {
        CAPTURE(version);
        CAPTURE(size);
        const Exact body(std::string_view(*encoded).substr(0, size));
        bool failed = false;
        walk(body.view(), version, failed);
        CHECK(failed);
      }
    }
  }
}

TEST_CASE("fetch reader: flipped bytes lead to an answer or a refusal, never outside of the body") {
  std::mt19937_64 chance(13);
  int refused = 0, read = 0;
  for (std::int16_t version = 0; version <= last_version; ++version) {
    for (int round = 0; round < 150; ++round) {
      protocol::Arena arena;
      const auto message = protocol::random_message<FetchResponse>(chance, version, arena);
      auto encoded = protocol::encode(message, version);
      REQUIRE(encoded.has_value());
      for (std::uint64_t flips = 1 + chance() % 4; flips > 0; --flips) {
        (*encoded)[chance() % encoded->size()] = static_cast<char>(chance());
      }
      const Exact body(*encoded);
      bool failed = false;
      walk(body.view(), version, failed);
      ++(failed ? refused : read);
    }
  }
  CHECK(refused > 100);
  CHECK(read > 100);
}

TEST_CASE("fetch reader: counts that cannot fit are refused before anything is made of them") {
  // Version 4: throttle time, then a count of topics far beyond the bytes that are left.
  const std::string topics("\0\0\0\0\x7f\xff\xff\xff", 8);
  bool failed = false;
  CHECK(walk(protocol::bytes(topics), 4, failed) == 0);
  CHECK(failed);
  // Version 12: throttle, error, session, then a varint that does not end.
  const std::string varint = std::string(10, '\0') + "\xff\xff\xff\xff\xff";
  CHECK(walk(protocol::bytes(varint), 12, failed) == 0);
  CHECK(failed);
  CHECK(walk(protocol::bytes(), 12, failed) == 0);
  CHECK(failed);
}

TEST_CASE("fetch reader: lists and records that are null read as empty") {
  protocol::Arena arena;
  FetchResponse message;
  auto topics = arena.make_list<FetchResponse::Topic>(1);
  auto partitions = arena.make_list<FetchResponse::Partition>(1);
  partitions[0].aborted_transactions = std::nullopt;
  partitions[0].records = std::nullopt;
  topics[0].topic = "t";
  topics[0].partitions = partitions;
  message.responses = topics;
  for (const std::int16_t version : {0, 4, 11, 12}) {
    const auto encoded = protocol::encode(message, version);
    REQUIRE(encoded.has_value());
    FetchReader reader(protocol::bytes(*encoded), version);
    FetchedPartition got;
    got.aborted.resize(3);
    REQUIRE(reader.next(got));
    CHECK(got.aborted.empty());
    CHECK(got.records.empty());
    CHECK(got.topic == "t");
  }
}
