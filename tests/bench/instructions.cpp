// Feeds shares to a lane and takes its turns, N times: what instructions.py counts under callgrind.
//
//     instructions SHARES none|lz4 [headers]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/fixtures/sim/sim_runtime.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/protocol/records/builder.hpp"

using namespace barnabas;

namespace {

constexpr int records_per_share = 1'000;

struct NoEvents final : client::EventSink {
  void on_event(const client::Event&) noexcept override {}
};

/// With headers the values are as much shorter as the headers are long.
std::string one_share(records::Codec codec, bool with_headers) {
  const records::BatchOptions options(codec);
  records::BatchBuilder builder(options);
  const protocol::string text("v1");
  const records::HeaderView header{"h1", protocol::bytes(text.data(), text.size()), true};
  const std::vector<records::HeaderView> headers(with_headers ? 3 : 0, header);
  for (int i = 0; i < records_per_share; ++i) {
    const std::string value = std::string(with_headers ? 72 : 90, 'v') + std::to_string(1'000'000'000 + i * 7'919);
    builder.append(1'700'000'000'000 + i, std::nullopt, protocol::string(value), headers);
  }
  return builder.finish(0);
}

/// The same bytes once more, at other offsets: what receiving costs is the kernel's.
client::Share share_at(const client::BlockRef& block, std::size_t bytes, std::int64_t position) {
  client::Share share;
  share.block = block;
  // Base offset and epoch are not under the checksum.
  records::stamp_batch(std::span<char>(block.data(), bytes), position, 0);
  share.records = protocol::bytes(block.data(), bytes);
  share.position = position;
  share.next_offset = position + records_per_share;
  share.epoch = 1;
  return share;
}

}  // namespace

int main(int argc, char** argv) {
  const int shares = argc > 1 ? std::atoi(argv[1]) : 0;
  const auto codec = argc > 2 ? records::parse_codec(argv[2]) : std::nullopt;
  if (shares <= 0 || !codec) {
    std::fprintf(stderr, "usage: instructions SHARES none|lz4 [headers]\n");
    return 2;
  }
  const std::string bytes = one_share(*codec, argc > 3 && std::strcmp(argv[3], "headers") == 0);
  fixtures::sim::SimRuntime sim;
  NoEvents events;
  client::Client client(sim, client::ClientOptions(), events);
  client::Fetcher fetcher(client, client::FetchOptions());
  const auto lane = std::make_shared<group::Lane>(client, fetcher, client::TopicPartition("t", 0), 1);
  client::BlockRef block = client.pool().take(bytes.size());
  std::memcpy(block.data(), bytes.data(), bytes.size());
  std::uint64_t records = 0, value_bytes = 0;
  sim.run([&]() -> asio::awaitable<void> {
    lane->on_position(0, 1);
    for (int s = 0; s < shares; ++s) {
      lane->on_share(share_at(block, bytes.size(), std::int64_t{s} * records_per_share));
      group::Turn turn;
      co_await lane->advance(turn);
      for (records::RecordView record; turn.next(record); ++records) value_bytes += record.value.size();
      turn.acker().done(turn.first_offset(), turn.end_offset());
    }
    block.reset();
    lane->fence();
    const auto deadline = client.deadline_in_ms(1'000);
    co_await fetcher.close(deadline);
    co_await client.close(deadline);
  });
  std::printf("records=%llu bytes=%llu\n", static_cast<unsigned long long>(records),
              static_cast<unsigned long long>(value_bytes));
  return records == static_cast<std::uint64_t>(shares) * records_per_share ? 0 : 1;
}
