// What `groups lag` shows: rows, sums, and as much of both as a terminal has room for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "barnabas/tools/groups_look.hpp"
#include "barnabas/tools/groups_rates.hpp"
#include "barnabas/tools/groups_screen.hpp"

namespace barnabas::tools {

/// What was seen at one time.
struct LagMoment {
  std::int64_t unix_ms = 0;
  std::vector<GroupLook> looks;       ///< of groups that could not be asked, the last that was seen
  std::vector<std::string> troubles;  ///< one line each
};

/// Of a whole group.
struct LagSum {
  std::int64_t lag = 0;
  std::size_t partitions = 0;
  std::size_t not_known = 0;  ///< partitions whose lag nobody could tell
  double read_s = 0;
  bool has_rate = false;
  std::optional<double> catch_up_s;  ///< of the slowest partition; empty: never
};
LagSum sum_of(const GroupLook& look, const LagRates& rates);

Table sum_table(const std::vector<GroupLook>& looks, const LagRates& rates);
/// One row a partition, with its rates; with the time in front when `unix_ms` is not 0.
Table lag_table(const std::vector<GroupLook>& looks, const LagRates& rates, std::int64_t unix_ms);

/// The lines of a terminal of that size: title, sums, troubles, and the partitions, of which those with the smallest
/// lag are left out when there are too many.
std::vector<std::string> lag_screen(const LagMoment& moment, const LagRates& rates, const std::string& title,
                                    ScreenSize size);

}  // namespace barnabas::tools
