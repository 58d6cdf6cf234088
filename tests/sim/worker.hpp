// A handler as a user might write it: quick, slow, stuck for a while, or finishing pieces in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/client/topic_partition.hpp"
#include "barnabas/fixtures/sim/sim_random.hpp"
#include "barnabas/handlers/dispatch/retry.hpp"
#include "barnabas/handlers/handler.hpp"
#include "barnabas/tests/sim/shape.hpp"

namespace barnabas::tests::sim {

/// Hears what a Worker does with its records.
class WorkerWatch {
 public:
  virtual ~WorkerWatch() = default;
  /// Names the present assignment of the partition; another number later means that it was given away meanwhile.
  virtual std::uint64_t lease(const client::TopicPartition& partition) const = 0;
  virtual void delivered(const client::TopicPartition& partition, const records::RecordView& record) = 0;
  /// [first, next) is about to be acknowledged.
  virtual void finished(const client::TopicPartition& partition, std::uint64_t lease, std::int64_t first,
                        std::int64_t next) = 0;
};

class Worker final : public handlers::Handler {
 public:
  Worker(WorkerShape shape, runtime::Runtime& machine, fixtures::sim::SimRandom random, WorkerWatch& watch);

  const std::string& name() const override { return name_; }
  asio::awaitable<void> handle(group::Turn& turn) override;
  asio::awaitable<void> close(runtime::TimePoint deadline) override;
  const handlers::HandlerStats& stats() const override { return stats_; }

  /// Whatever it does next takes until then.
  void stuck_until(runtime::TimePoint when) { stuck_until_ = when; }

 private:
  struct Piece {
    client::TopicPartition partition;
    group::Acker acker;
    std::uint64_t lease = 0;
    std::int64_t first = 0, next = 0;
  };

  runtime::Duration pause_length();
  /// False when it is to end: what is in hand stays unfinished.
  asio::awaitable<bool> pause();
  void finish(const Piece& piece);
  asio::awaitable<void> finish_later(Piece piece);
  asio::awaitable<void> hand_over(Piece& piece, std::int64_t next);

  std::string name_ = "worker";
  WorkerShape shape_;
  runtime::Clock& clock_;
  fixtures::sim::SimRandom random_;
  WorkerWatch& watch_;
  handlers::HandlerStats stats_;
  handlers::Closing closing_;
  runtime::TimePoint stuck_until_{};
  std::size_t pieces_ = 0;  // under way beside handle()
  runtime::Broadcast piece_ended_;
  runtime::TaskGroup tasks_;
};

}  // namespace barnabas::tests::sim
