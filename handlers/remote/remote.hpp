// Posts records to an HTTP endpoint in batches, and acknowledges them when the endpoint has taken them.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/handlers/dispatch/concurrency.hpp"
#include "barnabas/handlers/dispatch/retry.hpp"
#include "barnabas/handlers/handler.hpp"
#include "barnabas/handlers/remote/batch.hpp"
#include "barnabas/handlers/remote/options.hpp"
#include "barnabas/handlers/remote/payload.hpp"
#include "barnabas/handlers/remote/verdict.hpp"

namespace barnabas::handlers {

/// Loop thread only. Runtime and events outlive it. Between start() and the end of close() it must not be destroyed
/// while the loop runs.
class Remote final : public Handler {
 public:
  Remote(std::string name, RemoteOptions options, runtime::Runtime& runtime, client::EventSink& events);

  const std::string& name() const override { return name_; }
  asio::awaitable<void> start() override;
  asio::awaitable<void> handle(group::Turn& turn) override;
  void flush() override;
  asio::awaitable<void> close(runtime::TimePoint deadline) override;
  const HandlerStats& stats() const override { return stats_; }

 private:
  struct Intake;

  // Gathering: a strand's batch is filled here and put into the strand's queue when it is full or old.
  std::size_t strand_of(std::size_t partition_strand, const records::RecordView& record) const;
  void append(Intake& intake, std::size_t strand, const records::RecordView& record);
  void append_value(Batch& batch, const PayloadTopic& topic, const records::RecordView& record);
  bool is_full(const Batch& batch) const;
  void put(std::size_t strand);
  Batch fresh_batch();
  void recycle(Batch batch);
  asio::awaitable<void> flush_by_age();
  runtime::TimePoint flush_old_batches();

  // Sending.
  asio::awaitable<void> deliver(Batch& batch);
  asio::awaitable<bool> try_until_delivered(Batch& batch);
  void give_up(const Batch& batch);
  void drop(const Batch& batch, const Verdict& verdict);
  void failed(const Batch& batch, const Verdict& verdict, runtime::Duration pause);
  void recovered();
  void tell(client::EventKind kind, client::Severity severity, std::string text, std::int64_t count);
  void tell_dropped_by_header(const group::Turn& turn, std::int64_t first_offset, std::int64_t count);

  std::string name_;
  RemoteOptions options_;
  RetryOptions retry_options_;
  runtime::Runtime& runtime_;
  client::EventSink& events_;
  HandlerStats stats_;
  std::uint64_t turns_ = 0;

  Closing closing_;
  Concurrency<Batch> work_;
  std::vector<Batch> filling_;  // one a strand
  std::vector<Batch> spare_;
  runtime::Wakeup gathering_;  // a batch was begun while none was being filled, or the handler closes
  bool flusher_sleeps_ = false;
  runtime::TaskGroup tasks_;

  // One story for all requests: failing since, last told.
  bool failing_ = false;
  runtime::TimePoint failing_since_{};
  runtime::TimePoint last_told_{};
};

}  // namespace barnabas::handlers
