// Figures as Prometheus reads them: the text exposition format, version 0.0.4.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "barnabas/client/statistics/statistics.hpp"

namespace barnabas::client {

/// Collects samples of any number of clients and writes each family once, in the order of their first samples. Names
/// are the caller's to choose well: [a-zA-Z_:][a-zA-Z0-9_:]*, counters end in _total. Any thread.
class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  void gauge(std::string_view name, std::string_view help, const Labels& labels, double value);
  void counter(std::string_view name, std::string_view help, const Labels& labels, double value);
  /// In seconds, with a bucket for each second doubling from 64 µs on.
  void histogram(std::string_view name, std::string_view help, const Labels& labels, const Latency& latency);

  std::string text() const;

 private:
  struct Family {
    std::string name, head, samples;
  };
  std::string& samples(std::string_view name, std::string_view help, std::string_view type);

  std::vector<Family> families_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

/// Adds everything that `statistics` holds, under the label client = its name.
void add_to(PrometheusText& text, const ClientStatistics& statistics);
std::string prometheus_text(const ClientStatistics& statistics);

}  // namespace barnabas::client
