// Messages against bytes and JSON that Kafka's own Java classes wrote: fixtures/golden/protocol.jsonl has each message
// in its lowest and highest version, found.jsonl the random ones that once went wrong.
#include <fstream>

#include "barnabas/protocol/frame.hpp"
#include "barnabas/protocol/json.hpp"
#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

/// One line: {"api","kind","version"[,"header":{…}],"hex","json":{…}}, the JSON last, without white space.
struct Line {
  std::string text;

  std::string_view word(std::string_view key) const {
    const std::string start = '"' + std::string(key) + "\":\"";
    const std::size_t at = text.find(start) + start.size();
    return std::string_view(text).substr(at, text.find('"', at) - at);
  }
  int16 version() const {
    const std::string_view key = "\"version\":";
    return static_cast<int16>(std::stoi(text.substr(text.find(key) + key.size())));
  }
  std::string_view json() const {
    const std::string_view key = "\"json\":";
    const std::size_t at = text.find(key, text.find("\"hex\":")) + key.size();
    return std::string_view(text).substr(at, text.size() - 1 - at);
  }
  bool has_header() const { return text.find("\"header\":") < text.find("\"hex\":"); }

  const MessageInfo* message() const {
    std::string name(word("api"));
    if (word("kind") == "request") name += "Request";
    if (word("kind") == "response") name += "Response";
    return find_message(name);
  }

  /// The message without the header that may stand before it.
  std::string body(const MessageInfo& info) const {
    std::string data = octets(word("hex"));
    if (has_header()) data.erase(0, header_size(info, data));
    return data;
  }

 private:
  std::size_t header_size(const MessageInfo& info, const std::string& data) const {
    if (info.kind == MessageKind::request) return decode_request_header(data).value().body_at;
    return decode_response_header(data, response_header_version(info.api.key, version())).value().body_at;
  }
};

std::vector<Line> lines_of(const std::string& name) {
  std::ifstream file(BARNABAS_SOURCE_ROOT "/fixtures/golden/" + name, std::ios::binary);
  std::vector<Line> lines;
  for (std::string text; std::getline(file, text);) lines.push_back({std::move(text)});
  return lines;
}

/// The bytes are read as the JSON, and the JSON is written as the bytes.
void check(const Line& line) {
  CAPTURE(line.text.substr(0, 1000));
  const MessageInfo* info = line.message();
  REQUIRE(info);
  const std::string body = line.body(*info);
  const Exact exact(body);
  Arena arena;

  DecodeError error;
  UnknownTags read_tags;
  void* read = new_message(*info, arena);
  const bool decoded = decode(*info, read, exact.view(), line.version(), arena, strict, error, &read_tags);
  CHECK_MESSAGE(decoded, error.text());

  UnknownTags said_tags;
  void* said = new_message(*info, arena);
  const auto parsed = from_json(*info, said, line.json(), line.version(), arena, &said_tags);
  CHECK_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text()));
  if (!decoded || !parsed) return;

  CHECK(to_json(*info, read, line.version(), &read_tags, Secrets::reveal) ==
        to_json(*info, said, line.version(), &said_tags, Secrets::reveal));
  const auto written = encode(*info, said, line.version(), &said_tags);
  REQUIRE(written);
  CHECK(dump(*written) == dump(body));
}

}  // namespace

TEST_CASE("Kafka's bytes and JSON of each message, lowest and highest version") {
  const std::vector<Line> lines = lines_of("protocol.jsonl");
  for (const Line& line : lines) check(line);
  std::vector<bool> seen(all_messages().size());
  for (const Line& line : lines) {
    const auto found = std::ranges::find(all_messages(), line.message());
    if (found != all_messages().end()) seen[found - all_messages().begin()] = true;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK_MESSAGE(seen[i], "no golden bytes of ", all_messages()[i]->name, ": see tests/peer/README.md");
  }
}

TEST_CASE("random messages of Kafka's that once went wrong") {
  for (const Line& line : lines_of("found.jsonl")) check(line);
}

}  // namespace barnabas::protocol::test
