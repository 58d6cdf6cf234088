#include "share_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace barnabas::group::testing {

ShareMember::ShareMember(World& in, std::string own_name, std::string own_ip, ConsumerOptions options)
    : world(in), name(std::move(own_name)), ip(std::move(own_ip)), machine(world.sim.host(ip)) {
  client::ClientOptions client_options;
  client_options.bootstrap_servers = client::parse_endpoints("10.1.0.1:9092,10.1.0.2:9092,10.1.0.3:9092");
  client_options.client_id = name;
  client_options.request_timeout_ms = 5'000;
  client_options.connect_timeout_ms = 2'000;
  client_options.metadata_max_age_ms = 2'000;
  client = std::make_unique<client::Client>(machine, client_options, *this);
  consumer = std::make_unique<ShareConsumer>(*client, std::move(options));
}

ShareMember::~ShareMember() = default;

asio::awaitable<void> ShareMember::start(const char* topic) {
  const auto deadline = client->deadline_in_ms(10'000);
  co_await client->connect(deadline);
  std::vector<std::string> topics = {topic};
  consumer->subscribe(std::move(topics));
  world.tasks.spawn(name, serve());
}

asio::awaitable<void> ShareMember::serve() {
  while (true) {
    Turn turn;
    const bool more = co_await consumer->next(turn);
    if (!more) break;
    const TopicPartition partition(turn.topic(), turn.partition());
    const std::int64_t first = turn.first_offset();
    std::vector<std::int64_t> offsets;
    records::RecordView record;
    while (turn.next(record)) {
      seen.push_back({partition, record.offset, turn.delivery_count()});
      offsets.push_back(record.offset);
    }
    const std::int64_t end = turn.end_offset();
    if (work > runtime::Duration(0)) co_await runtime::sleep_for(machine.clock(), work);
    while (stuck && !killed) co_await runtime::sleep_for(machine.clock(), milliseconds(50));
    if (killed) break;
    std::int64_t from = first;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const std::int64_t next = i + 1 < offsets.size() ? offsets[i] + 1 : end;
      const Word word = decide(offsets[i], turn.delivery_count());
      if (word == Word::accept) turn.acker().done(from, next);
      if (word == Word::release) turn.acker().release(from, next);
      if (word == Word::reject) turn.acker().reject(from, next);
      from = next;
    }
  }
}

asio::awaitable<void> ShareMember::stop(runtime::Duration limit) {
  const auto deadline = client->now() + limit;
  co_await consumer->close(deadline);
  CHECK(client->now() <= deadline + milliseconds(1));
  co_await client->close(client->now() + seconds(1));
}

void ShareMember::kill() {
  killed = true;
  world.sim.network().partition(runtime::Address(ip, 0), runtime::Address(), fixtures::sim::Partition::cut);
}

int ShareMember::count(EventKind kind) const {
  return static_cast<int>(std::count_if(events.begin(), events.end(), [&](const auto& e) { return e.kind == kind; }));
}

std::string ShareMember::last(EventKind kind) const {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->kind == kind) return event->text;
  }
  return {};
}

int ShareMember::times(std::int64_t offset, std::int32_t partition) const {
  return static_cast<int>(std::count_if(seen.begin(), seen.end(), [&](const Seen& s) {
    return s.offset == offset && s.partition.partition == partition;
  }));
}

void ShareMember::on_event(const client::Event& event) noexcept {
  events.push_back(event);
  world.sim.trace(name + ": " + event.text);
}

}  // namespace barnabas::group::testing
