#include "barnabas/tools/consume_flags.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "barnabas/client/error.hpp"
#include "barnabas/group/subscription.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {

void ConsumeFlags::add_to(CLI::App& command) {
  connect.add_to(command);
  command
      .add_option("-t,--topic", topics,
                  "Topic, or a pattern that begins with ^; '!' in front leaves topics out; may be repeated")
      ->allow_extra_args(false);
  command.add_option("topics", more_topics, "More topics, as kcat has them behind -G GROUP");
  command.add_option("-G,--group", group, "Join this group, commit what was printed");
  command.add_option("-p,--partition", partitions, "Only this partition; may be repeated")
      ->check(CLI::Range(0, max_partition))
      ->allow_extra_args(false);
  auto* offset =
      command
          .add_option("-o,--offset", offsets,
                      "beginning, end, stored, N, -N (the last N), s@MS (from this time), by_duration:PT1H, "
                      "and e@MS (up to this time); default: beginning, in a group the committed offset, else end")
          ->type_name("beginning|end|stored|N|-N|s@MS|e@MS")
          ->allow_extra_args(false);
  command.add_flag("--from-beginning", from_beginning, "Same as -o beginning")->excludes(offset);
  command.add_option("--max-wait-ms", max_wait_ms, "Exit when no record came for so long")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{86'400'000}));
  command.add_option("--isolation,--isolation-level", isolation, "read_committed or read_uncommitted")
      ->check(CLI::IsMember({"read_committed", "read_uncommitted"}));
  command.add_option("-c,--max-messages", count, "Exit after so many records");
  command.add_flag("-e,--exit-at-end", exit_at_end, "Exit at the ends that the partitions have at the start");
  auto* format_option = command.add_option(
      "-f,--format", format,
      "%t topic, %p partition, %o offset, %k key, %K its length, %s value, %S its length, %R its length as four bytes, "
      "%T timestamp, %h headers, %e leader epoch");
  command
      .add_option("--formatter-property", formatter_properties,
                  "As kafka-console-consumer prints: print.key=true, key.separator=, ...; -X takes these as well")
      ->allow_extra_args(false)
      ->excludes(format_option);
  command.add_flag("-J,--json", json, "One JSON object a line; bytes that are not UTF-8 as base64")
      ->excludes(format_option);
  command.add_option("-K,--key-separator", key_separator, "Print keys, with this behind them");
  command.add_option("-D,--delimiter", delimiter, "Printed behind each record")->capture_default_str();
  command.add_flag("-u,--unbuffered", unbuffered, "Write each record at once");
  command.add_flag("-Z,--null", show_null, "Print null as NULL");
  command.add_flag("-E")->group("");  // kcat's: errors that pass end nothing here anyway
  command.add_flag("-C")->group("");  // kcat's letter for this command: its command lines work as they are
}

void ConsumeFlags::settle() {
  topics.insert(topics.end(), more_topics.begin(), more_topics.end());
  if (connect.asks_about_options()) return;
  if (topics.empty()) {
    Error error(Error::Stage::config, "consume", "", "no topic is named");
    throw error.hint("write --topic NAME");
  }
  if (from_beginning) offsets = {"beginning"};
  split_offsets();
  take_console_properties();
  if (!isolation.empty()) connect.properties.push_back("isolation.level=" + isolation);
  check_group();
  check_patterns();
  record_format();  // what is wrong there is told without asking the cluster
}

void ConsumeFlags::split_offsets() {
  for (const std::string& text : offsets) {
    const std::int64_t time_ms = parse_end_time(text);
    if (time_ms >= 0) {
      end_ms = time_ms;
    } else if (start.empty()) {
      start = text;
    } else {
      throw Error(Error::Stage::config, "take --offset " + text, "", "it starts at " + start + " already");
    }
  }
}

/// kafka-console-consumer's formatter properties, also where they stand among those of the client.
void ConsumeFlags::take_console_properties() {
  for (const std::string& pair : formatter_properties) {
    if (!console.set(pair)) {
      Error error(Error::Stage::config, "take --formatter-property " + pair, "", "it is not known");
      throw error.hint(
          "known are print.timestamp partition offset epoch headers key value, key.separator, "
          "line.separator and null.literal");
    }
    as_console = true;
  }
  as_console |= std::erase_if(connect.properties, [&](const std::string& pair) { return console.set(pair); }) > 0;
}

bool ConsumeFlags::keeps_file() const {
  return std::ranges::any_of(connect.properties,
                             [](const std::string& pair) { return pair.starts_with("offset.store.path="); });
}

void ConsumeFlags::check_group() const {
  const StartText start_text = parse_start(start);
  if (group.empty()) {
    if (!start_text.stored || keeps_file()) return;
    Error error(Error::Stage::config, "take --offset stored", "", "only a group or a file has stored offsets");
    throw error.hint("name the group with -G, or the file with -X offset.store.path=FILE");
  }
  if (!partitions.empty()) {
    Error error(Error::Stage::config, "take --partition with --group", "", "the group gives out the partitions");
    throw error.hint("leave one of them out");
  }
  if (start_text.position.kind == client::StartPosition::Kind::offset) {
    Error error(Error::Stage::config, "take --offset " + start + " with --group", "",
                "a group goes on from its commits");
    throw error.hint("write beginning, end, -N or s@MS, for where there is no commit, or leave --group out");
  }
}

void ConsumeFlags::check_patterns() const {
  const group::Subscription subscription(topics);
  if (partitions.empty() || !subscription.has_patterns()) return;
  throw Error(Error::Stage::config, "take --partition", "", "topics are chosen by a pattern")
      .hint("name the topic whose partitions are meant");
}

client::EndPosition ConsumeFlags::end() const {
  if (end_ms >= 0) return client::EndPosition::before_timestamp(end_ms);
  return exit_at_end ? client::EndPosition::at_end() : client::EndPosition::never();
}

RecordFormat ConsumeFlags::record_format() const {
  if (as_console) return RecordFormat::console(console);
  return format.empty() ? RecordFormat::plain(key_separator, delimiter) : RecordFormat(format);
}

}  // namespace barnabas::tools
