// Whole worlds, one a seed: the engine against the embedded cluster while everything goes wrong. Prints TAP.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "barnabas/tests/sim/world.hpp"

namespace {

using barnabas::fixtures::sim::SimOptions;
using barnabas::fixtures::sim::SimRuntime;
using barnabas::tests::sim::World;

constexpr std::uint64_t seeds_usual = 3'000;
constexpr std::uint64_t seeds_quick = 300;
constexpr std::uint64_t seeds_a_line = 100;
/// One seed in so many runs a second time, and has to go the same way.
constexpr std::uint64_t twice_every = 20;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t count = seeds_usual;
  bool one = false;
  bool trace = false;
};

struct Outcome {
  std::uint64_t hash = 0;
  std::string failure;  // empty: all went well
  std::string summary;
};

void print_trace(const SimRuntime& sim) {
  for (const std::string& line : sim.trace_lines()) std::printf("# %s\n", line.c_str());
}

Outcome run(std::uint64_t seed, bool with_trace) {
  SimOptions options(seed);
  options.trace_lines_max = with_trace ? 1'000'000 : 0;
  SimRuntime sim(options);
  Outcome outcome;
  {
    World world(sim, seed);
    try {
      world.run();
    } catch (const std::exception& error) {
      outcome.failure = error.what();
    }
    outcome.summary = world.summary();
  }
  outcome.hash = sim.hash();
  if (with_trace) print_trace(sim);
  return outcome;
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// True when all went well; else it has told why not.
bool run_and_tell(std::uint64_t seed, bool with_trace) {
  const Outcome outcome = run(seed, with_trace);
  std::string failure = outcome.failure;
  if (failure.empty() && seed % twice_every == 0 && run(seed, false).hash != outcome.hash) {
    failure = "its second run went another way than the first";
  }
  if (with_trace || !failure.empty()) std::printf("# seed %lu: %s\n", seed, outcome.summary.c_str());
  if (failure.empty()) return true;
  std::printf("# seed %lu failed: %s\n", seed, one_line(failure).c_str());
  std::printf("# to see it again: ./dev sim --seed %lu\n", seed);
  return false;
}

int run_one(const Arguments& arguments) {
  std::puts("TAP version 13");
  const bool good = run_and_tell(arguments.first, arguments.trace);
  std::printf("%s 1 - seed %lu\n1..1\n", good ? "ok" : "not ok", arguments.first);
  return good ? 0 : 1;
}

int run_many(const Arguments& arguments) {
  std::puts("TAP version 13");
  const std::uint64_t end = arguments.first + arguments.count;
  int lines = 0;
  std::uint64_t failed = 0;
  for (std::uint64_t first = arguments.first; first < end;) {
    const std::uint64_t line_end = std::min(end, first + seeds_a_line);
    const std::uint64_t failed_before = failed;
    for (std::uint64_t seed = first; seed < line_end; ++seed) failed += run_and_tell(seed, false) ? 0 : 1;
    std::printf("%s %d - seeds %lu to %lu\n", failed == failed_before ? "ok" : "not ok", ++lines, first, line_end - 1);
    std::fflush(stdout);
    first = line_end;
  }
  std::printf("1..%d\n", lines);
  return failed == 0 ? 0 : 1;
}

[[noreturn]] void refuse(std::string_view why) {
  std::fprintf(stderr,
               "sim: %.*s\n"
               "sim [--seeds N] [--first S]   runs the seeds S, S + 1, … (%lu from 1)\n"
               "sim --seed S [--trace]        runs one, and prints all that happened\n"
               "BARNABAS_SIM_SEEDS and BARNABAS_SIM_SEED in the environment say the same.\n",
               static_cast<int>(why.size()), why.data(), seeds_usual);
  std::exit(2);
}

std::uint64_t number(const char* what, const char* text) {
  std::uint64_t value = 0;
  const char* end = text == nullptr ? nullptr : text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  if (text == nullptr || read.ec != std::errc() || read.ptr != end) refuse(fmt::format("{} needs a number", what));
  return value;
}

Arguments from_environment() {
  Arguments arguments;
  if (const char* quick = std::getenv("BARNABAS_QUICK"); quick && *quick) arguments.count = seeds_quick;
  if (const char* seeds = std::getenv("BARNABAS_SIM_SEEDS")) arguments.count = number("BARNABAS_SIM_SEEDS", seeds);
  if (const char* seed = std::getenv("BARNABAS_SIM_SEED")) {
    arguments.first = number("BARNABAS_SIM_SEED", seed);
    arguments.one = arguments.trace = true;
  }
  return arguments;
}

Arguments parse(int argc, char** argv) {
  Arguments arguments = from_environment();
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (word == "--trace") {
      arguments.trace = true;
    } else if (word == "--seeds") {
      arguments.count = number("--seeds", value), ++i;
    } else if (word == "--first") {
      arguments.first = number("--first", value), ++i;
    } else if (word == "--seed") {
      arguments.first = number("--seed", value), ++i;
      arguments.one = true;
    } else {
      refuse(fmt::format("it does not know {}", word));
    }
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  return arguments.one ? run_one(arguments) : run_many(arguments);
}
