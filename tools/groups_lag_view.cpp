#include "barnabas/tools/groups_lag_view.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "barnabas/tools/groups_time.hpp"
#include "barnabas/tools/progress.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

using client::PartitionLag;

Cell rate_cell(double rate_s) {
  Cell cell = with_json(short_number(rate_s), fmt::format("{:.1f}", rate_s));
  cell.csv = cell.json;
  cell.right = true;
  return cell;
}

Cell catch_up_cell(std::optional<double> seconds) {
  // Beyond a thousand years it makes no difference.
  constexpr double seconds_max = 3e10;
  Cell cell;
  cell.right = true;
  cell.text = "never";
  if (!seconds || *seconds > seconds_max) return cell;
  cell.text =
      *seconds == 0 ? "-" : readable_duration(std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1'000)));
  cell.csv = cell.json = fmt::format("{:.1f}", *seconds);
  return cell;
}

Cell nothing_yet() {
  Cell cell;
  cell.right = true;
  return cell;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == text.npos ? text.size() : end + 1;
  }
  return lines;
}

/// Not known counts as large: that is what whoever looks wants to see.
std::int64_t weight(const PartitionLag& partition) {
  return partition.lag.value_or(partition.problem.empty() ? -1 : std::numeric_limits<std::int64_t>::max());
}

/// Keeps the partitions with the largest lag; says how many it left out.
std::size_t keep_largest(std::vector<GroupLook>& looks, std::size_t room) {
  std::vector<std::int64_t> weights;
  for (const GroupLook& look : looks) {
    for (const PartitionLag& partition : look.partitions) weights.push_back(weight(partition));
  }
  if (weights.size() <= room) return 0;
  std::ranges::sort(weights, std::greater());
  const std::int64_t least = room == 0 ? std::numeric_limits<std::int64_t>::max() : weights[room - 1];
  std::size_t of_least = room - static_cast<std::size_t>(std::ranges::count_if(
                                    weights, [least](std::int64_t each) { return each > least; }));
  for (GroupLook& look : looks) {
    std::erase_if(look.partitions, [&](const PartitionLag& partition) {
      const std::int64_t each = weight(partition);
      if (each != least) return each < least;
      if (of_least == 0) return true;
      --of_least;
      return false;
    });
  }
  return weights.size() - room;
}

}  // namespace

LagSum sum_of(const GroupLook& look, const LagRates& rates) {
  LagSum sum;
  sum.catch_up_s = 0;
  sum.partitions = look.partitions.size();
  for (const PartitionLag& partition : look.partitions) {
    if (partition.lag) sum.lag += *partition.lag;
    sum.not_known += !partition.lag && !partition.problem.empty();
    const auto rate = rates.of(look.id, partition.partition);
    if (!rate) continue;
    sum.has_rate = true;
    sum.read_s += rate->read_s;
    if (!rate->catch_up_s) sum.catch_up_s.reset();
    if (sum.catch_up_s) sum.catch_up_s = std::max(*sum.catch_up_s, *rate->catch_up_s);
  }
  return sum;
}

Table sum_table(const std::vector<GroupLook>& looks, const LagRates& rates) {
  Table table({{"group"}, {"state"}, {"members"}, {"partitions"}, {"lag"}});
  table.columns.emplace_back("not_known", true);
  table.columns.push_back(titled("records_per_s", "RATE/S"));
  table.columns.push_back(titled("catch_up_s", "CATCH-UP"));
  table.columns[6].optional = table.columns[7].optional = true;
  for (const GroupLook& look : looks) {
    const LagSum sum = sum_of(look, rates);
    table.rows.push_back({words(look.id), words(look.group.state),
                          number(static_cast<std::int64_t>(look.group.members.size())),
                          number(static_cast<std::int64_t>(sum.partitions)), number(sum.lag),
                          sum.not_known ? number(static_cast<std::int64_t>(sum.not_known)) : nothing_yet(),
                          sum.has_rate ? rate_cell(sum.read_s) : nothing_yet(),
                          sum.has_rate ? catch_up_cell(sum.catch_up_s) : nothing_yet()});
  }
  return table;
}

Table lag_table(const std::vector<GroupLook>& looks, const LagRates& rates, std::int64_t unix_ms) {
  Table table = partition_table(looks, false);
  const std::size_t at = 6;  // behind the lag
  table.columns.insert(table.columns.begin() + at,
                       {titled("records_per_s", "RATE/S"), titled("catch_up_s", "CATCH-UP")});
  if (unix_ms) table.columns.insert(table.columns.begin(), Column("time"));
  std::size_t row = 0;
  for (const GroupLook& look : looks) {
    for (const PartitionLag& partition : look.partitions) {
      const auto rate = rates.of(look.id, partition.partition);
      std::vector<Cell>& cells = table.rows[row++];
      cells.insert(cells.begin() + at, {rate ? rate_cell(rate->read_s) : nothing_yet(),
                                        rate ? catch_up_cell(rate->catch_up_s) : nothing_yet()});
      if (unix_ms) cells.insert(cells.begin(), words(iso_datetime(unix_ms)));
    }
  }
  return table;
}

std::vector<std::string> lag_screen(const LagMoment& moment, const LagRates& rates, const std::string& title,
                                    ScreenSize size) {
  std::vector<std::string> lines = {fmt::format("{}  {}", iso_datetime(moment.unix_ms), title)};
  for (const std::string& line : lines_of(table_text(sum_table(moment.looks, rates)))) lines.push_back(line);
  for (const std::string& trouble : moment.troubles) lines.push_back("! " + one_line(trouble));
  lines.emplace_back();
  std::size_t partitions = 0;
  for (const GroupLook& look : moment.looks) partitions += look.partitions.size();
  // A line for the names of the columns, and one for how many are left out.
  const std::size_t room = size.rows - std::min(size.rows, lines.size() + 1);
  std::vector<GroupLook> shown = moment.looks;
  std::size_t left_out = 0;
  if (partitions > room) left_out = keep_largest(shown, room - std::min<std::size_t>(room, 1));
  for (const std::string& line : lines_of(table_text(lag_table(shown, rates, 0)))) lines.push_back(line);
  if (left_out > 0) lines.push_back(fmt::format("… and {} more with a smaller lag", left_out));
  return lines;
}

}  // namespace barnabas::tools
