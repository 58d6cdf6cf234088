#include "barnabas/tools/groups_file.hpp"

#include <fmt/core.h>
#include <simdjson.h>

#include "barnabas/client/error.hpp"
#include "barnabas/handlers/json_text.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/groups_table.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

using client::GroupOffset;
using client::TopicPartition;
using Listed = std::map<TopicPartition, std::int64_t>;

Error unreadable(const std::string& place, std::string why) {
  Error error(Error::Stage::config, "read " + place, "", std::move(why));
  return error.hint("write lines topic,partition,offset, or what barnabas groups export prints");
}

void add(Listed& listed, std::string_view topic, std::optional<std::int64_t> partition,
         std::optional<std::int64_t> offset, const std::string& place) {
  if (topic.empty()) throw unreadable(place, "there is no topic");
  if (!partition || *partition < 0 || *partition > max_partition) throw unreadable(place, "there is no partition");
  if (!offset || *offset < 0) throw unreadable(place, "there is no offset");
  const TopicPartition where(std::string(topic), static_cast<std::int32_t>(*partition));
  if (!listed.emplace(where, *offset).second) throw unreadable(place, where.text() + " is there twice");
}

/// The fields of a line of RFC 4180. Quoted ones hold no line ends here: no name of Kafka's does.
std::vector<std::string> csv_fields(std::string_view line, const std::string& place) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && line.substr(i + 1).starts_with('"')) {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted) throw unreadable(place, "a quote is not closed");
  return fields;
}

Listed read_lines(std::string_view content, const std::string& group, const std::string& path) {
  Listed listed;
  for (int number = 1; !content.empty(); ++number) {
    const std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(end == content.npos ? content.size() : end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string place = fmt::format("{}:{}", path, number);
    std::vector<std::string> fields = csv_fields(line, place);
    const bool names_columns = number == 1 && fields.size() >= 3 && fields[fields.size() - 2] == "partition";
    if (names_columns) continue;
    if (fields.size() == 4) {
      if (fields.front() != group) continue;
      fields.erase(fields.begin());
    }
    if (fields.size() != 3) throw unreadable(place, fmt::format("it has {} fields", fields.size()));
    add(listed, fields[0], parse_number(fields[1]), parse_number(fields[2]), place);
  }
  return listed;
}

template <class T>
std::optional<T> field(const simdjson::dom::object& object, const char* name) {
  T value;
  return object[name].get(value) ? std::nullopt : std::optional<T>(value);
}

Listed read_json(std::string_view content, const std::string& path) {
  Listed listed;
  simdjson::dom::parser parser;
  simdjson::dom::array offsets;
  if (parser.parse(simdjson::padded_string(content))["offsets"].get(offsets)) {
    throw unreadable(path, "it is no JSON with \"offsets\"");
  }
  int number = 0;
  for (const simdjson::dom::element each : offsets) {
    const std::string place = fmt::format("{}: item {} of \"offsets\"", path, ++number);
    simdjson::dom::object object;
    if (each.get(object)) throw unreadable(place, "it is no object");
    add(listed, field<std::string_view>(object, "topic").value_or(""), field<std::int64_t>(object, "partition"),
        field<std::int64_t>(object, "offset"), place);
  }
  return listed;
}

}  // namespace

std::string offsets_json(const std::string& group, client::GroupType type, const std::vector<GroupOffset>& offsets) {
  Table table({{"topic"}, {"partition"}, {"offset"}, {"leader_epoch"}, {"metadata"}});
  for (const GroupOffset& offset : offsets) {
    table.rows.push_back({words(offset.partition.topic), number(offset.partition.partition), number(offset.offset),
                          natural(offset.leader_epoch), words(offset.metadata)});
  }
  return fmt::format("{{\"group\":{},\"type\":\"{}\",\"offsets\":{}}}\n", handlers::json_string(group), name(type),
                     table_json(table));
}

std::string offsets_csv(const std::vector<GroupOffset>& offsets) {
  std::string out;
  for (const GroupOffset& offset : offsets) {
    out +=
        csv_line({offset.partition.topic, std::to_string(offset.partition.partition), std::to_string(offset.offset)});
    out += '\n';
  }
  return out;
}

Listed read_offsets_file(std::string_view content, const std::string& group, const std::string& path) {
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  const bool json = first != content.npos && content[first] == '{';
  Listed listed = json ? read_json(content, path) : read_lines(content, group, path);
  if (listed.empty()) throw unreadable(path, "it names no partition of group " + group);
  return listed;
}

}  // namespace barnabas::tools
