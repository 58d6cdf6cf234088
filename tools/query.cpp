// barnabas query TOPIC:PARTITION:OFFSET: exactly one record.
#include <fmt/core.h>

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/record_format.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/standard_streams.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

struct QueryFlags {
  ConnectFlags connect;
  std::string where;
  std::string format;
  bool json = false;
};

/// One place in a log.
struct Place {
  client::TopicPartition partition;
  std::int64_t offset;
};

/// Topic names hold no colons.
Place parse_place(std::string_view text) {
  const std::size_t last = text.rfind(':');
  const std::size_t middle = last == text.npos || last == 0 ? text.npos : text.rfind(':', last - 1);
  if (middle != text.npos && middle > 0) {
    const auto partition = parse_number(text.substr(middle + 1, last - middle - 1));
    const auto offset = parse_number(text.substr(last + 1));
    if (partition && *partition >= 0 && *partition <= max_partition && offset && *offset >= 0) {
      return {client::TopicPartition(std::string(text.substr(0, middle)), static_cast<std::int32_t>(*partition)),
              *offset};
    }
  }
  Error error(Error::Stage::config, fmt::format("take {}", text), "", "it does not name a record");
  throw error.hint("write TOPIC:PARTITION:OFFSET, for example orders:0:42");
}

Error not_there(const Place& place, std::string why) {
  return Error(Error::Stage::broker, fmt::format("read offset {} of {}", place.offset, place.partition.text()), "",
               std::move(why));
}

asio::awaitable<void> check_range(Session& session, const Place& place) {
  const auto deadline = session.deadline();
  const std::vector<int> only = {place.partition.partition};
  const auto partitions = co_await topic_partitions(session.client, place.partition.topic, only, deadline);
  const auto isolation = session.consumer.fetch.isolation;
  const auto first = co_await offsets_at(session.client, partitions, -2, isolation, deadline);
  const auto end = co_await offsets_at(session.client, partitions, -1, isolation, deadline);
  if (place.offset >= first[0] && place.offset < end[0]) co_return;
  if (first[0] == end[0]) throw not_there(place, fmt::format("the log is empty, its next offset is {}", end[0]));
  throw not_there(place, fmt::format("the log has offsets {} to {}", first[0], end[0] - 1));
}

std::string print(const QueryFlags& flags, const group::Turn& turn, const records::RecordView& record) {
  const RecordOrigin origin{turn.topic(), turn.partition(), turn.leader_epoch()};
  std::string text;
  if (flags.format.empty() || flags.json) {
    append_json(text, origin, record);
  } else {
    RecordFormat(flags.format).append(text, origin, record, false);
  }
  return text;
}

/// Ends the waiting of `consumer` when the time is over.
asio::awaitable<void> close_at(Session& session, group::Consumer& consumer, runtime::Wakeup& done) {
  const auto deadline = session.deadline();
  co_await done.wait_until(deadline);
  const auto at_once = session.client.deadline_in_ms(500);
  co_await consumer.close(at_once);
}

asio::awaitable<std::string> read_record(Session& session, const QueryFlags& flags, const Place& place,
                                         group::Consumer& consumer) {
  group::Turn turn;
  records::RecordView record;
  while (co_await consumer.next(turn)) {
    if (!turn.next(record)) continue;
    if (record.offset == place.offset) co_return print(flags, turn, record);
    throw not_there(place, fmt::format("no record stands there; the next one is at {}", record.offset));
  }
  for (const auto& lane : consumer.lanes()) {
    if (lane->error()) throw Error(*lane->error());
  }
  Error silent(Error::Stage::timeout, fmt::format("read offset {} of {}", place.offset, place.partition.text()), "",
               fmt::format("no record came in {} ms", session.flags.timeout_ms));
  throw silent.hint("compaction or an aborted transaction may have left nothing behind this offset");
}

asio::awaitable<int> query(Session& session, const QueryFlags& flags) {
  const Place place = parse_place(flags.where);
  co_await check_range(session, place);
  group::Consumer consumer(session.client, session.consumer);
  runtime::TaskGroup tasks(session.runtime);
  runtime::Wakeup done(session.runtime.clock());
  const auto start = client::StartPosition::offset(place.offset);
  consumer.assign(place.partition, start);
  tasks.spawn("close", close_at(session, consumer, done));
  std::exception_ptr failure;
  std::string text;
  try {
    text = co_await read_record(session, flags, place, consumer);
  } catch (...) {
    failure = std::current_exception();
  }
  done.set();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
  StandardOutput output(session.runtime);
  co_await output.write(text);
  co_return exit_ok;
}

}  // namespace

void add_query(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("query", "Print exactly one record");
  auto flags = std::make_shared<QueryFlags>();
  flags->connect.add_to(*command);
  command->add_option("record", flags->where, "TOPIC:PARTITION:OFFSET")->required();
  auto* format = command->add_option("-f,--format", flags->format, "As for consume; JSON without it");
  command->add_flag("-J,--json", flags->json, "One JSON object, which is the default")->excludes(format);
  command->callback([flags, &exit_code] {
    parse_place(flags->where);
    if (!flags->format.empty()) RecordFormat check(flags->format);
    group::ConsumerOptions options;
    options.group.commit = false;
    options.fetch.offset_reset = client::OffsetReset::none;
    exit_code = run_session(flags->connect, [flags](Session& session) { return query(session, *flags); }, options);
  });
}

}  // namespace barnabas::tools
