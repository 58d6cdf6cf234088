#include "barnabas/client/admin/groups.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>

#include "barnabas/client/admin/coordinator_request.hpp"
#include "barnabas/client/admin/group_readers.hpp"
#include "barnabas/protocol/messages/delete_groups.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

/// Where the four requests keep the ids.
auto& ids_of(protocol::DescribeGroupsRequest& request) { return request.groups; }
auto& ids_of(auto& request) { return request.group_ids; }

template <class Code>
std::string message_of(const Code& message) {
  return message ? std::string(*message) : std::string();
}

/// Empty when the coordinator has no such API, or no group of this id in its protocol. `with` gets its name.
template <class Request>
asio::awaitable<std::optional<GroupDescription>> describe_as(Client& client, const std::string& id, std::string& with,
                                                             runtime::TimePoint deadline) {
  using Response = typename Request::Response;
  CoordinatorRequest<Request> what(id, "describe group " + id);
  what.build = [&id](std::int16_t, protocol::Arena& arena) {
    Request request;
    auto ids = arena.make_list<protocol::string>(1);
    ids[0] = protocol::string(id);
    ids_of(request) = ids;
    return request;
  };
  what.error_of = [](const Response& response, std::int16_t) {
    return response.groups->empty() ? ErrorCode::unknown_server_error
                                    : static_cast<ErrorCode>(*(*response.groups)[0].error_code);
  };
  std::optional<GroupDescription> found;
  try {
    const auto answer = co_await ask_coordinator(client, what, deadline);
    const ErrorCode code = what.error_of(*answer, answer.version);
    with = client.describe(answer.node_id);
    if (code == ErrorCode::group_id_not_found || code == ErrorCode::unsupported_version) co_return std::nullopt;
    if (code != ErrorCode::none) {
      const std::string message =
          answer->groups->empty() ? std::string() : message_of(*(*answer->groups)[0].error_message);
      throw broker_error(code, what.attempted, with, message);
    }
    found = read_description((*answer->groups)[0]);
    found->coordinator = answer.node_id;
  } catch (const Error& error) {
    if (error.stage() != Error::Stage::version) throw;
  }
  co_return found;
}

}  // namespace

std::string_view name(GroupType type) {
  switch (type) {
    case GroupType::classic: return "classic";
    case GroupType::consumer: return "consumer";
    case GroupType::share: return "share";
    case GroupType::streams: return "streams";
    case GroupType::unknown: break;
  }
  return "unknown";
}

GroupType parse_group_type(std::string_view text) {
  const auto same = [&](std::string_view other) {
    return std::ranges::equal(text, other, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  for (const GroupType type : {GroupType::classic, GroupType::consumer, GroupType::share, GroupType::streams}) {
    if (same(name(type))) return type;
  }
  return GroupType::unknown;
}

Error no_such_group(std::string attempted, const std::string& id, std::string with) {
  Error error(Error::Stage::broker, std::move(attempted), std::move(with), "there is no group " + id);
  error.code(ErrorCode::group_id_not_found).hint("barnabas groups list names those that there are");
  return error;
}

asio::awaitable<GroupDescription> describe_group(Client& client, std::string id, runtime::TimePoint deadline) {
  std::string with;
  auto found = co_await describe_as<protocol::ConsumerGroupDescribeRequest>(client, id, with, deadline);
  if (!found) found = co_await describe_as<protocol::DescribeGroupsRequest>(client, id, with, deadline);
  if (!found) found = co_await describe_as<protocol::ShareGroupDescribeRequest>(client, id, with, deadline);
  if (!found) found = co_await describe_as<protocol::StreamsGroupDescribeRequest>(client, id, with, deadline);
  if (!found) throw no_such_group("describe group " + id, id, std::move(with));
  co_return *std::move(found);
}

asio::awaitable<void> delete_group(Client& client, std::string id, runtime::TimePoint deadline) {
  using Response = protocol::DeleteGroupsResponse;
  CoordinatorRequest<protocol::DeleteGroupsRequest> what(id, "delete group " + id);
  what.since = "Kafka 1.1";
  what.build = [&id](std::int16_t, protocol::Arena& arena) {
    protocol::DeleteGroupsRequest request;
    auto ids = arena.make_list<protocol::string>(1);
    ids[0] = protocol::string(id);
    request.groups_names = ids;
    return request;
  };
  what.error_of = [](const Response& response, std::int16_t) {
    return response.results->empty() ? ErrorCode::unknown_server_error
                                     : static_cast<ErrorCode>(*(*response.results)[0].error_code);
  };
  const auto answer = co_await ask_coordinator(client, what, deadline);
  const ErrorCode code = what.error_of(*answer, answer.version);
  std::string with = client.describe(answer.node_id);
  if (code == ErrorCode::group_id_not_found) throw no_such_group(what.attempted, id, std::move(with));
  if (code != ErrorCode::none) throw broker_error(code, what.attempted, std::move(with));
}

}  // namespace barnabas::client
