// How the benchmarks of protocol/ count: CPU time of this thread, median of rounds that last long enough, after a
// warm-up.
#pragma once

#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::bench {

inline double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

inline void require(bool holds, const char* what) {
  if (holds) return;
  fmt::print(stderr, "bench: {}\n", what);
  std::exit(1);
}

/// As in a process that has been running for a while: freed memory stays with it.
inline void keep_memory() {
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
}

/// Measures only what has this in "CASE WHO".
inline std::string_view only;

/// Prints `case=NAME who=WHO ns=…`: nanoseconds of one run of `once`, divided by `units`.
template <class F>
void measure(const std::string& name, const char* who, F once, double units = 1) {
  constexpr int rounds = 31;
  constexpr double round_ns = 10e6;
  if ((name + ' ' + who).find(only) == std::string::npos) return;
  for (const double start = cpu_ns(); cpu_ns() - start < 20 * round_ns;) once();
  std::vector<double> costs;
  for (int round = 0; round < rounds; ++round) {
    int runs = 0;
    double passed = 0;
    for (const double start = cpu_ns(); passed < round_ns; passed = cpu_ns() - start) {
      once();
      ++runs;
    }
    costs.push_back(passed / runs / units);
  }
  std::ranges::nth_element(costs, costs.begin() + rounds / 2);
  fmt::print("case={} who={} ns={:.2f}\n", name, who, costs[rounds / 2]);
  std::fflush(stdout);
}

}  // namespace barnabas::bench
