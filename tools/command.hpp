// What every subcommand of the barnabas command is made of.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <vector>

namespace barnabas::tools {

/// Exit codes, also in docs/commands.md.
enum Exit : int {
  exit_ok = 0,
  exit_failed = 1,  ///< the cluster could not be reached or refused the request
  exit_usage = 2,   ///< command line or configuration
  exit_fatal = 3,   ///< something that waiting does not cure: fenced member, no authorisation for the group
  exit_data = 4,    ///< records that could not be read or were not written
  exit_interrupted = 130,
};

/// The highest number a partition can have.
inline constexpr int max_partition = 0x7fff'fffe;

/// Each adds its subcommand to `app`; when it is chosen, `exit_code` is set to its result.
void add_bench(CLI::App& app, int& exit_code);
void add_broker(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_consume(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_groups(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);
void add_metadata(CLI::App& app, int& exit_code);
void add_offsets(CLI::App& app, int& exit_code);
void add_produce(CLI::App& app, int& exit_code);
void add_protocol(CLI::App& app, int& exit_code);
void add_query(CLI::App& app, int& exit_code);
void add_records(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_topics(CLI::App& app, int& exit_code);

/// All of them, and what stands above them.
void add_commands(CLI::App& app, int& exit_code);

}  // namespace barnabas::tools
