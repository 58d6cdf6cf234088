#include "world.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <numeric>

#include "barnabas/client/fetch/share.hpp"

namespace barnabas::client::testing {
namespace {

BrokerOptions on_machines(BrokerOptions options, int nodes) {
  options.nodes = nodes;
  options.base_port = 9092;
  options.hosts.clear();
  for (int node = 1; node <= nodes; ++node) options.hosts.push_back("10.1.0." + std::to_string(node));
  return options;
}

}  // namespace

World::World(int nodes, BrokerOptions broker_options, std::uint64_t seed)
    : sim(fixtures::sim::SimOptions(seed)), broker(sim, on_machines(std::move(broker_options), nodes)), tasks(sim) {
  for (int node = 1; node <= nodes; ++node)
    options.bootstrap_servers.emplace_back("10.1.0." + std::to_string(node), static_cast<std::uint16_t>(9091 + node));
  const auto started = broker.start();
  if (!started) throw std::runtime_error(started.error());
  options.client_id = "test";
  options.request_timeout_ms = 5'000;
  options.connect_timeout_ms = 2'000;
}

void World::run(std::function<asio::awaitable<void>()> main) {
  const auto whole = [this, main = std::move(main)]() -> asio::awaitable<void> {
    client = std::make_unique<Client>(sim, options, *this);
    co_await main();
    const auto deadline = client->deadline_in_ms(1'000);
    co_await client->close(deadline);
    CHECK(client->now() <= deadline);
    co_await tasks.join();
    co_await broker.stop();
  };
  sim.run(whole);
}

asio::awaitable<void> World::connect() {
  const auto deadline = client->deadline_in_ms(10'000);
  co_await client->connect(deadline);
}

void World::fill(const std::string& topic, std::int32_t partition, int count, int batch, records::Codec codec) {
  const records::BatchOptions batch_options(codec);
  records::BatchBuilder builder(batch_options);
  for (int done = 0; done < count;) {
    for (int i = 0; i < batch && done < count; ++i, ++done) {
      const std::string value = std::to_string(done);
      builder.append(1'700'000'000'000 + done, std::nullopt, protocol::string(value), {});
    }
    const std::string bytes = builder.finish();
    broker.append(topic, partition, protocol::bytes(bytes));
  }
}

FetchOptions World::fetch_options() const {
  FetchOptions fetch;
  fetch.offset_reset = OffsetReset::earliest;
  fetch.max_wait_ms = 100;
  return fetch;
}

Fetcher& World::make_fetcher(FetchOptions with) {
  fetchers_.push_back(std::make_unique<Fetcher>(*client, std::move(with)));
  return *fetchers_.back();
}

int World::count(EventKind kind) const {
  return static_cast<int>(std::count_if(events.begin(), events.end(), [&](const auto& e) { return e.kind == kind; }));
}

std::string World::first(EventKind kind) const {
  const auto found = std::find_if(events.begin(), events.end(), [&](const auto& e) { return e.kind == kind; });
  return found == events.end() ? std::string() : found->text;
}

std::string World::last_events() const {
  std::string texts;
  for (std::size_t i = events.size() - std::min<std::size_t>(events.size(), 5); i < events.size(); ++i) {
    texts += "; " + events[i].text;
  }
  return texts;
}

void World::on_event(const Event& event) noexcept {
  events.push_back(event);
  sim.trace(event.text);
}

void Sink::on_share(Share share) {
  if (keeps_) {
    queued_ += static_cast<std::int64_t>(share.records.size());
    kept.push_back(std::move(share));
  } else {
    read(std::move(share));
  }
}

void Sink::on_position(std::int64_t offset, std::uint64_t new_epoch) {
  positions.push_back(offset);
  epoch = new_epoch;
}

void Sink::read_all() {
  keeps_ = false;
  queued_ = 0;
  const std::vector<Share> shares = std::exchange(kept, {});
  for (const Share& share : shares) read(share);
}

void Sink::read(Share share) {
  if (share.epoch != epoch) {
    ++stale;
    return;
  }
  ShareReader::Limits limits;
  limits.isolation = isolation;
  const std::int64_t end = std::min(share.next_offset, share.end);
  ShareReader reader(std::move(share), limits);
  records::RecordView record;
  do {
    if (reader.wants_worker()) reader.prepare();
    while (reader.next(record)) offsets.push_back(record.offset);
  } while (reader.wants_worker());
  unreadable += reader.failed();
  if (!reader.failed()) CHECK(reader.position() == end);
}

std::vector<std::int64_t> range(std::int64_t first, std::int64_t next) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(next - first));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

namespace {

asio::awaitable<bool> fill_from(runtime::Stream& stream, std::string& into, std::size_t wanted) {
  char chunk[4096];
  while (into.size() < wanted) {
    const std::span<char> room(chunk, std::min(sizeof chunk, wanted - into.size()));
    const auto got = stream.try_read(room);
    if (got.status == runtime::IoResult::Status::ok) {
      into.append(chunk, got.bytes);
    } else if (got.status == runtime::IoResult::Status::would_block) {
      co_await stream.readable();
    } else {
      co_return false;
    }
  }
  co_return true;
}

std::uint32_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

asio::awaitable<std::string> read_request(runtime::Stream& stream) {
  std::string size;
  bool got = co_await fill_from(stream, size, 4);
  std::string frame;
  if (got) got = co_await fill_from(stream, frame, number_at(size, 0, 4));
  if (!got) frame.clear();
  co_return frame;
}

asio::awaitable<void> write_bytes(runtime::Stream& stream, std::string bytes) {
  std::span<const char> left(bytes);
  while (!left.empty()) {
    const auto put = stream.try_write(left);
    if (put.status == runtime::IoResult::Status::ok) {
      left = left.subspan(put.bytes);
    } else if (put.status == runtime::IoResult::Status::would_block) {
      co_await stream.writable();
    } else {
      co_return;
    }
  }
}

asio::awaitable<void> wait_for_end(runtime::Stream& stream) {
  std::string ignored;
  co_await fill_from(stream, ignored, 1u << 30);
}

std::int16_t api_version(const std::string& request) { return static_cast<std::int16_t>(number_at(request, 2, 2)); }
std::int32_t correlation_id(const std::string& request) { return static_cast<std::int32_t>(number_at(request, 4, 4)); }

std::string api_versions_answer(const std::string& request, std::int16_t version, std::int16_t version_max,
                                ErrorCode error) {
  protocol::Arena arena;
  protocol::ApiVersionsResponse response;
  response.error_code = static_cast<std::int16_t>(error);
  auto apis = arena.make_list<protocol::ApiVersionsResponse::ApiVersion>(64);
  std::uint32_t count = 0;
  for (std::int16_t key = 0; key < 64; ++key) {
    apis[count].api_key = key;
    apis[count].min_version = std::int16_t{0};
    apis[count++].max_version = version_max;
  }
  response.api_keys = apis;
  return *protocol::encode_response(response, version, correlation_id(request));
}

ScriptedServer::ScriptedServer(World& world, runtime::Address address, Script script)
    : world_(world), script_(std::move(script)) {
  auto listener = world.sim.listen(std::move(address));
  if (!listener) throw std::runtime_error(listener.error());
  listener_ = std::move(*listener);
  asio::co_spawn(world.sim.executor(), accept(), asio::detached);
}

asio::awaitable<void> ScriptedServer::accept() {
  while (true) {
    auto stream = co_await listener_->accept();
    if (!stream) co_return;
    asio::co_spawn(world_.sim.executor(), serve(std::move(stream), ++connections_), asio::detached);
  }
}

asio::awaitable<void> ScriptedServer::serve(std::unique_ptr<runtime::Stream> stream, int number) {
  const auto mine = std::move(stream);
  co_await script_(*mine, number);
  mine->close();
}

}  // namespace barnabas::client::testing
