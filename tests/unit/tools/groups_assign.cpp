#include "barnabas/tools/groups_assign.hpp"

#include <doctest/doctest.h>

#include "barnabas/group/assignors/subscription.hpp"
#include "barnabas/tools/hex.hpp"

using barnabas::tools::assign_line;

TEST_CASE("groups assign: a group in, its assignment out") {
  const auto answer = assign_line(
      R"({"id":7,"assignor":"range","topics":[{"name":"a","partitions":[{"id":1},{"id":0},{"id":2,"replica_racks":null}]}],)"
      R"("members":[{"member_id":"m2","topics":["a"]},{"member_id":"m1","topics":["a"],"rack":null}]})");
  CHECK_FALSE(answer.refused);
  CHECK(answer.line ==
        R"({"id":7,"assignment":{"m1":[{"topic":"a","partitions":[0,1]}],"m2":[{"topic":"a","partitions":[2]}]}})");
}

TEST_CASE("groups assign: what members had counts, as fields, as user data, and as a subscription") {
  const std::string head = R"({"id":"x","assignor":"sticky","topics":[{"name":"a","partitions":[{"id":0},{"id":1}]}],)";
  const std::string wanted =
      R"({"id":"x","assignment":{"m1":[{"topic":"a","partitions":[1]}],"m2":[{"topic":"a","partitions":[0]}]}})";
  CHECK(assign_line(head + R"("members":[{"member_id":"m1","topics":["a"],"owned":[{"topic":"a","partitions":[1]}],)"
                           R"("generation":3},{"member_id":"m2","topics":["a"]}]})")
            .line == wanted);
  CHECK(assign_line(head + R"("members":[{"member_id":"m1","topics":["a"],)"
                           R"("user_data_hex":"00000001 0001 61 00000001 00000001 00000003"},)"
                           R"({"member_id":"m2","topics":["a"]}]})")
            .line == wanted);
  barnabas::group::MemberSubscription member;
  member.topics = {"a"};
  member.user_data = *barnabas::tools::parse_hex("00000001 0001 61 00000001 00000001 00000003");
  std::string hex;
  barnabas::tools::append_hex(hex, barnabas::group::encode_subscription(member));
  CHECK(assign_line(head + R"("members":[{"member_id":"m1","subscription_hex":")" + hex +
                    R"("},{"member_id":"m2","topics":["a"]}]})")
            .line == wanted);
}

TEST_CASE("groups assign: a line that cannot be read says why, under its id") {
  const auto refused = [](std::string_view line, std::string_view what) {
    CAPTURE(line);
    const auto answer = assign_line(line);
    CHECK(answer.refused);
    CHECK_MESSAGE(answer.line.find(what) != std::string::npos, answer.line);
  };
  refused("", "not a JSON object");
  refused("[1]", "not a JSON object");
  refused(R"({"id":3})", R"({"id":3,"error":"\"assignor\" is missing"})");
  refused(R"({"assignor":"best","topics":[],"members":[]})", "there is no assignor best, but range, roundrobin");
  refused(R"({"assignor":"range","topics":7,"members":[]})", "topics");
  refused(R"({"assignor":"range","topics":[{"name":"a","partitions":[{"id":1}]}],"members":[]})", "numbered from 0");
  refused(R"({"assignor":"range","topics":[{"name":"a","partitions":[{"id":-1}]}],"members":[]})", "numbered from 0");
  refused(R"({"assignor":"range","topics":[{"name":"a","partitions":[]},{"name":"a","partitions":[]}],"members":[]})",
          "topic a is there twice");
  refused(R"({"assignor":"range","topics":[],"members":[{"member_id":"m","topics":[]},{"member_id":"m","topics":[]}]})",
          "member m is there twice");
  refused(R"({"assignor":"range","topics":[],"members":[{"member_id":"m","topics":[],"user_data_hex":"0"}]})",
          "not hexadecimal");
  refused(R"({"assignor":"range","topics":[],"members":[{"member_id":"m","subscription_hex":"0001"}]})",
          "the subscription of m");
  refused(R"({"assignor":"range","topics":[],"members":[{"member_id":"m","topics":[],"generation":4294967296}]})",
          "out of range");
}
