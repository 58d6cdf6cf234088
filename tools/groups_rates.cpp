#include "barnabas/tools/groups_rates.hpp"

namespace barnabas::tools {
namespace {

constexpr runtime::Duration window = std::chrono::seconds(30);

}  // namespace

std::optional<double> catch_up_s(std::int64_t lag, double read_s, double written_s) {
  if (lag <= 0) return 0;
  if (read_s <= written_s) return std::nullopt;
  return static_cast<double>(lag) / (read_s - written_s);
}

void LagRates::add(const std::string& group, const client::TopicPartition& partition, runtime::TimePoint at,
                   std::int64_t offset, std::int64_t log_end) {
  std::deque<Sample>& samples = samples_[{group, partition}];
  // A reset, or a log that was cut: what came before says nothing about what comes.
  if (!samples.empty() && (offset < samples.back().offset || log_end < samples.back().log_end)) samples.clear();
  samples.push_back({at, offset, log_end});
  while (samples.size() > 2 && samples.front().at < at - window) samples.pop_front();
}

std::optional<LagRate> LagRates::of(const std::string& group, const client::TopicPartition& partition) const {
  const auto found = samples_.find({group, partition});
  if (found == samples_.end() || found->second.size() < 2) return std::nullopt;
  const Sample& first = found->second.front();
  const Sample& last = found->second.back();
  const double seconds = std::chrono::duration<double>(last.at - first.at).count();
  if (seconds <= 0) return std::nullopt;
  LagRate rate;
  rate.read_s = static_cast<double>(last.offset - first.offset) / seconds;
  rate.written_s = static_cast<double>(last.log_end - first.log_end) / seconds;
  rate.catch_up_s = catch_up_s(last.log_end - last.offset, rate.read_s, rate.written_s);
  return rate;
}

}  // namespace barnabas::tools
