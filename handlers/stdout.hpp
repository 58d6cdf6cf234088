// Prints records: the values alone, or a JSON object a record.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "barnabas/client/events.hpp"
#include "barnabas/client/runtime/runtime.hpp"
#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/handlers/handler.hpp"
#include "barnabas/handlers/options.hpp"

namespace barnabas::handlers {

/// Appends one line. In JSON, keys, values and header values that are no UTF-8 get the name key_base64, value_base64,
/// and are encoded; null stays null. Any thread.
void append_record_line(std::string& text, OutputFormat format, std::string_view topic, std::int32_t partition,
                        const records::RecordView& record);

/// Loop thread only; the writing itself happens on a worker, so that a slow reader of a pipe never holds the loop. A
/// record is acknowledged when its line was written. Lines leave at the end of each turn, and whenever 64 KiB are
/// gathered.
class Stdout final : public Handler {
 public:
  /// Writes all of the text, on a worker; the error is the system's own words.
  using Write = std::function<std::string(std::string_view)>;

  Stdout(std::string name, StdoutOptions options, runtime::Runtime& runtime, client::EventSink& events);
  Stdout(std::string name, StdoutOptions options, runtime::Runtime& runtime, client::EventSink& events, Write write);

  const std::string& name() const override { return name_; }
  asio::awaitable<void> handle(group::Turn& turn) override;
  asio::awaitable<void> close(runtime::TimePoint deadline) override;
  const HandlerStats& stats() const override { return stats_; }

 private:
  asio::awaitable<bool> write_out(const std::string& text);
  void fail(std::string why);

  std::string name_;
  StdoutOptions options_;
  runtime::Runtime& runtime_;
  client::EventSink& events_;
  Write write_;
  HandlerStats stats_;
  runtime::Broadcast changed_;  // a write ended, or the handler closes
  bool writing_ = false;
  bool failed_ = false;
  bool closed_ = false;
};

}  // namespace barnabas::handlers
