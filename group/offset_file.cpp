#include "barnabas/group/offset_file.hpp"

#include <fmt/core.h>

#include <charconv>
#include <functional>
#include <optional>
#include <utility>

namespace barnabas::group {

using client::TopicPartition;

namespace {

constexpr std::string_view title = "barnabas-offsets 1";

/// The text up to `end`, which is taken away with it; nothing when there is no `end`.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

template <class Number>
bool take_number(std::string_view& line, Number& number) {
  const auto word = take_until(line, ' ');
  if (!word) return false;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), number);
  return error == std::errc() && end == word->data() + word->size();
}

bool take_entry(std::string_view line, StoredOffsets& offsets) {
  const auto topic = take_until(line, ' ');
  std::int32_t partition = -1;
  StoredOffset stored;
  if (!topic || topic->empty()) return false;
  if (!take_number(line, partition) || !take_number(line, stored.offset) || !take_number(line, stored.leader_epoch)) {
    return false;
  }
  const auto id = protocol::Uuid::parse(protocol::string(line));
  if (!id || partition < 0 || stored.offset < 0) return false;
  stored.topic_id = *id;
  return offsets.emplace(TopicPartition(std::string(*topic), partition), stored).second;
}

}  // namespace

std::string write_offsets(const StoredOffsets& offsets) {
  std::string text = fmt::format("{}\n{}\n", title, offsets.size());
  for (const auto& [partition, stored] : offsets) {
    text += fmt::format("{} {} {} {} {}\n", partition.topic, partition.partition, stored.offset, stored.leader_epoch,
                        stored.topic_id.to_string());
  }
  return text;
}

std::expected<StoredOffsets, std::string> read_offsets(std::string_view text) {
  if (take_until(text, '\n') != title) return std::unexpected(fmt::format("line 1 is not \"{}\"", title));
  const auto announced = take_until(text, '\n');
  StoredOffsets offsets;
  std::size_t line_number = 3;
  for (; !text.empty(); ++line_number) {
    const auto line = take_until(text, '\n');
    if (!line || !take_entry(*line, offsets)) {
      return std::unexpected(fmt::format(
          "line {} is not \"TOPIC PARTITION OFFSET LEADER_EPOCH TOPIC_ID\", each partition once", line_number));
    }
  }
  if (!announced || *announced != std::to_string(offsets.size())) {
    return std::unexpected(fmt::format("line 2 is not the number of lines that follow, {}", offsets.size()));
  }
  return offsets;
}

asio::awaitable<void> OffsetFile::load() {
  if (loaded_) co_return;
  std::expected<std::string, std::string> text;
  bool missing = false;
  std::function<void()> work = [&] {
    runtime::Files& files = client_.runtime().files();
    text = files.read(path_);
    missing = !text && !files.exists(path_);
  };
  co_await client_.runtime().workers().run(work);
  if (loaded_) co_return;
  std::expected<StoredOffsets, std::string> offsets;
  if (!missing) offsets = text ? read_offsets(*text) : std::unexpected(text.error());
  if (!offsets) {
    Error broken(Error::Stage::config, "read the offsets in " + path_, "", offsets.error());
    throw broken.hint("offset.store.path names it; mend the file, or remove it to start without offsets");
  }
  offsets_ = *std::move(offsets);
  loaded_ = true;
}

asio::awaitable<CommittedOffsets> OffsetFile::fetch(std::vector<TopicPartition> partitions, runtime::TimePoint) {
  co_await load();
  CommittedOffsets result;
  for (const auto& partition : partitions) {
    CommittedOffset& committed = result[partition];
    const auto found = offsets_.find(partition);
    if (found == offsets_.end()) continue;
    const StoredOffset& stored = found->second;
    const client::TopicInfo* topic = client_.metadata().topic(partition.topic);
    if (!stored.topic_id.is_zero() && (!topic || topic->error != protocol::ErrorCode::none)) {
      // Whether it is still the same topic is known when metadata is.
      committed.error = protocol::ErrorCode::leader_not_available;
      client_.request_metadata("the file of offsets has topic " + partition.topic);
      continue;
    }
    const bool by_id = topic && !topic->id.is_zero() && !stored.topic_id.is_zero();
    if (by_id && topic->id != stored.topic_id) continue;
    committed.offset = stored.offset;
    committed.leader_epoch = stored.leader_epoch;
    committed.by_id = by_id;
  }
  co_return result;
}

asio::awaitable<void> OffsetFile::commit_once(Lanes lanes, runtime::TimePoint deadline) {
  asio::awaitable<void> talk = write(std::move(lanes));
  const bool came_to_it = co_await talk_alone(life_, deadline, std::move(talk));
  if (came_to_it) co_return;
  Error late(Error::Stage::timeout, "write offsets to " + path_, "", "another commit was under way all the time");
  throw late.retriable(true);
}

asio::awaitable<void> OffsetFile::write(Lanes lanes) {
  lanes = moved(std::move(lanes));
  if (lanes.empty()) co_return;
  co_await load();
  const auto began = client_.now();
  StoredOffsets offsets = offsets_;
  for (const auto& lane : lanes) {
    offsets[lane->partition()] = {lane->window().position(), lane->leader_epoch(), lane->topic_id()};
  }
  const std::string text = write_offsets(offsets);
  std::expected<void, std::string> written;
  std::function<void()> work = [&] { written = client_.runtime().files().replace(path_, text); };
  co_await client_.runtime().workers().run(work);
  if (!written) {
    Error failed(Error::Stage::config, "write offsets", "", written.error());
    throw failed.retriable(true).hint("offset.store.path names the file");
  }
  latency_.add(client_.now() - began);
  offsets_ = std::move(offsets);
  for (const auto& lane : lanes) committed(*lane, offsets_.at(lane->partition()).offset);
}

}  // namespace barnabas::group
