#include "barnabas/tools/progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace barnabas::tools {

ProgressStyle choose_progress_style(bool json, bool quiet) {
  if (json) return ProgressStyle::json;
  if (quiet) return ProgressStyle::none;
  return isatty(STDERR_FILENO) ? ProgressStyle::terminal : ProgressStyle::lines;
}

std::string short_number(double value) {
  constexpr const char* units[] = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(units)) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}{}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, units[unit]);
}

runtime::Duration Progress::interval() const {
  return style_ == ProgressStyle::terminal ? std::chrono::milliseconds(250) : std::chrono::seconds(5);
}

std::string Progress::line(const handlers::HandlerStats& total, std::int64_t lag, std::size_t partitions, double records_s,
                           double bytes_s) const {
  std::string text = fmt::format("{} records/s  {}B/s  delivered {}  in flight {}  lag {}  retries {}  partitions {}",
                                 short_number(records_s), short_number(bytes_s), total.delivered, total.in_flight,
                                 lag < 0 ? std::string("-") : std::to_string(lag), total.retries, partitions);
  if (total.dropped > 0) text += fmt::format("  dropped {}", total.dropped);
  return text;
}

void Progress::show(const handlers::EngineMetrics& metrics, std::size_t partitions, runtime::TimePoint now) {
  if (style_ == ProgressStyle::none) return;
  const handlers::HandlerStats total = metrics.total();
  const double seconds = std::chrono::duration<double>(now - last_time_).count();
  const bool first = last_time_ == runtime::TimePoint{} || seconds <= 0;
  const double records_s = first ? 0 : static_cast<double>(total.delivered - last_.delivered) / seconds;
  const double bytes_s = first ? 0 : static_cast<double>(total.bytes - last_.bytes) / seconds;
  last_ = total;
  last_time_ = now;
  if (style_ == ProgressStyle::json) {
    fmt::print("{{\"records_per_s\":{:.0f},\"bytes_per_s\":{:.0f},\"delivered\":{},\"dropped\":{},\"in_flight\":{},"
               "\"lag\":{},\"retries\":{},\"requests\":{},\"partitions\":{}}}\n",
               records_s, bytes_s, total.delivered, total.dropped, total.in_flight, metrics.lag(), total.retries,
               total.requests, partitions);
    std::fflush(stdout);
    return;
  }
  const std::string text = line(total, metrics.lag(), partitions, records_s, bytes_s);
  if (style_ == ProgressStyle::terminal) {
    fmt::print(stderr, "\r\x1b[K{}", text);
    line_open_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

void Progress::finish() {
  if (line_open_) std::fputc('\n', stderr);
  line_open_ = false;
}

}  // namespace barnabas::tools
