#include "barnabas/handlers/stdout.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "barnabas/handlers/json_text.hpp"
#include "barnabas/protocol/base64.hpp"

namespace barnabas::handlers {
namespace {

constexpr std::size_t write_bytes = 64 << 10;

/// "name":"text" or "name_base64":"…" or "name":null.
void append_member(std::string& text, std::string_view name, protocol::bytes value, bool has_value) {
  const std::string_view characters(value.data(), value.size());
  const bool as_text = !has_value || is_utf8(characters);
  text.append("\"").append(name).append(as_text ? "\":" : "_base64\":");
  if (!has_value) {
    text += "null";
  } else if (as_text) {
    append_json_string(text, characters);
  } else {
    text += '"';
    protocol::append_base64(text, value);
    text += '"';
  }
}

void append_json(std::string& text, std::string_view topic, std::int32_t partition, const records::RecordView& record) {
  text += "{\"topic\":";
  append_json_string(text, topic);
  fmt::format_to(std::back_inserter(text), ",\"partition\":{},\"offset\":{},\"timestamp_ms\":{},", partition,
                 record.offset, record.timestamp_ms);
  append_member(text, "key", record.key, record.has_key);
  text += ',';
  append_member(text, "value", record.value, record.has_value);
  text += ",\"headers\":[";
  bool is_first = true;
  for (const auto& header : record.headers()) {
    if (!std::exchange(is_first, false)) text += ',';
    text += "{\"key\":";
    append_json_string(text, header.key);
    text += ',';
    append_member(text, "value", header.value, header.has_value);
    text += '}';
  }
  text += "]}";
}

std::string write_to_stdout(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? std::string() : std::string(std::strerror(errno));
}

}  // namespace

void append_record_line(std::string& text, OutputFormat format, std::string_view topic, std::int32_t partition,
                        const records::RecordView& record) {
  if (format == OutputFormat::json) {
    append_json(text, topic, partition, record);
  } else {
    text.append(record.value.data(), record.value.size());
  }
  text += '\n';
}

Stdout::Stdout(std::string name, StdoutOptions options, runtime::Runtime& runtime, client::EventSink& events)
    : Stdout(std::move(name), options, runtime, events, write_to_stdout) {}

Stdout::Stdout(std::string name, StdoutOptions options, runtime::Runtime& runtime, client::EventSink& events,
               Write write)
    : name_(std::move(name)),
      options_(options),
      runtime_(runtime),
      events_(events),
      write_(std::move(write)),
      changed_(runtime.clock()) {}

asio::awaitable<void> Stdout::handle(group::Turn& turn) {
  std::string text;
  std::int64_t acknowledged = turn.first_offset();
  std::uint64_t gathered = 0;
  records::RecordView record;
  while (!closed_) {
    const bool has_record = turn.next(record);
    if (has_record) {
      append_record_line(text, options_.format, turn.topic(), turn.partition(), record);
      ++gathered;
      ++stats_.records;
      ++stats_.in_flight;
      stats_.bytes += record.value.size();
      if (text.size() < write_bytes) continue;
    }
    if (!text.empty()) {
      const bool written = co_await write_out(text);
      if (!written) co_return;
    }
    turn.acker().done(acknowledged, turn.end_offset());
    acknowledged = turn.end_offset();
    stats_.delivered += gathered;
    stats_.in_flight -= gathered;
    gathered = 0;
    text.clear();
    if (!has_record || turn.leaving()) co_return;
  }
}

/// One write at a time; after a failed one nothing more is written, and whoever has text waits for the close.
asio::awaitable<bool> Stdout::write_out(const std::string& text) {
  while (!closed_ && (writing_ || failed_)) co_await changed_.wait();
  if (closed_) co_return false;
  std::string problem;
  std::function<void()> work = [&] { problem = write_(text); };
  writing_ = true;
  co_await runtime_.workers().run(work);
  writing_ = false;
  changed_.notify_all();
  if (problem.empty()) co_return true;
  fail(std::move(problem));
  while (!closed_) co_await changed_.wait();
  co_return false;
}

void Stdout::fail(std::string why) {
  failed_ = true;
  const client::Event event(client::EventKind::delivery_failed, client::Severity::error,
                            fmt::format("{}: writing to the standard output failed: {}; nothing more is written, and "
                                        "what was not written stays unacknowledged",
                                        name_, why));
  events_.on_event(event);
}

asio::awaitable<void> Stdout::close(runtime::TimePoint deadline) {
  closed_ = true;
  changed_.notify_all();
  while (writing_) {
    const bool woken = co_await changed_.wait_until(deadline);
    if (!woken) break;
  }
}

}  // namespace barnabas::handlers
