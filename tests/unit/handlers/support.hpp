// Lanes without a cluster: a test feeds record batches into a real lane and sees what its window says.
#pragma once

#include <concepts>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/client/events.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/handlers/handler.hpp"
#include "barnabas/protocol/records/builder.hpp"

namespace barnabas::tests {

class EventLog final : public client::EventSink {
 public:
  void on_event(const client::Event& event) noexcept override { events.push_back(event); }
  std::size_t count(client::EventKind kind) const {
    std::size_t matching = 0;
    for (const auto& event : events) matching += event.kind == kind;
    return matching;
  }
  const client::Event* last(client::EventKind kind) const {
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (event->kind == kind) return &*event;
    }
    return nullptr;
  }
  std::vector<client::Event> events;
};

/// A client and a fetcher that talk to nobody.
class Rig {
 public:
  explicit Rig(runtime::Runtime& runtime)
      : client(runtime, client::ClientOptions(), events), fetcher(client, client::FetchOptions()) {}

  std::shared_ptr<group::Lane> lane(const std::string& topic, std::int32_t partition) {
    const client::TopicPartition which(topic, partition);
    auto made = std::make_shared<group::Lane>(client, fetcher, which, ++epoch_);
    made->on_position(0, 1);
    return made;
  }

  EventLog events;
  client::Client client;
  client::Fetcher fetcher;

 private:
  std::uint64_t epoch_ = 0;
};

struct Record {
  template <std::convertible_to<std::string_view> Text>
  Record(const Text& record_value) : value(std::string_view(record_value)) {}  // NOLINT: tests write plain texts
  Record(std::string_view record_key, std::string_view record_value) : key(record_key), value(record_value) {}
  static Record tombstone() {
    Record record("");
    record.value.reset();
    return record;
  }
  std::optional<std::string> key;
  std::optional<std::string> value;
};

/// Gives a lane one share with one batch of these records.
inline void feed_all(Rig& rig, group::Lane& lane, std::int64_t base_offset, std::span<const Record> records) {
  records::BatchBuilder builder;
  for (const Record& record : records) {
    const auto view = [](const std::optional<std::string>& text) -> std::optional<protocol::string> {
      if (!text) return std::nullopt;
      return protocol::string(*text);
    };
    builder.append(1'000, view(record.key), view(record.value));
  }
  const std::string batch = builder.finish(base_offset);
  client::Share share;
  share.block = rig.client.pool().take(batch.size());
  std::memcpy(share.block.data(), batch.data(), batch.size());
  share.records = protocol::bytes(share.block.data(), batch.size());
  share.position = base_offset;
  share.next_offset = base_offset + static_cast<std::int64_t>(records.size());
  share.epoch = 1;
  lane.on_share(std::move(share));
}

inline void feed(Rig& rig, group::Lane& lane, std::int64_t base_offset, std::initializer_list<Record> records) {
  feed_all(rig, lane, base_offset, std::span(records.begin(), records.size()));
}

/// Takes turn after turn of a lane to a handler, as the engine does.
inline asio::awaitable<void> serve(std::shared_ptr<group::Lane> lane, handlers::Handler& handler) {
  group::Turn turn;
  while (true) {
    const bool more = co_await lane->next(turn);
    if (!more) co_return;
    co_await handler.handle(turn);
    if (turn.count() == 0) co_return;
  }
}

}  // namespace barnabas::tests
