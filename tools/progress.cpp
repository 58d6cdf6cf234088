#include "barnabas/tools/progress.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <vector>

#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {

ProgressStyle choose_progress_style(bool json, bool quiet) {
  if (json) return ProgressStyle::json;
  if (quiet) return ProgressStyle::none;
  return stderr_is_terminal() ? ProgressStyle::terminal : ProgressStyle::lines;
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

std::string progress_line(const ProgressFigures& figures, std::size_t columns) {
  const handlers::HandlerStats& total = figures.total;
  std::vector<std::string> parts = {
      short_number(figures.records_s) + " records/s",
      short_number(figures.bytes_s) + "B/s",
      "lag " + (figures.lag < 0 ? std::string("-") : std::to_string(figures.lag)),
      fmt::format("in flight {}", total.in_flight),
      fmt::format("retries {}", total.retries),
      fmt::format("delivered {}", total.delivered),
      fmt::format("partitions {}", figures.partitions),
  };
  if (total.dropped > 0) parts.insert(parts.begin() + 2, fmt::format("dropped {}", total.dropped));
  std::string line = parts.front().substr(0, columns);
  for (std::size_t i = 1; i < parts.size() && line.size() + 2 + parts[i].size() <= columns; ++i)
    line += "  " + parts[i];
  return line;
}

std::string progress_json(const ProgressFigures& figures) {
  const handlers::HandlerStats& total = figures.total;
  return fmt::format(
      "{{\"records_per_s\":{:.0f},\"bytes_per_s\":{:.0f},\"delivered\":{},\"dropped\":{},\"in_flight\":{},"
      "\"lag\":{},\"retries\":{},\"requests\":{},\"partitions\":{}}}",
      figures.records_s, figures.bytes_s, total.delivered, total.dropped, total.in_flight, figures.lag, total.retries,
      total.requests, figures.partitions);
}

runtime::Duration Progress::interval() const {
  return style_ == ProgressStyle::terminal ? std::chrono::milliseconds(250) : std::chrono::seconds(5);
}

void Progress::show(const handlers::EngineMetrics& metrics, std::size_t partitions, runtime::TimePoint now) {
  if (style_ == ProgressStyle::none) return;
  ProgressFigures figures;
  figures.total = metrics.total();
  figures.lag = metrics.lag();
  figures.partitions = partitions;
  const double seconds = std::chrono::duration<double>(now - last_time_).count();
  if (last_time_ != runtime::TimePoint{} && seconds > 0) {
    figures.records_s = static_cast<double>(figures.total.delivered - last_.delivered) / seconds;
    figures.bytes_s = static_cast<double>(figures.total.bytes - last_.bytes) / seconds;
  }
  last_ = figures.total;
  last_time_ = now;
  switch (style_) {
    case ProgressStyle::json:
      fmt::print("{}\n", progress_json(figures));
      std::fflush(stdout);
      break;
    case ProgressStyle::terminal:
      // A line that fills the last column makes some terminals wrap.
      std::fputs(("\r\x1b[K" + progress_line(figures, stderr_columns() - 1)).c_str(), stderr);
      line_open_ = true;
      break;
    default: print_error_line(progress_line(figures, std::string::npos));
  }
}

void Progress::hide() {
  if (line_open_) std::fputs("\r\x1b[K", stderr);
  line_open_ = false;
}

void Progress::finish() {
  if (line_open_) std::fputc('\n', stderr);
  line_open_ = false;
}

}  // namespace barnabas::tools
