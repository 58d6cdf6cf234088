// barnabas protocol: list, describe, decode, encode. Nothing here needs a cluster.
#include <fmt/core.h>

#include <cstdio>

#include "barnabas/protocol/api.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/protocol/json_schema.hpp"
#include "barnabas/protocol/messages/registry.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/hex.hpp"
#include "barnabas/tools/protocol_capture.hpp"
#include "barnabas/tools/protocol_convert.hpp"
#include "barnabas/tools/protocol_lines.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

using protocol::MessageInfo;
using protocol::MessageKind;

constexpr int no_version = -1;

int wrong(int exit_code, std::string_view what) {
  print_error_line("barnabas: " + one_line(what));
  return exit_code;
}

int print_line(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  return exit_ok;
}

// ---- list ----

/// In Kafka's words.
std::vector<std::string_view> scope_of(const MessageInfo& info) {
  if (info.kind == MessageKind::data) return {};
  switch (protocol::listeners(protocol::ApiKey{info.api.key})) {
    case protocol::Listeners::brokers: return {"broker"};
    case protocol::Listeners::controllers: return {"controller"};
    case protocol::Listeners::both: return {"broker", "controller"};
  }
  return {};
}

std::string_view sender_of(const MessageInfo& info) {
  return protocol::sender(protocol::ApiKey{info.api.key}) == protocol::Sender::client ? "client" : "node";
}

std::string joined(const std::vector<std::string_view>& words, std::string_view separator, std::string_view quote) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += separator;
    out.append(quote).append(word).append(quote);
  }
  return out;
}

std::string listed_name(const MessageInfo& info) {
  return info.kind == MessageKind::data ? std::string(info.name) : protocol::api_name(info.api.key);
}

void list_as_json(const MessageInfo& info) {
  const bool data = info.kind == MessageKind::data;
  std::string line = "{";
  if (!data) line += fmt::format("\"key\":{},", info.api.key);
  line += fmt::format(R"("name":"{}","kind":"{}","versions":"{}","flexible":"{}",)", listed_name(info),
                      data ? "data" : "api", versions_text(info.api.versions), versions_text(info.api.flexible));
  if (!info.api.unstable.empty()) line += fmt::format("\"unstable\":\"{}\",", versions_text(info.api.unstable));
  if (!data) line += fmt::format("\"sent_by\":\"{}\",", sender_of(info));
  print_line(line + fmt::format("\"scope\":[{}]}}", joined(scope_of(info), ",", "\"")));
}

void list_as_text(const MessageInfo& info) {
  const bool data = info.kind == MessageKind::data;
  fmt::print("{:>4} {:<32} {:<9} {:<9} {:<9} {:<8} {}\n", data ? "-" : std::to_string(info.api.key), listed_name(info),
             versions_text(info.api.versions), versions_text(info.api.flexible),
             info.api.unstable.empty() ? "" : versions_text(info.api.unstable), data ? "" : sender_of(info),
             data ? "data inside other messages" : joined(scope_of(info), ", ", ""));
}

int list_apis(bool json) {
  if (!json) {
    fmt::print("{:>4} {:<32} {:<9} {:<9} {:<9} {:<8} {}\n", "key", "name", "versions", "flexible", "unstable",
               "sent by", "served by");
  }
  for (const MessageInfo* info : protocol::all_messages()) {
    if (info->kind == MessageKind::response) continue;
    json ? list_as_json(*info) : list_as_text(*info);
  }
  return exit_ok;
}

// ---- describe ----

struct DescribeFlags {
  std::string api;
  std::string kind;
  int version = no_version;
  bool json = false;
};

/// The request and the response of an API, or the message that is named. Empty when there is none; `why` says so.
std::vector<const MessageInfo*> messages_named(const DescribeFlags& flags, std::string& why) {
  std::vector<const MessageInfo*> found;
  if (const auto info = find_message_named(flags.api, flags.kind)) return {*info};
  for (const char* kind : {"request", "response"}) {
    const auto info = find_message_named(flags.api, kind);
    if (info && flags.kind.empty()) found.push_back(*info);
    if (!info) why = info.error();
  }
  if (found.empty() && !flags.kind.empty()) why = find_message_named(flags.api, flags.kind).error();
  return found;
}

int describe_messages(const DescribeFlags& flags) {
  std::string why;
  std::vector<const MessageInfo*> messages;
  if (flags.api.empty()) {
    const auto all = protocol::all_messages();
    messages.assign(all.begin(), all.end());
  } else {
    messages = messages_named(flags, why);
  }
  if (messages.empty()) return wrong(exit_usage, why);
  const char* separator = "";
  for (const MessageInfo* info : messages) {
    if (flags.version != no_version && !info->api.versions.has(flags.version)) {
      return wrong(exit_usage, fmt::format("{} has no version {}, only {}", info->name, flags.version,
                                           versions_text(info->api.versions)));
    }
    if (flags.json) {
      print_line(protocol::schema_json(*info));
      continue;
    }
    const auto version = flags.version == no_version ? std::nullopt : std::optional(flags.version);
    fmt::print("{}{}", separator, protocol::describe(*info, version));
    separator = "\n";
  }
  return exit_ok;
}

// ---- decode and encode ----

struct ConvertFlags {
  std::string api;
  std::string kind;
  int version = no_version;
  bool header = false;
  std::string header_json = "{}";
  bool raw = false;
  bool lenient = false;
  bool jsonl = false;
  std::string input;
  CaptureFlags capture;
};

std::expected<Subject, std::string> subject_of(const ConvertFlags& flags) {
  if (flags.api.empty()) return std::unexpected("say with --api what it is");
  const auto info = find_message_named(flags.api, flags.kind);
  if (!info) return std::unexpected(info.error());
  if (flags.version == no_version) return std::unexpected("say with --version which version it is");
  return Subject{*info, flags.version, flags.header};
}

int decode_one(const ConvertFlags& flags) {
  auto text = argument_text(flags.input);
  if (!text) return wrong(exit_failed, text.error());
  const auto data = flags.raw ? std::optional(std::move(*text)) : parse_hex(*text);
  if (!data) return wrong(exit_usage, "what is to be decoded is not hexadecimal; --raw takes the bytes themselves");
  // A request with its header says itself what it is.
  const bool says_itself = flags.header && flags.api.empty() && (flags.kind.empty() || flags.kind == "request");
  const auto told = says_itself ? subject_of_request(*data) : std::nullopt;
  if (says_itself && !told) return wrong(exit_data, "the bytes do not begin with the header of a request");
  const auto subject = told ? std::expected<Subject, std::string>(*told) : subject_of(flags);
  if (!subject) return wrong(exit_usage, subject.error());
  Converter converter;
  converter.set_mode(flags.lenient ? protocol::lenient : protocol::strict);
  std::string out;
  // Without a header the message stands alone; bulk mode always names it.
  const auto refusal =
      subject->header ? converter.decode(*subject, *data, out) : converter.decode_body(*subject, *data, out);
  if (refusal) {
    return wrong(exit_data, fmt::format("{} version {}: {}", subject->info->name, subject->version, refusal->text()));
  }
  return print_line(out);
}

int encode_one(const ConvertFlags& flags) {
  const auto subject = subject_of(flags);
  if (!subject) return wrong(exit_usage, subject.error());
  const auto json = argument_text(flags.input);
  if (!json) return wrong(exit_failed, json.error());
  Converter converter;
  std::string data, out;
  if (const auto refusal = converter.encode(*subject, *json, flags.header_json, data)) {
    return wrong(exit_data, fmt::format("{} version {}: {}", subject->info->name, subject->version, refusal->text()));
  }
  if (flags.raw) {
    std::fwrite(data.data(), 1, data.size(), stdout);
    return exit_ok;
  }
  append_hex(out, data);
  return print_line(out);
}

int convert(const ConvertFlags& flags, Direction direction) {
  if (!flags.capture.file.empty()) return show_capture(flags.capture);
  if (flags.jsonl && !flags.input.empty()) return wrong(exit_usage, "--jsonl reads standard input and nothing else");
  if (flags.jsonl) return convert_lines(direction);
  if (flags.input.empty()) return wrong(exit_usage, "say what to convert: an argument, @FILE, or - for standard input");
  return direction == Direction::decode ? decode_one(flags) : encode_one(flags);
}

void add_message_flags(CLI::App& command, ConvertFlags& flags) {
  command.add_option("--api", flags.api, "Fetch, FetchRequest, list_offsets, 1, ConsumerProtocolSubscription, …");
  command.add_option("--kind", flags.kind, "request, response or data; not needed when --api names the message")
      ->check(CLI::IsMember({"request", "response", "data"}));
  command.add_option("--version", flags.version, "Version of the message")->check(CLI::Range(0, 0x7fff));
}

constexpr char lines_help[] =
    "\nWith --jsonl standard input has one object a line, and standard output answers each with one, in the same "
    "order:\n"
    "  decode  {\"api\":\"Fetch\",\"kind\":\"request\",\"version\":12,\"hex\":\"…\"}      ->  {\"json\":{…}}\n"
    "  encode  {\"api\":\"Fetch\",\"kind\":\"request\",\"version\":12,\"json\":{…}}     ->  {\"hex\":\"…\"}\n"
    "  with a header in front of the message\n"
    "  decode  {…,\"header\":true,\"hex\":\"…\"}                                   ->  {\"header\":{…},\"json\":{…}}\n"
    "  encode  {…,\"header\":{\"correlation_id\":7,\"client_id\":\"me\"},\"json\":{…}} ->  {\"hex\":\"…\"}\n"
    "A line that is refused is answered with {\"error\":\"…\",\"path\":\"…\",\"offset\":N}, and the exit code is 4 in "
    "the end.\n";

void add_decode(CLI::App& parent, int& exit_code) {
  auto* command = parent.add_subcommand("decode", "Bytes to JSON");
  auto flags = std::make_shared<ConvertFlags>();
  add_message_flags(*command, *flags);
  command->add_flag("--header", flags->header,
                    "The header of the request or response stands in front; a request then needs no --api");
  command->add_flag("--raw", flags->raw, "The input is the bytes themselves, not hexadecimal");
  command->add_flag("--lenient", flags->lenient,
                    "Forgive what Java's client forgives: bytes after the end, tags out of order");
  command->add_flag("--jsonl", flags->jsonl, "Many messages, one JSON object a line");
  command->add_option("input", flags->input, "Hexadecimal digits, @FILE, or - for standard input")
      ->type_name("TEXT|@FILE|-");
  add_capture_flags(*command, flags->capture);
  command->footer(lines_help);
  command->callback([flags, &exit_code] { exit_code = convert(*flags, Direction::decode); });
}

void add_encode(CLI::App& parent, int& exit_code) {
  auto* command = parent.add_subcommand("encode", "JSON to bytes; fields that are left out have their defaults");
  auto flags = std::make_shared<ConvertFlags>();
  add_message_flags(*command, *flags);
  command->add_option_function<std::string>(
      "--header", [flags](const std::string& json) { flags->header = true, flags->header_json = json; },
      "JSON of a header to put in front; {} for one of defaults");
  command->add_flag("--raw", flags->raw, "Write the bytes themselves, not hexadecimal");
  command->add_flag("--jsonl", flags->jsonl, "Many messages, one JSON object a line");
  command->add_option("input", flags->input, "JSON, @FILE, or - for standard input")->type_name("TEXT|@FILE|-");
  command->footer(lines_help);
  command->callback([flags, &exit_code] { exit_code = convert(*flags, Direction::encode); });
}

}  // namespace

void add_protocol(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("protocol", "Kafka's messages: list, describe, decode and encode them");
  command->require_subcommand(1);

  auto* list = command->add_subcommand("list", "All APIs, and the data that travels inside other messages");
  auto json = std::make_shared<bool>(false);
  list->add_flag("--json", *json, "One JSON object a line");
  list->callback([json, &exit_code] { exit_code = list_apis(*json); });

  auto* describe = command->add_subcommand("describe", "The fields of a message, with their versions");
  auto flags = std::make_shared<DescribeFlags>();
  describe->add_option("api", flags->api, "An API, or a message as FetchRequest; all without any");
  describe->add_option("--kind", flags->kind, "request, response or data")
      ->check(CLI::IsMember({"request", "response", "data"}));
  describe->add_option("--version", flags->version, "Only the fields of this version")->check(CLI::Range(0, 0x7fff));
  describe->add_flag("--json", flags->json, "The table as JSON, one object a message");
  describe->callback([flags, &exit_code] { exit_code = describe_messages(*flags); });

  add_decode(*command, exit_code);
  add_encode(*command, exit_code);
}

}  // namespace barnabas::tools
