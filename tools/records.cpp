// barnabas records: record batches as JSON and back.
#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include "barnabas/protocol/records/batch_json.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/hex.hpp"
#include "barnabas/tools/records_lines.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

struct RecordsFlags {
  std::string input;
  bool jsonl = false;
  bool raw = false;
};

int wrong(Exit code, std::string_view what) {
  print_error_line(fmt::format("barnabas: {}", one_line(what)));
  return code;
}

void print_line(std::string line) {
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stdout);
}

int decode_one(const RecordsFlags& flags) {
  auto text = argument_text(flags.input);
  if (!text) return wrong(exit_failed, text.error());
  const auto set = flags.raw ? std::optional(std::move(*text)) : parse_hex(*text);
  if (!set) return wrong(exit_usage, "what is to be decoded is not hexadecimal; --raw takes the bytes themselves");
  records::BatchPrinter printer{protocol::bytes(*set)};
  for (std::string line; printer.next(line); line.clear()) print_line(line);
  if (printer.refused() == 0) return exit_ok;
  return wrong(exit_data, fmt::format("{} of the batches refused: see their \"error\"", printer.refused()));
}

int encode_one(const RecordsFlags& flags) {
  const auto json = argument_text(flags.input);
  if (!json) return wrong(exit_failed, json.error());
  const auto set = records::batches_from_json(*json);
  if (!set) return wrong(exit_data, set.error());
  if (flags.raw) {
    std::fwrite(set->data(), 1, set->size(), stdout);
    return exit_ok;
  }
  std::string line;
  append_hex(line, *set);
  print_line(line);
  return exit_ok;
}

int convert(const RecordsFlags& flags, bool decode) {
  if (flags.jsonl && !flags.input.empty()) return wrong(exit_usage, "--jsonl reads standard input and nothing else");
  if (flags.jsonl) return convert_record_lines(decode) ? exit_ok : exit_data;
  if (flags.input.empty()) return wrong(exit_usage, "say what to convert: an argument, @FILE, or - for standard input");
  return decode ? decode_one(flags) : encode_one(flags);
}

constexpr char decode_footer[] =
    "\nPrints one object a line for each batch (magic 2) or message (magic 0 and 1), its records inside. A batch that "
    "is\nrefused has \"error\" instead of \"records\"; what follows it is printed all the same, and the exit code is 4 "
    "in the end.\nWith --jsonl each line {\"hex\":\"…\"} of standard input is answered with {\"batches\":[…]}.\n";
constexpr char encode_footer[] =
    "\nTakes what decode prints: one batch, several, an array, or {\"batches\":[…]}. Length, checksum and count are "
    "always\ncomputed; offsets, timestamps and all else only where they are left out. With --jsonl each line is "
    "answered with\n{\"hex\":\"…\"} or {\"error\":\"…\"}.\n";

void add_direction(CLI::App& parent, int& exit_code, bool decode) {
  auto* command = parent.add_subcommand(decode ? "decode" : "encode", decode ? "Bytes to JSON" : "JSON to bytes");
  auto flags = std::make_shared<RecordsFlags>();
  command->add_flag(
      "--raw", flags->raw,
      decode ? "The input is the bytes themselves, not hexadecimal" : "Write the bytes themselves, not hexadecimal");
  command->add_flag("--jsonl", flags->jsonl, "Many record sets, one JSON object a line");
  command
      ->add_option(
          "input", flags->input,
          decode ? "Hexadecimal digits, @FILE, or - for standard input" : "JSON, @FILE, or - for standard input")
      ->type_name("TEXT|@FILE|-");
  command->footer(decode ? decode_footer : encode_footer);
  command->callback([flags, decode, &exit_code] { exit_code = convert(*flags, decode); });
}

}  // namespace

void add_records(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("records", "Record batches and message sets as JSON and back, without a broker");
  command->require_subcommand(1);
  add_direction(*command, exit_code, true);
  add_direction(*command, exit_code, false);
}

}  // namespace barnabas::tools
