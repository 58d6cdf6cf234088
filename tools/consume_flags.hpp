// The flags of barnabas consume, and what they mean together.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/positions.hpp"
#include "barnabas/tools/record_format.hpp"
#include "barnabas/tools/session.hpp"

namespace barnabas::tools {

/// What the command line of `barnabas consume` says, in kcat's letters and kafka-console-consumer's words.
struct ConsumeFlags {
  ConsumeFlags() = default;

  ConnectFlags connect;
  std::vector<std::string> topics;
  std::vector<std::string> more_topics;  ///< without -t
  std::string group;
  std::vector<int> partitions;
  std::vector<std::string> offsets;
  std::string start;             ///< of `offsets`, the one that is no e@MS
  std::int64_t end_ms = -1;      ///< of e@MS
  std::int64_t max_wait_ms = 0;  ///< 0: for ever
  std::uint64_t count = 0;
  bool exit_at_end = false;
  bool from_beginning = false;
  std::string format;
  std::string key_separator;
  std::string delimiter = "\\n";
  bool json = false;
  bool unbuffered = false;
  bool show_null = false;
  std::string isolation;
  std::vector<std::string> formatter_properties;
  ConsoleFormat console;
  bool as_console = false;

  void add_to(CLI::App& command);
  /// Fills in what follows from several flags together. Throws Error(config) where they contradict each other.
  void settle();
  /// Where reading ends by itself.
  /// Offsets are kept in a file of the user's.
  bool keeps_file() const;
  client::EndPosition end() const;
  RecordFormat record_format() const;

 private:
  void split_offsets();
  void take_console_properties();
  void check_group() const;
  void check_patterns() const;
};

}  // namespace barnabas::tools
