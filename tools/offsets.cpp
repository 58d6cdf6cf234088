// barnabas offsets: where the logs of topics begin and end, or what stands at a time.
#include <fmt/core.h>

#include "barnabas/handlers/json_text.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

using client::TopicPartition;

struct OffsetsFlags {
  ConnectFlags connect;
  std::vector<std::string> topics;
  std::vector<int> partitions;
  std::int64_t time_ms = -1;
  bool json = false;
};

using Offsets = std::vector<std::int64_t>;

/// The three marks of a log.
struct Marks {
  Marks() = default;
  Offsets first, high_watermark, last_stable;
};

asio::awaitable<Marks> find_marks(Session& session, std::vector<TopicPartition> partitions) {
  using client::Isolation;
  const auto deadline = session.deadline();
  Marks marks;
  marks.first = co_await offsets_at(session.client, partitions, -2, Isolation::read_uncommitted, deadline);
  marks.high_watermark = co_await offsets_at(session.client, partitions, -1, Isolation::read_uncommitted, deadline);
  marks.last_stable = co_await offsets_at(session.client, partitions, -1, Isolation::read_committed, deadline);
  co_return marks;
}

void print_marks(const std::vector<TopicPartition>& partitions, const Marks& marks, bool json) {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto& [topic, partition] = partitions[i];
    if (json) {
      fmt::print("{{\"topic\":{},\"partition\":{},\"first\":{},\"high_watermark\":{},\"last_stable\":{}}}\n",
                 handlers::json_string(topic), partition, marks.first[i], marks.high_watermark[i],
                 marks.last_stable[i]);
    } else {
      fmt::print("{} [{}]  first {}  high watermark {}  last stable {}\n", topic, partition, marks.first[i],
                 marks.high_watermark[i], marks.last_stable[i]);
    }
  }
}

void print_at(const std::vector<TopicPartition>& partitions, const Offsets& offsets, bool json) {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto& [topic, partition] = partitions[i];
    const std::string offset = offsets[i] < 0 ? (json ? "null" : "none") : std::to_string(offsets[i]);
    if (json) {
      fmt::print("{{\"topic\":{},\"partition\":{},\"offset\":{}}}\n", handlers::json_string(topic), partition, offset);
    } else {
      fmt::print("{} [{}]  offset {}\n", topic, partition, offset);
    }
  }
}

asio::awaitable<int> show(Session& session, const OffsetsFlags& flags) {
  for (const std::string& topic : flags.topics) {
    const auto deadline = session.deadline();
    const auto partitions = co_await topic_partitions(session.client, topic, flags.partitions, deadline);
    if (flags.time_ms >= 0) {
      const auto offsets =
          co_await offsets_at(session.client, partitions, flags.time_ms, client::Isolation::read_uncommitted, deadline);
      print_at(partitions, offsets, flags.json);
    } else {
      const Marks marks = co_await find_marks(session, partitions);
      print_marks(partitions, marks, flags.json);
    }
  }
  co_return exit_ok;
}

}  // namespace

void add_offsets(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("offsets", "Where logs begin and end, or what stands at a time");
  auto flags = std::make_shared<OffsetsFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic,topics", flags->topics, "Topics")->required()->allow_extra_args(false);
  command->add_option("-p,--partition", flags->partitions, "Only this partition; may be repeated")
      ->check(CLI::Range(0, max_partition))
      ->allow_extra_args(false);
  command
      ->add_option("--time", flags->time_ms,
                   "The first record at or after this time, milliseconds since 1970, instead of both ends")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("-J,--json", flags->json, "One JSON object a line");
  command->callback([flags, &exit_code] {
    exit_code = run_session(flags->connect, [flags](Session& session) { return show(session, *flags); });
  });
}

}  // namespace barnabas::tools
