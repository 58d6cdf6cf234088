// Offsets in a file of this machine, for whoever reads without a group: each process with its own file reads all.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/group/offset_store.hpp"

namespace barnabas::group {

/// What the file says of one partition.
struct StoredOffset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  protocol::Uuid topic_id{};  ///< all zero when brokers told none
  bool operator==(const StoredOffset&) const = default;
};
using StoredOffsets = std::map<client::TopicPartition, StoredOffset>;

/// The file's text: a line with name and version, the number of entries, then a line each: topic, partition, offset,
/// leader epoch, topic id, with one space between them.
std::string write_offsets(const StoredOffsets& offsets);
/// The reverse; the error says in which line what is wrong.
std::expected<StoredOffsets, std::string> read_offsets(std::string_view text);

/// The file is read once and replaced as a whole, by a worker thread: a crash leaves the old text or the new one. One
/// process a file. Loop thread only.
class OffsetFile final : public OffsetStore {
 public:
  OffsetFile(client::Client& client, std::shared_ptr<Life> life, std::string path)
      : OffsetStore(client, std::move(life)), path_(std::move(path)) {}

  /// Throws Error: a retriable one when the file cannot be written now.
  asio::awaitable<void> commit_once(Lanes lanes, runtime::TimePoint deadline) override;
  /// An offset of a topic that was deleted and created again does not count. Throws Error(config) for a file that
  /// cannot be read or makes no sense: starting over would be worse than not starting.
  asio::awaitable<CommittedOffsets> fetch(std::vector<client::TopicPartition> partitions,
                                          runtime::TimePoint deadline) override;

 private:
  asio::awaitable<void> load();
  asio::awaitable<void> write(Lanes lanes);

  std::string path_;
  StoredOffsets offsets_;
  bool loaded_ = false;
};

}  // namespace barnabas::group
