// How often memory is asked for between the bytes of a response and the handler: this program counts operator new.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "barnabas/client/fetch/share.hpp"
#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/protocol/records/builder.hpp"

using namespace barnabas;

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(bytes > 0 ? bytes : 1)
                           : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 1); }
void* operator new[](std::size_t bytes) { return counted(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

constexpr int shares = 100, batches_per_share = 2, records_per_batch = 500;
constexpr int records_in_all = shares * batches_per_share * records_per_batch;  // 100,000
constexpr double allowed_per_record = 0.01;

struct NoEvents final : client::EventSink {
  void on_event(const client::Event&) noexcept override {}
};

/// What responses hold for one partition, of 100-byte values with a header each.
std::vector<std::string> responses(records::Codec codec) {
  std::vector<std::string> made;
  const std::string value(100, 'v');
  std::int64_t offset = 0;
  for (int s = 0; s < shares; ++s) {
    std::string bytes;
    for (int b = 0; b < batches_per_share; ++b) {
      records::BatchOptions options(codec);
      records::BatchBuilder builder(options);
      for (int i = 0; i < records_per_batch; ++i) {
        builder.append(1'700'000'000'000, "key", protocol::string(value), {{"trace", protocol::bytes(value), true}});
      }
      bytes += builder.finish(offset);
      offset += records_per_batch;
    }
    made.push_back(std::move(bytes));
  }
  return made;
}

client::Share receive(client::BlockPool& pool, const std::string& bytes, std::int64_t position) {
  client::Share share;
  share.block = pool.take(bytes.size());
  std::memcpy(share.block.data(), bytes.data(), bytes.size());
  share.records = protocol::bytes(share.block.data(), bytes.size());
  share.position = position;
  share.next_offset = position + batches_per_share * records_per_batch;
  share.epoch = 1;
  return share;
}

}  // namespace

TEST_CASE("allocations: the counter counts") {
  const auto before = allocations.load();
  auto one = std::make_unique<int>(1);
  CHECK(allocations.load() == before + 1);
}

TEST_CASE("allocations: none a record, from the block of a response through the lane to the acknowledgement") {
  for (const auto codec : {records::Codec::none, records::Codec::lz4, records::Codec::zstd, records::Codec::snappy,
                           records::Codec::gzip}) {
    CAPTURE(static_cast<int>(codec));
    const std::vector<std::string> bytes = responses(codec);
    fixtures::sim::SimRuntime sim;
    NoEvents events;
    const client::ClientOptions options;
    client::Client client(sim, options, events);
    client::Fetcher fetcher(client, client::FetchOptions());
    const auto lane = std::make_shared<group::Lane>(client, fetcher, client::TopicPartition("t", 0), 1);
    std::uint64_t taken = 0, value_bytes = 0, headers = 0, used = 0;
    sim.run([&]() -> asio::awaitable<void> {
      lane->on_position(0, 1);
      const auto before = allocations.load();
      for (int s = 0; s < shares; ++s) {
        const std::int64_t position = std::int64_t{s} * batches_per_share * records_per_batch;
        lane->on_share(receive(client.pool(), bytes[static_cast<std::size_t>(s)], position));
        group::Turn turn;
        const auto step = co_await lane->advance(turn);
        CHECK(step == group::Lane::Step::turn);
        for (records::RecordView record; turn.next(record); ++taken) {
          value_bytes += record.value.size();
          for (const auto& header : record.headers()) headers += header.value.size();
        }
        turn.acker().done(turn.first_offset(), turn.end_offset());
      }
      used = allocations.load() - before;
      CHECK(lane->window().position() == records_in_all);
      lane->fence();
      const auto deadline = client.deadline_in_ms(1'000);
      co_await fetcher.close(deadline);
      co_await client.close(deadline);
    });
    CHECK(taken == records_in_all);
    CHECK(value_bytes == 100u * records_in_all);
    CHECK(headers == 100u * records_in_all);
    const double per_record = static_cast<double>(used) / records_in_all;
    INFO("operator new was called " << used << " times");
    CHECK(per_record < allowed_per_record);
  }
}
