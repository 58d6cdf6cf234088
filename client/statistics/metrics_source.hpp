// Figures in the form in which a broker may ask for them (KIP-714).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace barnabas::client {

/// One number under Kafka's name for it, such as "org.apache.kafka.consumer.connection.creation.total".
struct Metric {
  enum class Kind : unsigned char {
    gauge,  ///< as it is now, or over the time since the last push
    sum,    ///< only grows
  };
  Metric(std::string metric_name, Kind metric_kind, double metric_value)
      : name(std::move(metric_name)), kind(metric_kind), value(metric_value) {}

  std::string name;
  Kind kind;
  double value;
  std::vector<std::pair<std::string, std::string>> labels;
};

/// Whoever knows figures of this client that the client itself does not. Called on the loop, once for each push.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  virtual void collect(std::vector<Metric>& into) = 0;
};

}  // namespace barnabas::client
