#include <array>
#include <limits>

#include "barnabas/handlers/options.hpp"

namespace barnabas::handlers {
namespace {

using client::option_row;
using client::option_row_of;
using R = RemoteOptions;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t url_size_max = 8'192;

constexpr client::OptionRow remote_rows[] = {
    option_row<&R::endpoint>("endpoint", "url", 0, url_size_max, "URL that bodies are posted to: http:// or https://."),
    option_row<&R::send_message_count>(
        "send_message_count", "", 1, 1'000'000,
        "Records in one request; fewer when flush_interval_ms or batch_bytes_max come first."),
    option_row<&R::flush_interval_ms>("flush_interval_ms", "", 1, hour_ms,
                                      "How long the first record of a batch waits for others at most."),
    option_row<&R::batch_bytes_max>("batch_bytes_max", "", 1'024, 1 << 30,
                                    "Size of one body; a record that is larger alone goes out alone."),
    option_row<&R::thread>("thread", "threads", 1, 1'024,
                           "Requests in flight; memory grows with it (two bodies each)."),
    option_row_of<&R::ordering>("ordering", "", "partition key none",
                                "What must not overtake what: records of a partition, of a key, or nothing."),
    option_row<&R::debug>("debug", "", "One request a record, with the raw value as its body."),
    option_row<&R::is_response_point>("is_response_point", "",
                                      "Points in the response; accepted, but responses are not read in this version."),
    option_row<&R::header_check>("header_check", "",
                                 "Drops and counts values without the four-byte header of one family of agents."),
    option_row<&R::connect_timeout_ms>("connect_timeout_ms", "", 10, hour_ms,
                                       "Bound of connecting; timeout_ms bounds it too."),
    option_row<&R::timeout_ms>("timeout_ms", "response_timeout_ms", 10, hour_ms,
                               "Bound of one request from its start to the end of the response."),
    option_row_of<&R::on_rejected>(
        "on_rejected", "", "retry drop",
        "For statuses that say the request itself is wrong: keep trying slowly, or drop and count."),
    option_row<&R::retry_backoff_ms>(
        "retry_backoff_ms", "", 1, hour_ms,
        "Pause before the third attempt (the second comes at once); it doubles, with jitter."),
    option_row<&R::retry_backoff_max_ms>("retry_backoff_max_ms", "", 1, hour_ms, "Longest pause between attempts."),
};

constexpr client::OptionRow stdout_rows[] = {
    option_row_of<&StdoutOptions::format>("format", "", "value json",
                                          "The values alone, one a line, or one JSON object a line with everything."),
};

const RemoteOptions remote_defaults;
const StdoutOptions stdout_defaults;

constexpr std::array<std::string_view, 3> type_names = {"remote", "null", "stdout"};

}  // namespace

const client::OptionTableOf<RemoteOptions>& remote_option_table() {
  static const client::OptionTableOf<RemoteOptions> table("Handler: remote", remote_rows, remote_defaults);
  return table;
}

const client::OptionTableOf<StdoutOptions>& stdout_option_table() {
  static const client::OptionTableOf<StdoutOptions> table("Handler: stdout", stdout_rows, stdout_defaults);
  return table;
}

std::span<const std::string_view> handler_type_names() { return type_names; }

std::string_view name(HandlerType type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<HandlerType> parse_handler_type(std::string_view text) {
  for (std::size_t i = 0; i < type_names.size(); ++i) {
    if (type_names[i] == text) return static_cast<HandlerType>(i);
  }
  return std::nullopt;
}

void add_options(client::OptionSet& set, HandlerOptions& options) {
  switch (options.type) {
    case HandlerType::remote: set.add(remote_option_table(), options.remote); return;
    case HandlerType::standard_output: set.add(stdout_option_table(), options.standard_output); return;
    case HandlerType::null: return;
  }
}

std::string check_endpoint(const std::string& url) {
  if (url.empty()) return "endpoint is missing: the URL that records are posted to";
  const std::string_view rest = url.starts_with("http://")    ? std::string_view(url).substr(7)
                                : url.starts_with("https://") ? std::string_view(url).substr(8)
                                                              : std::string_view();
  const bool has_host = !rest.empty() && rest.front() != '/' && rest.front() != ':' && rest.front() != '?';
  const bool is_clean = url.find_first_of(" \t\r\n\"<>") == url.npos;
  if (has_host && is_clean) return {};
  return "endpoint \"" + url + "\" is no URL to post to; write http://HOST:PORT/PATH";
}

std::vector<std::string> check_relations(const RemoteOptions& options) {
  std::vector<std::string> problems;
  if (std::string problem = check_endpoint(options.endpoint); !problem.empty()) problems.push_back(std::move(problem));
  if (options.retry_backoff_ms > options.retry_backoff_max_ms) {
    problems.push_back("retry_backoff_ms is above retry_backoff_max_ms");
  }
  return problems;
}

std::vector<std::string> check_relations(const HandlerOptions& options) {
  return options.type == HandlerType::remote ? check_relations(options.remote) : std::vector<std::string>();
}

}  // namespace barnabas::handlers
