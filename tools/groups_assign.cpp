#include "barnabas/tools/groups_assign.hpp"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <stdexcept>

#include "barnabas/group/assignors/assignor.hpp"
#include "barnabas/group/assignors/subscription.hpp"
#include "barnabas/protocol/json.hpp"
#include "barnabas/tools/hex.hpp"

namespace barnabas::tools {
namespace {

using client::TopicPartition;
using group::MemberSubscription;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// What is wrong with a line.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A field of the object, or nothing when it is absent or null.
template <class T>
std::optional<T> field(const object& from, std::string_view name) {
  element value;
  if (from[name].get(value) || value.is_null()) return std::nullopt;
  T read;
  if (value.get(read)) throw Refusal(fmt::format("\"{}\" is of the wrong type", name));
  return read;
}

template <class T>
T needed(const object& from, std::string_view name) {
  auto value = field<T>(from, name);
  if (!value) throw Refusal(fmt::format("\"{}\" is missing", name));
  return *value;
}

template <class T>
T as(const element& value, std::string_view list) {
  T read;
  if (value.get(read)) throw Refusal(fmt::format("an item of \"{}\" is of the wrong type", list));
  return read;
}

std::string text(const object& from, std::string_view name) {
  return std::string(field<std::string_view>(from, name).value_or(""));
}

std::int32_t number(std::int64_t value, std::string_view name) {
  if (value < INT32_MIN || value > INT32_MAX) throw Refusal(fmt::format("\"{}\" is out of range", name));
  return static_cast<std::int32_t>(value);
}

std::string from_hex(const object& from, std::string_view name) {
  auto data = parse_hex(text(from, name));
  if (!data) throw Refusal(fmt::format("\"{}\" is not hexadecimal", name));
  return *std::move(data);
}

group::TopicShape shape_of(const object& topic) {
  const auto partitions = needed<array>(topic, "partitions");
  group::TopicShape shape(partitions.size());
  std::vector<bool> seen(partitions.size());
  for (const element each : partitions) {
    const auto partition = as<object>(each, "partitions");
    const auto id = static_cast<std::size_t>(needed<std::int64_t>(partition, "id"));
    if (id >= seen.size() || seen[id]) throw Refusal("partitions of a topic are numbered from 0, each number once");
    seen[id] = true;
    if (const auto racks = field<array>(partition, "replica_racks")) {
      for (const element rack : *racks) shape.racks[id].emplace(as<std::string_view>(rack, "replica_racks"));
    }
  }
  return shape;
}

group::TopicShapes topics_of(const object& line) {
  group::TopicShapes topics;
  for (const element each : needed<array>(line, "topics")) {
    const auto topic = as<object>(each, "topics");
    const std::string name(needed<std::string_view>(topic, "name"));
    if (!topics.emplace(name, shape_of(topic)).second) throw Refusal("topic " + name + " is there twice");
  }
  return topics;
}

std::vector<TopicPartition> owned_of(const object& member) {
  std::vector<TopicPartition> owned;
  const auto topics = field<array>(member, "owned");
  if (!topics) return owned;
  for (const element each : *topics) {
    const auto topic = as<object>(each, "owned");
    const std::string name(needed<std::string_view>(topic, "topic"));
    for (const element id : needed<array>(topic, "partitions")) {
      owned.emplace_back(name, number(as<std::int64_t>(id, "partitions"), "partitions"));
    }
  }
  std::ranges::sort(owned);
  owned.erase(std::ranges::unique(owned).begin(), owned.end());
  return owned;
}

MemberSubscription member_of(const object& from, const group::Assignor& assignor) {
  MemberSubscription member;
  member.member_id = needed<std::string_view>(from, "member_id");
  member.group_instance_id = text(from, "instance_id");
  if (field<std::string_view>(from, "subscription_hex")) {
    const std::string data = from_hex(from, "subscription_hex");
    if (const auto read = group::decode_subscription(protocol::bytes(data), member); !read) {
      throw Refusal(fmt::format("the subscription of {}: {}", member.member_id, read.error()));
    }
    return member;
  }
  for (const element topic : needed<array>(from, "topics")) {
    member.topics.emplace_back(as<std::string_view>(topic, "topics"));
  }
  member.rack = text(from, "rack");
  member.owned_partitions = owned_of(from);
  member.generation = number(field<std::int64_t>(from, "generation").value_or(-1), "generation");
  member.user_data = field<std::string_view>(from, "user_data_hex")
                         ? from_hex(from, "user_data_hex")
                         : assignor.user_data(member.owned_partitions, member.generation);
  return member;
}

std::vector<MemberSubscription> members_of(const object& line, const group::Assignor& assignor) {
  std::vector<MemberSubscription> members;
  std::set<std::string> ids;
  for (const element each : needed<array>(line, "members")) {
    members.push_back(member_of(as<object>(each, "members"), assignor));
    if (!ids.insert(members.back().member_id).second) {
      throw Refusal("member " + members.back().member_id + " is there twice");
    }
  }
  return members;
}

void append_partitions(std::string& out, const std::vector<TopicPartition>& partitions) {
  out += '[';
  const std::string* topic = nullptr;
  for (const auto& partition : partitions) {
    if (topic && *topic == partition.topic) {
      out += ',';
    } else {
      out += topic ? "]},{\"topic\":" : "{\"topic\":";
      protocol::append_json_string(out, partition.topic);
      out += ",\"partitions\":[";
      topic = &partition.topic;
    }
    out += std::to_string(partition.partition);
  }
  out += topic ? "]}]" : "]";
}

std::string assignment_of(const object& line) {
  const auto name = needed<std::string_view>(line, "assignor");
  const group::Assignor* assignor = group::find_assignor(name);
  if (!assignor) throw Refusal(fmt::format("there is no assignor {}, but {}", name, group::assignor_names()));
  const auto topics = topics_of(line);
  const auto members = members_of(line, *assignor);
  std::string out = "\"assignment\":{";
  for (const auto& [member, partitions] : assignor->assign(topics, members)) {
    if (out.back() != '{') out += ',';
    protocol::append_json_string(out, member);
    out += ':';
    append_partitions(out, partitions);
  }
  return out + '}';
}

}  // namespace

AssignAnswer assign_line(std::string_view line) {
  AssignAnswer answer;
  answer.line = "{";
  simdjson::dom::parser parser;
  try {
    object group;
    if (parser.parse(simdjson::padded_string(line)).get(group)) throw Refusal("the line is not a JSON object");
    if (element id; !group["id"].get(id)) answer.line += "\"id\":" + simdjson::minify(id) + ',';
    answer.line += assignment_of(group);
  } catch (const Refusal& refusal) {
    answer.refused = true;
    answer.line += "\"error\":";
    protocol::append_json_string(answer.line, refusal.what());
  }
  answer.line += '}';
  return answer;
}

bool assign_lines() {
  std::ios::sync_with_stdio(false);
  bool all_taken = true;
  for (std::string line; std::getline(std::cin, line);) {
    AssignAnswer answer = assign_line(line);
    answer.line += '\n';
    std::fwrite(answer.line.data(), 1, answer.line.size(), stdout);
    all_taken = all_taken && !answer.refused;
  }
  return all_taken;
}

}  // namespace barnabas::tools
