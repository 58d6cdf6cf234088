// Which broker coordinates a group: asked once for all who want to know, kept until somebody finds it wrong.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/ask.hpp"

namespace barnabas::group {

/// Loop thread only. The lookup runs under the consumer's life and not under that of whoever asked first: a waiter that
/// gives up takes nobody's answer away.
class Coordinator {
 public:
  Coordinator(client::Client& client, std::shared_ptr<Life> life, runtime::TaskGroup& tasks, std::string group_id)
      : client_(client), life_(std::move(life)), tasks_(tasks), group_id_(std::move(group_id)) {}

  /// The coordinator's node id; looked up, with retries until it is found, when it is not known. Throws Error: a
  /// hopeless() one when waiting cannot help (no authorisation for the group), Stage::timeout with the last cause at
  /// `deadline`, Stage::closed when the consumer stops (unless `when_stopping`).
  asio::awaitable<std::int32_t> find(runtime::TimePoint deadline, bool when_stopping = false);
  /// Node `node_id` could not be reached, or said that it is not the coordinator (any more). Does nothing when another
  /// one is known by now.
  void forget(std::int32_t node_id, const std::string& why);
  /// -1 while unknown.
  std::int32_t known() const { return node_id_; }

 private:
  asio::awaitable<void> look_up();
  asio::awaitable<void> look_up_once();

  client::Client& client_;
  std::shared_ptr<Life> life_;
  runtime::TaskGroup& tasks_;
  std::string group_id_;
  std::int32_t node_id_ = -1;
  bool looking_ = false;
  std::unique_ptr<Error> last_failure_;
};

}  // namespace barnabas::group
